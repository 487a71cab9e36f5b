package preflight

import (
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// noneChosen says which label no node has that the pod asks for, and which there
// are.
func (p *pod) noneChosen(f *Finding, nodes []corev1.Node) {
	f.Field = "nodeSelector"
	f.Fix = "choose labels that nodes have: kubectl get nodes --show-labels"
	for _, key := range slices.Sorted(maps.Keys(p.tried.NodeSelector)) {
		wanted := p.tried.NodeSelector[key]
		values, keys := labelsOf(nodes, key)
		if slices.Contains(values, wanted) {
			continue
		}
		f.What, f.Values = fmt.Sprintf("no node has the label %s=%s", key, wanted), []string{wanted, key}
		if len(values) > 0 {
			f.What += fmt.Sprintf(": they have %s=%s", key, listed(values))
			if near := source.Nearest(wanted, values); near != "" && len(values) > 1 {
				f.What += "; did you mean " + near + "?"
			}
		} else if near := source.Nearest(key, keys); near != "" {
			f.What += ": did you mean the key " + near + "?"
		}
		return
	}
	f.What = "no node has all labels that the pod asks for"
	if p.tried.Affinity != nil {
		f.What = "no node is what the pod's node affinity asks for"
	}
}

// labelsOf are the values that a label has on the nodes, and the keys of all
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

// tooBig says what the pod asks that no one of the nodes has.
func (p *pod) tooBig(f *Finding, request corev1.ResourceList, nodes []corev1.Node) {
	f.Field = "containers[0].resources"
	among := plural(len(nodes), "node")
	if len(p.tried.NodeSelector) > 0 || p.tried.Affinity != nil {
		among = "the " + among + " that it chooses"
	}
	for _, name := range slices.Sorted(maps.Keys(request)) {
		wanted, most := request[name], largest(nodes, name)
		if wanted.Cmp(most) <= 0 {
			continue
		}
		f.Values = values(name)
		if most.IsZero() {
			f.What = fmt.Sprintf("a pod asks for %s %s, which none of %s has", wanted.String(), name, among)
			f.Fix = "see whether a device plugin offers it: kubectl describe nodes"
			return
		}
		f.What = fmt.Sprintf("a pod asks for %s %s: the largest of %s has %s", wanted.String(), name, among, most.String())
		f.Fix = fmt.Sprintf("ask for %s at most, or add a node that has more", most.String())
		return
	}
	f.What = fmt.Sprintf("none of %s has all that a pod asks for: each lacks some of it", among)
}

// largest is the most that one of the nodes has of a resource.
func largest(nodes []corev1.Node, name corev1.ResourceName) resource.Quantity {
	var most resource.Quantity
	for _, n := range nodes {
		if has := n.Status.Allocatable[name]; has.Cmp(most) > 0 {
			most = has
		}
	}
	return most
}
