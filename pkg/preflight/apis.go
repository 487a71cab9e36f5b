package preflight

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
)

// addOn is a project that installs APIs that Kubernetes does not have.
type addOn struct {
	name, install string
	instead       string // how to avoid the need for it
}

// addOns are the add-ons whose APIs the chart uses, by API group.
var addOns = map[string]addOn{
	"keda.sh":                   {"KEDA", "https://keda.sh/docs/latest/deploy/", "remove the autoscaling from the recipe"},
	"leaderworkerset.x-k8s.io":  {"the LeaderWorkerSet controller", "https://lws.sigs.k8s.io/docs/installation/", "run the recipe on one node"},
	"kueue.x-k8s.io":            {"Kueue", "https://kueue.sigs.k8s.io/docs/installation/", "remove the team from the recipe"},
	"monitoring.coreos.com":     {"the Prometheus Operator", "https://prometheus-operator.dev/docs/getting-started/installation/", "add --set cluster.serviceMonitor=false to annotate the pods instead"},
	"gateway.networking.k8s.io": {"the Gateway API", "https://gateway-api.sigs.k8s.io/guides/", "add --set cluster.gateway.kind= to deploy without an inference gateway"},
	"configuration.konghq.com":  {"Kong's ingress controller", "https://developer.konghq.com/kubernetes-ingress-controller/install/", "add --set cluster.gateway.kind= to deploy without an inference gateway"},
}

// apis returns the objects whose kinds the cluster does not serve.
func (r *run) apis(context.Context) ([]Finding, error) {
	var findings []Finding
	seenFixes := map[string]bool{}
	for _, release := range r.releases {
		seen := map[schema.GroupVersionKind]bool{}
		for _, o := range release.Objects {
			gvk := o.GroupVersionKind()
			_, err := r.Mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
			if !meta.IsNoMatchError(err) || seen[gvk] {
				if err != nil && !meta.IsNoMatchError(err) {
					return nil, err
				}
				continue
			}
			seen[gvk] = true
			f := Finding{Severity: Error, Rule: "api-missing", Release: release.Name, Object: objref.ID(o), Field: field.Kind(gvk.Kind)}
			f.What, f.Fix.Text = r.notServed(gvk)
			if seenFixes[f.Fix.Text] {
				f.Fix.Text = ""
			}
			seenFixes[f.Fix.Text] = true
			findings = append(findings, f)
		}
	}
	return findings, nil
}

// notServed returns what the cluster lacks to serve a kind, and how to install
// it.
func (r *run) notServed(gvk schema.GroupVersionKind) (what, fix string) {
	on, known := addOns[gvk.Group]
	if versions := r.versions(gvk.GroupKind()); len(versions) > 0 {
		what = fmt.Sprintf("API not found: %s in %s; the cluster serves %s", gvk.Kind, gvk.GroupVersion(), strings.Join(versions, " and "))
		if known {
			fix = fmt.Sprintf("install a version of %s that serves it: %s", on.name, on.install)
		}
		return what, fix
	}
	what = fmt.Sprintf("API not found: %s in %s", gvk.Kind, gvk.GroupVersion())
	if !known {
		return what, "install the operator that provides it"
	}
	return what + " (" + on.name + ")", fmt.Sprintf("install %s (%s), or %s", on.name, on.install, on.instead)
}

// versions returns the versions in which the cluster serves a kind.
func (r *run) versions(kind schema.GroupKind) []string {
	mappings, err := r.Mapper.RESTMappings(kind)
	var ambiguous *meta.AmbiguousKindError
	if err != nil && !errors.As(err, &ambiguous) {
		return nil
	}
	var versions []string
	for _, m := range mappings {
		versions = append(versions, m.GroupVersionKind.Version)
	}
	slices.Sort(versions)
	return slices.Compact(versions)
}
