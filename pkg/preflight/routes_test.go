package preflight_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
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
		if got := s.run(s.client, free, "ingress-class-missing", "gateway-missing"); got != nil {
			t.Errorf("got %q", got)
		}
	}
	want := []string{
		"warning: ingress.networking.k8s.io/web: ingress.networking.k8s.io/theirs in namespace " + other.namespace + " already serves NS.example.com/; either may receive the requests",
		"  use another host or path",
	}
	if diff := cmp.Diff(want, s.run(s.client, ingress("web", "nginx", host, "/"), "ingress-class-missing")); diff != "" {
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
		if got := s.run(s.client, free, "ingress-class-missing", "gateway-missing"); got != nil {
			t.Errorf("got %q", got)
		}
	}
	want := []string{
		"warning: httproute.gateway.networking.k8s.io/web: httproute.gateway.networking.k8s.io/theirs in namespace " + other.namespace + " already serves / with X-Model: llama; either may receive the requests",
		"  use another host or path",
	}
	if diff := cmp.Diff(want, s.run(s.client, route("web", "shared", "/", "llama"), "gateway-missing")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestIngressesThatNothingServes are taken by the server all the same.
func TestIngressesThatNothingServes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	own := "own-" + s.namespace
	s.make(`{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: ` + own + `}, spec: {controller: example.com/x}}`)
	t.Cleanup(func() {
		_ = s.client.NetworkingV1().IngressClasses().Delete(context.WithoutCancel(t.Context()), own, metav1.DeleteOptions{})
	})
	ingress := func(metadata, spec string) string {
		return `{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web` + metadata + `}, spec: {` + spec + `defaultBackend: {service: {name: s, port: {number: 80}}}}}`
	}
	const fix = "  install its controller, or choose an existing IngressClass: kubectl get ingressclasses"
	for object, want := range map[string][]string{
		ingress("", "ingressClassName: "+own+","):                           nil,
		ingress(", annotations: {kubernetes.io/ingress.class: legacy}", ""): nil,
		ingress("", "ingressClassName: "+own+"x,"): {
			`warning: ingress.networking.k8s.io/web: IngressClass "own-NSx" not found (did you mean "own-NS"?); the cluster has CLASSES; no controller will serve it`, fix,
		},
		ingress("", ""): {"warning: ingress.networking.k8s.io/web: no IngressClass is set and no default exists; no controller will serve it", fix},
	} {
		s.until(want, func() []string { return s.run(s.client, object) })
	}
}

// TestHTTPRoutesWithoutTheirGateway look in the namespace that they name.
func TestHTTPRoutesWithoutTheirGateway(t *testing.T) {
	t.Parallel()
	s, other := newSite(t), newSite(t)
	class := "class-" + s.namespace
	s.make(`{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: ` + class + `}, spec: {controllerName: example.com/x}}`)
	dynamic, _ := kubetest.Dynamic(t)
	t.Cleanup(func() {
		classes := dynamic.Resource(schema.GroupVersionResource{Group: "gateway.networking.k8s.io", Version: "v1", Resource: "gatewayclasses"})
		_ = classes.Delete(context.WithoutCancel(t.Context()), class, metav1.DeleteOptions{})
	})
	gateway := func(name, class string) string {
		return `{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: ` + name + `}, spec: {gatewayClassName: ` + class + `, listeners: [{name: http, port: 80, protocol: HTTP}]}}`
	}
	other.make(gateway("shared", class))
	s.make(gateway("unserved", class+"x"))
	route := func(parent string) string {
		return `{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: web}, spec: {parentRefs: [` + parent + `]}}`
	}
	const fix = "  create it, or choose an existing Gateway: kubectl get gateways -A"
	for parent, want := range map[string][]string{
		"{name: shared, namespace: " + other.namespace + "}": nil,
		"{name: s, kind: Service, group: \"\"}":              nil,
		"{name: shraed, namespace: " + other.namespace + "}": {
			`warning: httproute.gateway.networking.k8s.io/web: Gateway "shraed" not found (did you mean "shared"?); the namespace has shared; no controller will serve it`, fix,
		},
		"{name: unserved}": {
			`warning: httproute.gateway.networking.k8s.io/web: Gateway "unserved" has no controller: GatewayClass "class-NSx" not found (did you mean "class-NS"?); the cluster has CLASSES`,
			"  install its controller, or choose another Gateway: kubectl get gateways -A",
		},
		"{name: shared}": {`warning: httproute.gateway.networking.k8s.io/web: Gateway "shared" not found; namespace NS has unserved; no controller will serve it`, fix},
	} {
		got := s.run(s.client, route(parent))
		for i := range got {
			got[i] = replace(got[i], "namespace "+other.namespace, "the namespace")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", parent, diff)
		}
	}
}
