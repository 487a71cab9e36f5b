package preflight

import (
	"context"
	"fmt"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// route is what an Ingress claims for itself.
type route struct{ class, host, path string }

// routes are the hosts and paths of Ingresses that another one has already: which
// of them gets the requests is up to the controller.
func (r *run) routes(ctx context.Context) ([]Finding, error) {
	type owned struct {
		route
		release string
		object  *unstructured.Unstructured
	}
	var wanted []owned
	ours := map[string]bool{}
	for _, release := range r.releases {
		for _, o := range release.Objects {
			var ingress networkingv1.Ingress
			if o.GetKind() != "Ingress" || runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &ingress) != nil {
				continue
			}
			ours[o.GetName()] = true
			for _, route := range routesOf(ingress) {
				wanted = append(wanted, owned{route, release.Name, o})
			}
		}
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	list, err := r.Client.NetworkingV1().Ingresses(metav1.NamespaceAll).List(ctx, metav1.ListOptions{ResourceVersion: "0"})
	if r.unread.forbids(err, "ingresses of all namespaces", "whether one has the same host and path") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	taken := map[route]string{}
	for _, ingress := range list.Items {
		if ingress.Namespace == r.Namespace && (ours[ingress.Name] || r.replaces(ingress.Labels)) {
			continue
		}
		for _, route := range routesOf(ingress) {
			taken[route] = ingress.Namespace + "/" + ingress.Name
		}
	}
	var findings []Finding
	for _, w := range wanted {
		if by := taken[w.route]; by != "" {
			findings = append(findings, Finding{
				Severity: Warning, Rule: "route-taken", Release: w.release, Object: shortID(w.object),
				What:  fmt.Sprintf("ingress %s has %s%s already: which of the two gets the requests is not certain", by, w.host, w.path),
				Fix:   "publish it under another host or path",
				Field: "Ingress rules[].host", Values: []string{w.host, w.path},
			})
		}
	}
	return findings, nil
}

func routesOf(ingress networkingv1.Ingress) []route {
	class := ingress.Annotations["kubernetes.io/ingress.class"]
	if ingress.Spec.IngressClassName != nil {
		class = *ingress.Spec.IngressClassName
	}
	var all []route
	for _, rule := range ingress.Spec.Rules {
		if rule.HTTP == nil {
			continue
		}
		for _, path := range rule.HTTP.Paths {
			all = append(all, route{class, rule.Host, path.Path})
		}
	}
	return all
}
