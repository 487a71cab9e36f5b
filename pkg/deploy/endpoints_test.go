package deploy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/progress"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

const (
	plainService  = "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: 80, targetPort: 8000}]}}"
	balanced      = "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {type: LoadBalancer, ports: [{port: 8080, targetPort: 80}]}}"
	balancedIP    = "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {type: LoadBalancer, ports: [{port: 80}]}, status: {loadBalancer: {ingress: [{ip: 192.0.2.1}, {hostname: lb.example.com}, {ip: '2001:db8::1'}]}}}"
	hostIngress   = "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {tls: [{hosts: [a.example.com]}], rules: [{host: a.example.com, http: {paths: [" + rootPath + ", {path: /metrics, pathType: Exact, backend: {service: {name: a, port: {number: 80}}}}, {path: '/api(/|$)', pathType: ImplementationSpecific, backend: {service: {name: a, port: {number: 80}}}}, {path: /else, pathType: Prefix, backend: {service: {name: b, port: {number: 80}}}}]}}]}}"
	rootPath      = "{path: /, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}"
	plainIngress  = "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {rules: [{http: {paths: [" + rootPath + "]}}]}}"
	servedIngress = "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {rules: [{http: {paths: [" + rootPath + "]}}]}, status: {loadBalancer: {ingress: [{ip: 192.0.2.2}]}}}"
	routed        = "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a}, spec: {parentRefs: [{name: gw}], rules: [{matches: [{path: {type: PathPrefix, value: /llm}}]}]}}"
	routedHost    = "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a}, spec: {hostnames: [b.example.com], parentRefs: [{name: gw, sectionName: web}]}}"
	gateway       = "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: gw}, spec: {gatewayClassName: x, listeners: [{name: web, protocol: HTTP, port: 80}, {name: tls, protocol: HTTPS, port: 8443, tls: {certificateRefs: [{name: c}]}}]}"
	servedGateway = gateway + ", status: {addresses: [{type: IPAddress, value: 192.0.2.3}]}}"
)

// TestEndpoints creates objects on the API server and writes their status, as their
// controllers do.
func TestEndpoints(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		objects  []string
		external []string
		pending  bool
		forward  string // the ports
	}{
		"a Service":                         {objects: []string{plainService}, forward: "8000:80"},
		"a load balancer without address":   {objects: []string{balanced}, pending: true, forward: "8080:8080"},
		"a load balancer with addresses":    {objects: []string{balancedIP}, external: []string{"http://192.0.2.1", "http://lb.example.com", "http://[2001:db8::1]"}, forward: "8080:80"},
		"an Ingress with a host":            {objects: []string{plainService, hostIngress}, external: []string{"https://a.example.com", "https://a.example.com/metrics"}, forward: "8000:80"},
		"an Ingress without a host":         {objects: []string{plainService, plainIngress}, pending: true, forward: "8000:80"},
		"an Ingress with an address":        {objects: []string{plainService, servedIngress}, external: []string{"http://192.0.2.2"}, forward: "8000:80"},
		"a route of a Gateway":              {objects: []string{plainService, routed, servedGateway}, external: []string{"https://192.0.2.3:8443/llm"}, forward: "8000:80"},
		"a route with a host":               {objects: []string{plainService, routedHost, gateway + "}"}, external: []string{"http://b.example.com"}, forward: "8000:80"},
		"a route of a Gateway with no IP":   {objects: []string{plainService, routed, gateway + "}"}, pending: true, forward: "8000:80"},
		"a route of a Gateway not readable": {objects: []string{plainService, routed}, forward: "8000:80"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := connect(t, kubetest.Namespace(t), "")
			objects := create(t, k, c.objects)
			got := endpointFinder{k, getOne(k)}.of(t.Context(), k.Namespace, "recipe-a", objects)
			if got == nil {
				t.Fatal("no endpoints")
			}
			port := ""
			if c.forward == "8080:8080" {
				port = ":8080"
			}
			expected := &progress.Endpoints{
				Cluster: "http://a." + k.Namespace + ".svc.cluster.local" + port, External: c.external, Pending: c.pending,
				PortForward: "kubectl port-forward --kubeconfig " + kubetest.Kubeconfig(t) + " -n " + k.Namespace + " svc/a " + c.forward,
				Logs:        "kubectl blueprint logs --kubeconfig " + kubetest.Kubeconfig(t) + " -n " + k.Namespace + " recipe-a -f",
			}
			if diff := cmp.Diff(expected, got); diff != "" {
				t.Errorf("endpoints (-want +got):\n%s", diff)
			}
		})
	}
}

// TestEndpointsWithoutPermission has what the desired state says, and does not call an
// unknown address pending.
func TestEndpointsWithoutPermission(t *testing.T) {
	t.Parallel()
	k := connect(t, kubetest.Namespace(t), "nobody")
	got := endpointFinder{k, getOne(k)}.of(t.Context(), "ns", "recipe-a", []*unstructured.Unstructured{object(t, balanced), object(t, hostIngress)})
	if got == nil || got.Cluster != "http://a.ns.svc.cluster.local:8080" || got.Pending || got.URL() != "https://a.example.com" {
		t.Errorf("got %+v", got)
	}
	got = endpointFinder{k, getOne(k)}.of(t.Context(), "ns", "recipe-a", []*unstructured.Unstructured{object(t, balanced)})
	if got == nil || got.Pending || got.External != nil || got.URL() != got.Cluster {
		t.Errorf("got %+v", got)
	}
}

// TestNoEndpoints has releases without a Service, and one whose Service was deleted.
func TestNoEndpoints(t *testing.T) {
	t.Parallel()
	k := connect(t, kubetest.Namespace(t), "")
	for _, text := range []string{"{apiVersion: batch/v1, kind: Job, metadata: {name: a}}", plainService} {
		if got := (endpointFinder{k, getOne(k)}).of(t.Context(), k.Namespace, "recipe-a", []*unstructured.Unstructured{object(t, text)}); got != nil {
			t.Errorf("%s: got %+v", text, got)
		}
	}
}

// create creates objects with their status and returns them.
func create(t *testing.T, c *kube.Cluster, texts []string) []*unstructured.Unstructured {
	t.Helper()
	var objects []*unstructured.Unstructured
	for _, text := range texts {
		o := object(t, text)
		objects = append(objects, o)
		client, err := objref.Client(c.Dynamic, c.Mapper, c.Namespace, o)
		if err != nil {
			t.Skipf("%v: start the control plane with bin/crds", err)
		}
		live, err := client.Create(t.Context(), o, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if status, ok := o.Object["status"]; ok {
			live.Object["status"] = status
			if _, err := client.UpdateStatus(t.Context(), live, metav1.UpdateOptions{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return objects
}
