package preflight

import (
	"context"
	"fmt"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
)

// route is a host and path that an Ingress or an HTTPRoute serves.
type route struct{ via, host, path, headers string }

// publishers are the kinds that serve routes, with the field that sets the
// route.
var publishers = map[schema.GroupKind]field.Path{
	ingressKind:   field.IngressHost,
	httpRouteKind: field.HTTPRoute,
}

// routes returns the hosts and paths that another object already serves. Which of
// the two receives the requests depends on the controller.
func (r *run) routes(ctx context.Context) ([]Finding, error) {
	taken := map[schema.GroupKind]map[route]string{}
	var findings []Finding
	for _, release := range r.releases {
		for _, o := range release.Objects {
			kind := o.GroupVersionKind().GroupKind()
			published, publishes := publishers[kind]
			if !publishes {
				continue
			}
			if taken[kind] == nil {
				var err error
				if taken[kind], err = r.takenRoutes(ctx, kind); err != nil {
					return nil, err
				}
			}
			for _, route := range routesOf(o, r.Namespace) {
				if by := taken[kind][route]; by != "" {
					findings = append(findings, Finding{
						Severity: Warning, Rule: "route-conflict", Release: release.Name, Object: objref.ID(o),
						What:  fmt.Sprintf("%s already serves %s; either may receive the requests", by, route),
						Fix:   hint.Hint{Text: "use another host or path"},
						Field: published, Values: []string{route.host, route.path},
					})
				}
			}
		}
	}
	return findings, nil
}

// takenRoutes returns the routes that other objects of a kind serve, with these
// objects.
func (r *run) takenRoutes(ctx context.Context, kind schema.GroupKind) (map[route]string, error) {
	taken := map[route]string{}
	mapping, err := r.Mapper.RESTMapping(kind)
	if meta.IsNoMatchError(err) { // the apis check reports it
		return taken, nil
	}
	if err != nil {
		return nil, err
	}
	list, err := r.Dynamic.Resource(mapping.Resource).List(ctx, metav1.ListOptions{ResourceVersion: "0"})
	if r.skipped.forbids(err, mapping.Resource.Resource+" of all namespaces", "conflicting hosts and paths") {
		return taken, nil
	}
	if err != nil {
		return nil, err
	}
	ours := map[string]bool{}
	for _, o := range r.objects() {
		ours[o.GroupVersionKind().GroupKind().String()+"/"+o.GetName()] = true
	}
	for i := range list.Items {
		o := &list.Items[i]
		if o.GetNamespace() == r.Namespace && (ours[kind.String()+"/"+o.GetName()] || r.replaces(o.GetLabels())) {
			continue
		}
		for _, route := range routesOf(o, o.GetNamespace()) {
			taken[route] = objref.ID(o) + " in namespace " + o.GetNamespace()
		}
	}
	return taken, nil
}

// String returns the route as a user would write it.
func (r route) String() string {
	text := r.host + r.path
	if r.headers != "" {
		text += " with " + r.headers
	}
	return text
}

// routesOf returns the routes of an object in a namespace, or none if the
// object is invalid.
func routesOf(o *unstructured.Unstructured, namespace string) []route {
	if o.GetKind() == "HTTPRoute" {
		return httpRoutes(o, namespace)
	}
	var ingress networkingv1.Ingress
	if runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &ingress) != nil {
		return nil
	}
	class := ingress.Annotations[networkingv1beta1Class]
	if ingress.Spec.IngressClassName != nil {
		class = *ingress.Spec.IngressClassName
	}
	var all []route
	for _, rule := range ingress.Spec.Rules {
		if rule.HTTP == nil {
			continue
		}
		for _, path := range rule.HTTP.Paths {
			all = append(all, route{via: class, host: rule.Host, path: path.Path})
		}
	}
	return all
}

// httpRoute holds the fields of an HTTPRoute that the check reads.
type httpRoute struct {
	Spec struct {
		ParentRefs []struct {
			Kind      string `json:"kind"`
			Namespace string `json:"namespace"`
			Name      string `json:"name"`
		} `json:"parentRefs"`
		Hostnames []string `json:"hostnames"`
		Rules     []struct {
			Matches []httpMatch `json:"matches"`
		} `json:"rules"`
	} `json:"spec"`
}

type httpMatch struct {
	Path struct {
		Value string `json:"value"`
	} `json:"path"`
	Headers []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"headers"`
}

// httpRoutes returns the routes of an HTTPRoute, one for each of its gateways.
func httpRoutes(o *unstructured.Unstructured, namespace string) []route {
	var read httpRoute
	if runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &read) != nil {
		return nil
	}
	hosts := read.Spec.Hostnames
	if len(hosts) == 0 {
		hosts = []string{""} // all hosts of the gateway
	}
	var all []route
	for _, parent := range read.Spec.ParentRefs {
		if parent.Namespace == "" {
			parent.Namespace = namespace
		}
		for _, rule := range read.Spec.Rules {
			for _, match := range rule.Matches {
				var headers []string
				for _, h := range match.Headers {
					headers = append(headers, h.Name+": "+h.Value)
				}
				for _, host := range hosts {
					all = append(all, route{parent.Namespace + "/" + parent.Name, host, match.Path.Value, strings.Join(headers, ", ")})
				}
			}
		}
	}
	return all
}
