package deploy

import (
	"cmp"
	"context"
	"net"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/progress"
)

// address returns a URL without the scheme's default port and without a path of "/".
func address(scheme, host string, port int64, path string) string {
	if port != 0 && port != map[string]int64{"http": 80, "https": 443}[scheme] {
		host = net.JoinHostPort(host, strconv.FormatInt(port, 10))
	} else if strings.Contains(host, ":") { // an IPv6 address
		host = "[" + host + "]"
	}
	return scheme + "://" + host + strings.TrimSuffix(path, "/")
}

// addService adds the addresses of a load balancer.
func addService(e *progress.Endpoints, service *corev1.Service) {
	if service.Spec.Type != corev1.ServiceTypeLoadBalancer {
		return
	}
	e.Pending = len(service.Status.LoadBalancer.Ingress) == 0
	for _, i := range service.Status.LoadBalancer.Ingress {
		e.External = append(e.External, address("http", cmp.Or(i.Hostname, i.IP), int64(service.Spec.Ports[0].Port), ""))
	}
}

// addIngress adds the addresses by which an Ingress publishes a service: host and path
// of its rules, or the Ingress's own address for rules without a host. Patterns in
// paths (ImplementationSpecific) are not addresses.
func addIngress(e *progress.Endpoints, o *unstructured.Unstructured, service string) {
	ingress := decode[networkingv1.Ingress](o)
	if ingress == nil {
		return
	}
	for _, rule := range ingress.Spec.Rules {
		hosts := []string{rule.Host}
		if rule.Host == "" {
			hosts = nil
			for _, i := range ingress.Status.LoadBalancer.Ingress {
				hosts = append(hosts, cmp.Or(i.Hostname, i.IP))
			}
			e.Pending = e.Pending || len(hosts) == 0
		}
		scheme := "http"
		if slices.ContainsFunc(ingress.Spec.TLS, func(t networkingv1.IngressTLS) bool { return slices.Contains(t.Hosts, rule.Host) }) {
			scheme = "https"
		}
		for _, path := range paths(rule, service) {
			for _, host := range hosts {
				e.External = append(e.External, address(scheme, host, 0, path))
			}
		}
	}
}

// paths returns the literal paths of a rule that lead to a service.
func paths(rule networkingv1.IngressRule, service string) []string {
	var all []string
	if rule.HTTP == nil {
		return nil
	}
	for _, p := range rule.HTTP.Paths {
		pattern := p.PathType != nil && *p.PathType == networkingv1.PathTypeImplementationSpecific
		if !pattern && p.Backend.Service != nil && p.Backend.Service.Name == service {
			all = append(all, p.Path)
		}
	}
	return all
}

// addRoute adds the addresses of an HTTPRoute. A route without host names has those of
// the listeners of its Gateways, or the address of the Gateway.
func (f endpointFinder) addRoute(ctx context.Context, e *progress.Endpoints, namespace string, route *unstructured.Unstructured) {
	hosts, _, _ := unstructured.NestedStringSlice(route.Object, "spec", "hostnames")
	for _, parent := range objectsAt(route.Object, "spec", "parentRefs") {
		gateway := &unstructured.Unstructured{Object: map[string]any{"apiVersion": route.GetAPIVersion(), "kind": "Gateway"}}
		name, _, _ := unstructured.NestedString(parent, "name")
		own, _, _ := unstructured.NestedString(parent, "namespace")
		section, _, _ := unstructured.NestedString(parent, "sectionName")
		gateway.SetName(name)
		gateway.SetNamespace(cmp.Or(own, namespace))
		live, err := getOne(f.cluster)(ctx, namespace, gateway)
		if err != nil || live == nil { // the Gateway may be unreadable for this user
			continue
		}
		for _, at := range listeners(live, hosts, section) {
			for _, path := range routePaths(route) {
				e.External = append(e.External, at+strings.TrimSuffix(path, "/"))
			}
		}
		e.Pending = len(e.External) == 0
	}
}

// listeners returns the URLs of a Gateway: of its HTTPS listeners, or of the HTTP ones
// if it has no other.
func listeners(gateway *unstructured.Unstructured, hosts []string, section string) []string {
	urls := map[string][]string{}
	for _, l := range objectsAt(gateway.Object, "spec", "listeners") {
		name, _, _ := unstructured.NestedString(l, "name")
		protocol, _, _ := unstructured.NestedString(l, "protocol")
		host, _, _ := unstructured.NestedString(l, "hostname")
		port, _, _ := unstructured.NestedInt64(l, "port")
		scheme := strings.ToLower(protocol)
		if (scheme != "http" && scheme != "https") || (section != "" && section != name) {
			continue
		}
		names := hosts
		if len(names) == 0 && host != "" {
			names = []string{host}
		}
		if len(names) == 0 {
			for _, a := range objectsAt(gateway.Object, "status", "addresses") {
				value, _, _ := unstructured.NestedString(a, "value")
				names = append(names, value)
			}
		}
		for _, n := range names {
			urls[scheme] = append(urls[scheme], address(scheme, n, port, ""))
		}
	}
	if len(urls["https"]) > 0 {
		return urls["https"]
	}
	return urls["http"]
}

// routePaths returns the path prefixes that an HTTPRoute matches.
func routePaths(route *unstructured.Unstructured) []string {
	var all []string
	for _, rule := range objectsAt(route.Object, "spec", "rules") {
		for _, match := range objectsAt(rule, "matches") {
			path, _, _ := unstructured.NestedString(match, "path", "value")
			all = append(all, cmp.Or(path, "/"))
		}
	}
	if all == nil {
		return []string{"/"}
	}
	return all
}

// objectsAt returns the objects of a list.
func objectsAt(o map[string]any, path ...string) []map[string]any {
	list, _, _ := unstructured.NestedSlice(o, path...)
	var all []map[string]any
	for _, item := range list {
		if m, ok := item.(map[string]any); ok {
			all = append(all, m)
		}
	}
	return all
}
