package preflight_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRoutesThatAreTaken(t *testing.T) {
	t.Parallel()
	s, other := newSite(t), newSite(t)
	host := s.namespace + ".example.com"
	ingress := func(name, class, host, path string) string {
		return `{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: ` + name + `}, spec: {ingressClassName: ` + class + `, rules: [
  {host: ` + host + `, http: {paths: [{path: ` + path + `, pathType: Prefix, backend: {service: {name: s, port: {number: 80}}}}]}}]}}`
	}
	other.make(ingress("theirs", "nginx", host, "/"))
	s.make(ingress("web", "nginx", host, "/own"))
	for _, free := range []string{
		ingress("web", "nginx", host, "/own"), // it is the same object
		ingress("web", "nginx", host, "/v1"),
		ingress("web", "nginx", "x."+host, "/"),
		ingress("web", "other", host, "/"),
	} {
		if got := s.run(s.client, free); got != nil {
			t.Errorf("got %q", got)
		}
	}
	want := []string{
		"warning: ingress/web: ingress " + other.namespace + "/theirs has NS.example.com/ already: which of the two gets the requests is not certain",
		"  publish it under another host or path",
	}
	if diff := cmp.Diff(want, s.run(s.client, ingress("web", "nginx", host, "/"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestHTTPRoutesThatAreTaken compares what a gateway compares: hosts, paths and
// headers.
func TestHTTPRoutesThatAreTaken(t *testing.T) {
	t.Parallel()
	s, other := newSite(t), newSite(t)
	route := func(name, gateway, path, model string) string {
		return `{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: ` + name + `}, spec: {parentRefs: [{name: ` + gateway + `, namespace: ` + other.namespace + `}], rules: [
  {matches: [{path: {type: PathPrefix, value: ` + path + `}, headers: [{name: X-Model, value: ` + model + `}]}]}]}}`
	}
	other.make(route("theirs", "shared", "/", "llama"))
	for _, free := range []string{
		route("web", "shared", "/v2", "llama"),
		route("web", "shared", "/", "mistral"),
		route("web", "own", "/", "llama"),
	} {
		if got := s.run(s.client, free); got != nil {
			t.Errorf("got %q", got)
		}
	}
	want := []string{
		"warning: httproute/web: httproute " + other.namespace + "/theirs has / with X-Model: llama already: which of the two gets the requests is not certain",
		"  publish it under another host or path",
	}
	if diff := cmp.Diff(want, s.run(s.client, route("web", "shared", "/", "llama"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
