package deploy

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/progress"
)

// clusterDomain is the DNS domain of Services, unless the kubelet's --cluster-domain
// changes it. No API serves that flag.
const clusterDomain = "svc.cluster.local"

// endpointsTimeout limits the requests for the endpoints of one release.
const endpointsTimeout = 5 * time.Second

// localPort is the local end of a forwarded port if the ports of the service are
// privileged.
const localPort = 8080

// getObject returns the live object with the kind and the name of o, or nil if it does
// not exist.
type getObject func(ctx context.Context, namespace string, o *unstructured.Unstructured) (*unstructured.Unstructured, error)

// getOne sends one request per object.
func getOne(c *kube.Cluster) getObject {
	return func(ctx context.Context, namespace string, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
		client, err := objref.Client(c.Dynamic, c.Mapper, namespace, o)
		if err != nil {
			return nil, err
		}
		live, err := client.Get(ctx, o.GetName(), metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return nil, nil
		}
		return live, err
	}
}

// endpointFinder finds the endpoints of the releases of a cluster.
type endpointFinder struct {
	cluster *kube.Cluster
	get     getObject // for the objects of releases
}

// of returns the endpoints of the first Service among the objects of the release with a
// name, or nil if it has none. Objects that cannot be read have the addresses of their desired
// state: whether a release works does not depend on them.
func (f endpointFinder) of(ctx context.Context, namespace, name string, objects []*unstructured.Unstructured) *progress.Endpoints {
	ctx, cancel := context.WithTimeout(ctx, endpointsTimeout)
	defer cancel()
	unread := false
	find := func(kind string) (found []*unstructured.Unstructured) {
		for _, o := range objects {
			if o.GetKind() != kind {
				continue
			}
			live, err := f.get(ctx, namespace, o)
			if err != nil {
				live, unread = o, true
			}
			if live != nil {
				found = append(found, live)
			}
		}
		return found
	}
	services := find("Service")
	if len(services) == 0 {
		return nil
	}
	service := decode[corev1.Service](services[0])
	if service == nil || len(service.Spec.Ports) == 0 {
		return nil
	}
	port, forward := service.Spec.Ports[0], hint.Kubectl("port-forward").With(f.cluster.Flags...)
	e := &progress.Endpoints{
		Cluster:     address("http", service.Name+"."+namespace+"."+clusterDomain, int64(port.Port), ""),
		PortForward: forward.With("-n", namespace, "svc/"+service.Name, fmt.Sprintf("%d:%d", local(port), port.Port)).String(),
		Logs:        hint.Blueprint("logs").With(f.cluster.Flags...).With("-n", namespace, name, "-f").String(),
	}
	addService(e, service)
	for _, o := range find("Ingress") {
		addIngress(e, o, service.Name)
	}
	for _, o := range find("HTTPRoute") {
		f.addRoute(ctx, e, namespace, o)
	}
	e.Pending = e.Pending && len(e.External) == 0 && !unread
	return e
}

// local returns the local port to forward to a port of a service.
func local(port corev1.ServicePort) int32 {
	for _, p := range []int32{port.TargetPort.IntVal, port.Port} {
		if p >= 1024 {
			return p
		}
	}
	return localPort
}

// decode returns a typed object, or nil if o does not have the form of one.
func decode[T any](o *unstructured.Unstructured) *T {
	typed := new(T)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, typed); err != nil {
		return nil
	}
	return typed
}
