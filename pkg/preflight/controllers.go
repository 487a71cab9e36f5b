package preflight

import (
	"context"
	"fmt"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
)

var (
	ingressKind      = schema.GroupKind{Group: "networking.k8s.io", Kind: "Ingress"}
	httpRouteKind    = schema.GroupKind{Group: "gateway.networking.k8s.io", Kind: "HTTPRoute"}
	gatewayKind      = schema.GroupKind{Group: "gateway.networking.k8s.io", Kind: "Gateway"}
	gatewayClassKind = schema.GroupKind{Group: "gateway.networking.k8s.io", Kind: "GatewayClass"}
)

// controllers returns the Ingresses and HTTPRoutes whose IngressClass, Gateway or
// GatewayClass does not exist: the server accepts them, but no controller serves
// them.
func (r *run) controllers(ctx context.Context) ([]Finding, error) {
	var findings []Finding
	for _, release := range r.releases {
		for _, o := range release.Objects {
			f := Finding{Severity: Warning, Release: release.Name, Object: objref.ID(o)}
			var err error
			switch o.GroupVersionKind().GroupKind() {
			case ingressKind:
				err = r.ingressClass(ctx, o, &f)
			case httpRouteKind:
				err = r.gateways(ctx, o, &f)
			}
			if err != nil {
				return nil, err
			}
			if f.What != "" {
				findings = append(findings, f)
			}
		}
	}
	return findings, nil
}

// ingressClass checks that the class of an Ingress exists, or that there is a
// default class. The annotation used before Kubernetes 1.18 needs no
// IngressClass.
func (r *run) ingressClass(ctx context.Context, o *unstructured.Unstructured, f *Finding) error {
	another := hint.Hint{Text: "install its controller, or choose an existing IngressClass", Command: hint.Kubectl("get", "ingressclasses")}
	var ingress networkingv1.Ingress
	if runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &ingress) != nil {
		return nil // the server reports the error
	}
	named := ingress.Spec.IngressClassName
	if named == nil && ingress.Annotations[networkingv1beta1Class] != "" {
		return nil
	}
	classes, err := r.Client.NetworkingV1().IngressClasses().List(ctx, metav1.ListOptions{ResourceVersion: "0"})
	if r.skipped.forbids(err, "ingressclasses", "controllers of Ingresses") {
		return nil
	}
	if err != nil {
		return err
	}
	var names []string
	byDefault := false
	for _, class := range classes.Items {
		names = append(names, class.Name)
		byDefault = byDefault || class.Annotations[networkingv1.AnnotationIsDefaultIngressClass] == "true"
	}
	slices.Sort(names)
	switch f.Rule, f.Fix = "ingress-class-missing", another; {
	case named == nil && !byDefault:
		f.What = "no IngressClass is set and no default exists" + notServed
	case named != nil && !slices.Contains(names, *named):
		f.What = notFound("IngressClass", *named, "the cluster", names) + notServed
	}
	return nil
}

// notServed ends the messages about routes that have no effect.
const notServed = "; no controller will serve it"

// networkingv1beta1Class is the annotation for the class in networking.k8s.io/v1beta1.
const networkingv1beta1Class = "kubernetes.io/ingress.class"

// gateways checks that the Gateways of an HTTPRoute and their classes exist.
func (r *run) gateways(ctx context.Context, o *unstructured.Unstructured, f *Finding) error {
	var read httpRoute
	if runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &read) != nil {
		return nil
	}
	mapping, err := r.Mapper.RESTMapping(gatewayKind)
	if meta.IsNoMatchError(err) { // the apis check reports it
		return nil
	}
	if err != nil {
		return err
	}
	for _, parent := range read.Spec.ParentRefs {
		if parent.Kind != "" && parent.Kind != gatewayKind.Kind {
			continue
		}
		namespace := parent.Namespace
		if namespace == "" {
			namespace = r.Namespace
		}
		list, err := r.Dynamic.Resource(mapping.Resource).Namespace(namespace).List(ctx, metav1.ListOptions{})
		if r.skipped.forbids(err, "gateways in namespace "+namespace, "Gateways of HTTPRoutes") {
			continue
		}
		if err != nil {
			return err
		}
		var names []string
		for i := range list.Items {
			names = append(names, list.Items[i].GetName())
		}
		if !slices.Contains(names, parent.Name) {
			f.Rule, f.What = "gateway-missing", notFound("Gateway", parent.Name, "namespace "+namespace, names)+notServed
			f.Fix = hint.Hint{Text: "create it, or choose an existing Gateway", Command: hint.Kubectl("get", "gateways", "-A")}
			return nil
		}
		i := slices.Index(names, parent.Name)
		if err := r.gatewayClass(ctx, &list.Items[i], f); err != nil || f.What != "" {
			return err
		}
	}
	return nil
}

// gatewayClass checks that the class of a Gateway exists.
func (r *run) gatewayClass(ctx context.Context, gateway *unstructured.Unstructured, f *Finding) error {
	mapping, err := r.Mapper.RESTMapping(gatewayClassKind)
	if meta.IsNoMatchError(err) {
		return nil
	}
	if err != nil {
		return err
	}
	list, err := r.Dynamic.Resource(mapping.Resource).List(ctx, metav1.ListOptions{})
	if r.skipped.forbids(err, "gatewayclasses", "controllers of Gateways") {
		return nil
	}
	if err != nil {
		return err
	}
	var names []string
	for i := range list.Items {
		names = append(names, list.Items[i].GetName())
	}
	class, _, _ := unstructured.NestedString(gateway.Object, "spec", "gatewayClassName")
	if class != "" && !slices.Contains(names, class) {
		f.Rule = "gateway-class-missing"
		f.What = fmt.Sprintf("Gateway %q has no controller: %s", gateway.GetName(), notFound("GatewayClass", class, "the cluster", names))
		f.Fix = hint.Hint{Text: "install its controller, or choose another Gateway", Command: hint.Kubectl("get", "gateways", "-A")}
	}
	return nil
}
