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

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// capacity places the pods on the nodes that they fit, next to the running pods, and
// returns the pods that stay pending.
func (r *run) capacity(ctx context.Context) ([]Finding, error) {
	if len(r.pods) == 0 {
		return nil, nil
	}
	all, err := r.allNodes()
	if apierrors.IsForbidden(err) { // the scheduling check reports it
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	fitting := map[*pod][]corev1.Node{}
	free := map[string]corev1.ResourceList{} // by node
	for _, p := range r.pods {
		fitting[p], _ = p.fit(all)
		for _, n := range fitting[p] {
			if p.copies > 0 {
				free[n.Name] = n.Status.Allocatable.DeepCopy()
			}
		}
	}
	if len(free) == 0 || len(free) > manyNodes {
		return nil, nil
	}
	running, err := r.runningOn(ctx, all, slices.Sorted(maps.Keys(free)))
	if r.skipped.forbids(err, "pods of all namespaces", "free capacity of the nodes") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, p := range running {
		if mine := p.Namespace == r.Namespace && r.replaces(p.Labels); !mine && free[p.Spec.NodeName] != nil {
			add(free[p.Spec.NodeName], requestOf(&p), -1)
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

// manyNodes is the number of nodes above which the capacity is not checked: listing
// all their pods is expensive, and one of so many nodes probably has capacity.
const manyNodes = 50

// runningOn returns the pods that use resources of these nodes. It queries a
// large cluster node by node, for which the server has an index.
func (r *run) runningOn(ctx context.Context, all []corev1.Node, nodes []string) ([]corev1.Pod, error) {
	selectors := []string{"spec.nodeName!="}
	if len(all) > manyNodes {
		selectors = nil
		for _, name := range nodes {
			selectors = append(selectors, "spec.nodeName="+name)
		}
	}
	running, err := collect(ctx, selectors, func(ctx context.Context, selector string) ([]corev1.Pod, error) {
		list, err := r.Client.CoreV1().Pods(metav1.NamespaceAll).List(ctx, metav1.ListOptions{
			ResourceVersion: "0", FieldSelector: selector + ",status.phase!=Succeeded,status.phase!=Failed",
		})
		if err != nil {
			return nil, err
		}
		return list.Items, nil
	})
	return slices.Concat(running...), err
}

// replaces reports whether the labels belong to a revision that a release
// replaces.
func (r *run) replaces(labels map[string]string) bool {
	return slices.ContainsFunc(r.releases, func(release dryrun.Release) bool {
		return len(release.Previous) > 0 && labels[ownership.InstanceLabel] == release.Name
	})
}

// ready reports whether a node accepts pods now.
func ready(n corev1.Node) bool {
	return !n.Spec.Unschedulable && slices.ContainsFunc(n.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
	})
}

// place subtracts the requests of the pod and its copies from the free
// resources. It returns a finding if some of them stay pending.
func (p *pod) place(nodes []corev1.Node, free map[string]corev1.ResourceList) Finding {
	request := p.request()
	placed := int64(0)
	for ; placed < p.copies; placed++ {
		i := slices.IndexFunc(nodes, func(n corev1.Node) bool { return within(request, free[n.Name]) })
		if i < 0 {
			break
		}
		add(free[nodes[i].Name], request, -1)
	}
	if placed >= p.copies {
		return Finding{}
	}
	f := p.found(Warning, "insufficient-capacity", "")
	f.Fix = hint.Hint{Text: "wait, or stop other pods", Command: hint.Kubectl("get", "pods", "-A", "-o", "wide")}
	pending := fmt.Sprintf("%d of %s will be pending", p.copies-placed, source.Count(p.copies, "pod"))
	if len(nodes) == 0 {
		f.What = pending + ": no matching node is ready"
		return f
	}
	f.What = pending + ": insufficient resources on " + source.Count(len(nodes), "matching node")
	if short := shortOf(request, nodes, free); len(short) > 0 {
		f.What += " (" + strings.Join(short, "; ") + ")"
	}
	return f
}

// shortOf returns the resources of which no node has enough left.
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
			short = append(short, fmt.Sprintf("requested %s %s, available %s", wanted.String(), name, most.String()))
		}
	}
	return short
}
