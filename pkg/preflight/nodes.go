package preflight

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	podresources "k8s.io/component-helpers/resource"
	scheduling "k8s.io/component-helpers/scheduling/corev1"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
	"k8s.io/klog/v2"
)

// nodes are the pods that no node can ever hold, and those that none can hold
// now.
func (r *run) nodes(ctx context.Context) ([]Finding, error) {
	if len(r.pods) == 0 {
		return nil, nil
	}
	nodes, err := r.allNodes()
	if r.unread.forbids(err, "nodes", "whether one can hold the pods") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var findings []Finding
	fitting := map[*pod][]corev1.Node{}
	for _, p := range r.pods {
		fit, f := p.fit(nodes)
		if fitting[p] = fit; f.Severity != "" && p.copies > 0 {
			findings = append(findings, f)
		}
	}
	if len(findings) > 0 {
		grows, err := r.grows(ctx)
		for i := range findings {
			if grows {
				findings[i].Severity = Warning
				findings[i].What += "; an autoscaler may add one that can"
			}
		}
		if err != nil {
			return nil, err
		}
	}
	full, err := r.room(ctx, nodes, fitting)
	return append(findings, full...), err
}

// fit returns the nodes that could hold the pod if they were empty. Where none
// could, it says what the nearest ones lack.
func (p *pod) fit(nodes []corev1.Node) ([]corev1.Node, Finding) {
	f := p.found(Error, "no-node", "")
	if len(nodes) == 0 {
		f.What, f.Fix = "the cluster has no node", "add one: kubectl get nodes"
		return nil, f
	}
	chosen := filter(nodes, p.chooses)
	if len(chosen) == 0 {
		p.noneChosen(&f, nodes)
		return nil, f
	}
	open := filter(chosen, p.tolerates)
	if len(open) == 0 {
		f.Field, f.What = "tolerations", fmt.Sprintf("no node takes the pod: of the %s that it chooses, each has a taint that it does not tolerate, such as %s", plural(len(chosen), "node"), p.taint(chosen[0]))
		f.Fix = "choose other nodes by their labels, or take the taint away: kubectl taint nodes NODE KEY-"
		return nil, f
	}
	request := p.request()
	fit := filter(open, func(n corev1.Node) bool { return within(request, n.Status.Allocatable) })
	if len(fit) == 0 {
		p.tooBig(&f, request, open)
		return nil, f
	}
	return fit, Finding{}
}

// chooses reports whether the pod's nodeSelector and affinity allow the node.
func (p *pod) chooses(n corev1.Node) bool {
	ok, err := nodeaffinity.NewRequiredNodeAffinity(p.tried.NodeSelector, p.tried.Affinity).Match(&n)
	return ok && err == nil && (p.tried.NodeName == "" || p.tried.NodeName == n.Name)
}

// tolerates reports whether the pod may run on the node once what is passing is
// over: the control plane taints a node that is not ready, or cordoned.
func (p *pod) tolerates(n corev1.Node) bool { return p.taint(n) == "" }

// taint is one of the node's that the pod does not tolerate.
func (p *pod) taint(n corev1.Node) string {
	lasting := func(t *corev1.Taint) bool {
		return t.Effect != corev1.TaintEffectPreferNoSchedule && !strings.HasPrefix(t.Key, "node.kubernetes.io/")
	}
	taint, untolerated := scheduling.FindMatchingUntoleratedTaint(klog.Background(), n.Spec.Taints, p.tried.Tolerations, lasting, true)
	if !untolerated {
		return ""
	}
	return taint.ToString()
}

// request is what one pod takes of a node.
func (p *pod) request() corev1.ResourceList { return requestOf(&corev1.Pod{Spec: p.tried}) }

func requestOf(p *corev1.Pod) corev1.ResourceList {
	request := podresources.PodRequests(p, podresources.PodResourcesOptions{})
	request[corev1.ResourcePods] = *resource.NewQuantity(1, resource.DecimalSI)
	return request
}

// within reports whether a node that has these resources can hold the request.
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

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
