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
	podresources "k8s.io/component-helpers/resource"
	scheduling "k8s.io/component-helpers/scheduling/corev1"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
	"k8s.io/klog/v2"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// scheduling returns the pods that fit no node, even an empty one.
func (r *run) scheduling(ctx context.Context) ([]Finding, error) {
	if len(r.pods) == 0 {
		return nil, nil
	}
	nodes, err := r.allNodes()
	if r.skipped.forbids(err, "nodes", "scheduling") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var findings []Finding
	for _, p := range r.pods {
		if _, f := p.fit(nodes); f.Severity != "" && p.copies > 0 {
			findings = append(findings, f)
		}
	}
	if len(findings) > 0 {
		canScaleUp, err := r.canScaleUp(ctx)
		for i := range findings {
			if canScaleUp {
				findings[i].Severity = Warning
				findings[i].What += "; an autoscaler may add a suitable node"
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return findings, nil
}

// fit returns the nodes that could hold the pod if they were empty. If there
// are none, the finding names the requirement that excludes the last ones.
func (p *pod) fit(nodes []corev1.Node) ([]corev1.Node, Finding) {
	f := p.found(Error, "unschedulable", "")
	if len(nodes) == 0 {
		f.What, f.Fix = "the cluster has no nodes", hint.Hint{Text: "add a node"}
		return nil, f
	}
	chosen := filter(nodes, p.chooses)
	if len(chosen) == 0 {
		p.noMatchingNode(&f, nodes)
		return nil, f
	}
	open := filter(chosen, p.tolerates)
	if len(open) == 0 {
		f.Field, f.What = field.Tolerations, fmt.Sprintf("all %s have untolerated taints, such as %s", source.Count(len(chosen), "matching node"), p.taint(chosen[0]))
		if len(chosen) == 1 {
			f.What = "the only matching node has an untolerated taint: " + p.taint(chosen[0])
		}
		f.Fix = hint.Hint{Text: "select other nodes by their labels, or remove the taint", Command: hint.Kubectl("taint", "nodes", "NODE", "KEY-")}
		return nil, f
	}
	request := p.request()
	fit := filter(open, func(n corev1.Node) bool { return within(request, n.Status.Allocatable) })
	if len(fit) == 0 {
		p.insufficientResources(&f, request, open)
		return nil, f
	}
	return fit, Finding{}
}

// chooses reports whether the pod's nodeSelector and affinity allow the node.
func (p *pod) chooses(n corev1.Node) bool {
	ok, err := nodeaffinity.NewRequiredNodeAffinity(p.admitted.NodeSelector, p.admitted.Affinity).Match(&n)
	return ok && err == nil && (p.admitted.NodeName == "" || p.admitted.NodeName == n.Name)
}

// tolerates reports whether the pod may run on the node. It ignores the
// temporary taints of nodes that are not ready or cordoned.
func (p *pod) tolerates(n corev1.Node) bool { return p.taint(n) == "" }

// taint returns a taint of the node that the pod does not tolerate, or "".
func (p *pod) taint(n corev1.Node) string {
	lasting := func(t *corev1.Taint) bool {
		return t.Effect != corev1.TaintEffectPreferNoSchedule && !strings.HasPrefix(t.Key, "node.kubernetes.io/")
	}
	taint, untolerated := scheduling.FindMatchingUntoleratedTaint(klog.Background(), n.Spec.Taints, p.admitted.Tolerations, lasting, true)
	if !untolerated {
		return ""
	}
	return taint.ToString()
}

// request returns the resources that one pod requests.
func (p *pod) request() corev1.ResourceList { return requestOf(&corev1.Pod{Spec: p.admitted}) }

func requestOf(p *corev1.Pod) corev1.ResourceList {
	request := podresources.PodRequests(p, podresources.PodResourcesOptions{})
	request[corev1.ResourcePods] = *resource.NewQuantity(1, resource.DecimalSI)
	return request
}

// within reports whether a node with these resources can hold the request.
func within(request, has corev1.ResourceList) bool {
	for name, wanted := range request {
		if there := has[name]; wanted.Cmp(there) > 0 {
			return false
		}
	}
	return true
}

func filter(nodes []corev1.Node, keep func(corev1.Node) bool) []corev1.Node {
	var kept []corev1.Node
	for _, n := range nodes {
		if keep(n) {
			kept = append(kept, n)
		}
	}
	return kept
}

// noMatchingNode sets which label of the pod's node selector no node has, and
// which labels nodes have.
func (p *pod) noMatchingNode(f *Finding, nodes []corev1.Node) {
	f.Field = field.NodeSelector
	f.Fix = hint.Hint{Text: "use a label that nodes have", Command: hint.Kubectl("get", "nodes", "--show-labels")}
	for _, key := range slices.Sorted(maps.Keys(p.admitted.NodeSelector)) {
		wanted := p.admitted.NodeSelector[key]
		values, keys := labelsOf(nodes, key)
		if slices.Contains(values, wanted) {
			continue
		}
		f.What, f.Values = fmt.Sprintf("no node has label %s=%s", key, wanted), []string{wanted, key}
		if len(values) > 0 {
			f.What += fmt.Sprintf("; nodes have %s=%s", key, listed(values))
			if near := source.Nearest(wanted, values); near != "" && len(values) > 1 {
				f.What += fmt.Sprintf(" (did you mean %q?)", near)
			}
		} else if near := source.Nearest(key, keys); near != "" {
			f.What += fmt.Sprintf(" (did you mean key %q?)", near)
		}
		return
	}
	f.What = "no node matches the pod's node selector"
	if p.admitted.Affinity != nil {
		f.What = "no node matches the pod's node affinity"
	}
}

// labelsOf returns the values of one label on the nodes, and the keys of all
// labels.
func labelsOf(nodes []corev1.Node, key string) (values, keys []string) {
	has, all := map[string]bool{}, map[string]bool{}
	for _, n := range nodes {
		for k, v := range n.Labels {
			if all[k] = true; k == key {
				has[v] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(has)), slices.Sorted(maps.Keys(all))
}

// insufficientResources sets which resource the pod requests more of than any
// node has.
func (p *pod) insufficientResources(f *Finding, request corev1.ResourceList, nodes []corev1.Node) {
	f.Field = field.Resources
	node, largestNode := "node", "the only "
	if len(p.admitted.NodeSelector) > 0 || p.admitted.Affinity != nil {
		node = "matching node"
	}
	if len(nodes) > 1 {
		largestNode = fmt.Sprintf("the largest of %d ", len(nodes))
		node += "s"
	}
	largestNode += node
	for _, name := range slices.Sorted(maps.Keys(request)) {
		wanted, most := request[name], largest(nodes, name)
		if wanted.Cmp(most) <= 0 {
			continue
		}
		f.Values = values(name)
		if most.IsZero() {
			f.What = fmt.Sprintf("insufficient %s: a pod requests %s, no %s has any", name, wanted.String(), strings.TrimSuffix(node, "s"))
			f.Fix = hint.Hint{Text: "check that a device plugin provides it", Command: hint.Kubectl("describe", "nodes")}
			return
		}
		f.What = fmt.Sprintf("insufficient %s: a pod requests %s, %s has %s", name, wanted.String(), largestNode, most.String())
		f.Fix.Text = fmt.Sprintf("request at most %s, or add a larger node", most.String())
		return
	}
	f.What = fmt.Sprintf("no %s satisfies all requests of a pod at once", strings.TrimSuffix(node, "s"))
}

// largest returns the largest amount of a resource on one node.
func largest(nodes []corev1.Node, name corev1.ResourceName) resource.Quantity {
	var most resource.Quantity
	for _, n := range nodes {
		if has := n.Status.Allocatable[name]; has.Cmp(most) > 0 {
			most = has
		}
	}
	return most
}

// canScaleUp reports whether an autoscaler may add nodes, possibly of a kind
// that no current node has, because node groups scale to zero. Then a pod that
// fits no node is only a warning. It checks for the Karpenter API and the
// status of the cluster autoscaler, and assumes an autoscaler if the user may
// not read the latter.
func (r *run) canScaleUp(ctx context.Context) (bool, error) {
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
