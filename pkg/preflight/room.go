package preflight

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// grows reports whether nodes that are not there yet may come, of kinds of which
// none is there at present: groups of nodes scale to zero. Then it is no error
// that no node can hold a pod. Known signs are Karpenter's API and the status
// that the cluster autoscaler keeps; who may not see the latter can't know.
func (r *run) grows(ctx context.Context) (bool, error) {
	if _, err := r.Mapper.RESTMapping(schema.GroupKind{Group: "karpenter.sh", Kind: "NodePool"}); err == nil {
		return true, nil
	}
	_, err := r.Client.CoreV1().ConfigMaps(metav1.NamespaceSystem).Get(ctx, "cluster-autoscaler-status", metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return false, nil
	case apierrors.IsForbidden(err):
		return true, nil
	}
	return err == nil, err
}

// room puts the pods on the nodes that they fit, after those that run there
// already, and tells which are left over: they wait.
func (r *run) room(ctx context.Context, fitting map[*pod][]corev1.Node) ([]Finding, error) {
	if !slices.ContainsFunc(r.pods, func(p *pod) bool { return len(fitting[p]) > 0 && p.copies > 0 }) {
		return nil, nil
	}
	running, err := r.Client.CoreV1().Pods(metav1.NamespaceAll).List(ctx, metav1.ListOptions{
		ResourceVersion: "0", FieldSelector: "spec.nodeName!=,status.phase!=Succeeded,status.phase!=Failed",
	})
	if r.unread.forbids(err, "pods of all namespaces", "whether nodes have room at the moment") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	free := map[string]corev1.ResourceList{} // by node
	for _, nodes := range fitting {
		for _, n := range nodes {
			free[n.Name] = n.Status.Allocatable.DeepCopy()
		}
	}
	for i := range running.Items {
		if p := &running.Items[i]; !(p.Namespace == r.Namespace && r.replaces(p.Labels)) && free[p.Spec.NodeName] != nil {
			take(free[p.Spec.NodeName], requestOf(p))
		}
	}
	var findings []Finding
	for _, p := range r.pods {
		if f := p.place(filter(fitting[p], ready), free); f.Severity != "" && len(fitting[p]) > 0 {
			findings = append(findings, f)
		}
	}
	return findings, nil
}

// replaces reports whether labels are those of a revision that a release
// replaces.
func (r *run) replaces(labels map[string]string) bool {
	return slices.ContainsFunc(r.releases, func(release Release) bool {
		return len(release.Previous) > 0 && labels[instanceLabel] == release.Name
	})
}

// ready reports whether a node takes pods now.
func ready(n corev1.Node) bool {
	return !n.Spec.Unschedulable && slices.ContainsFunc(n.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
	})
}

// place takes what the pod and its copies need from what is free.
func (p *pod) place(nodes []corev1.Node, free map[string]corev1.ResourceList) Finding {
	request := p.request()
	placed := int64(0)
	for ; placed < p.copies; placed++ {
		i := slices.IndexFunc(nodes, func(n corev1.Node) bool { return within(request, free[n.Name]) })
		if i < 0 {
			break
		}
		take(free[nodes[i].Name], request)
	}
	if placed >= p.copies {
		return Finding{}
	}
	f := p.found(Warning, "no-room", "")
	f.Fix = "wait, or see what runs there: kubectl get pods -A -o wide"
	waiting := fmt.Sprintf("%d of %s will wait", p.copies-placed, plural(int(p.copies), "pod"))
	if len(nodes) == 0 {
		f.What = waiting + ": no node that can hold one is ready"
		return f
	}
	f.What = waiting + ": no room on the " + plural(len(nodes), "node") + " that could hold one"
	if short := shortOf(request, nodes, free); len(short) > 0 {
		f.What += ", where at most " + strings.Join(short, ", ") + " is free"
	}
	return f
}

// shortOf names the resources of which no node has enough left.
func shortOf(request corev1.ResourceList, nodes []corev1.Node, free map[string]corev1.ResourceList) []string {
	var short []string
	for _, name := range slices.Sorted(maps.Keys(request)) {
		var most resource.Quantity
		for _, n := range nodes {
			if left := free[n.Name][name]; left.Cmp(most) > 0 {
				most = left
			}
		}
		if wanted := request[name]; wanted.Cmp(most) > 0 {
			short = append(short, fmt.Sprintf("%s of the %s %s", most.String(), wanted.String(), name))
		}
	}
	return short
}

func take(free, request corev1.ResourceList) {
	for name, wanted := range request {
		left := free[name]
		left.Sub(wanted)
		free[name] = left
	}
}
