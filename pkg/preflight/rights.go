package preflight

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// right is something that the deploy does, and that the user has to be allowed.
type right struct {
	verb      string
	resource  schema.GroupResource
	sub       string // subresource
	namespace string // "" for what belongs to no namespace

	severity Severity // of not having it
	without  string   // what can't be done then
}

// on names what the right is about, as RBAC does.
func (r right) on() string {
	if r.sub != "" {
		return r.resource.String() + "/" + r.sub
	}
	return r.resource.String()
}

// rights are those that the deploy needs and the user lacks.
func (r *run) rights(ctx context.Context) ([]Finding, error) {
	needed, err := r.neededRights()
	if err != nil {
		return nil, err
	}
	lacking, err := r.lacking(ctx, needed)
	if err != nil {
		return nil, err
	}
	return r.rightFindings(lacking), nil
}

// neededRights are those to write every kind of object, and Helm's record of the
// release, and to watch what comes of it.
func (r *run) neededRights() ([]right, error) {
	var all []right
	add := func(resource schema.GroupResource, sub, namespace string, severity Severity, without string, verbs ...string) {
		for _, verb := range verbs {
			n := right{verb, resource, sub, namespace, severity, without}
			same := func(o right) bool { o.severity, o.without = n.severity, n.without; return o == n }
			if i := slices.IndexFunc(all, same); i < 0 {
				all = append(all, n)
			} else if severity == Error {
				all[i] = n
			}
		}
	}
	for _, release := range r.releases {
		for _, o := range release.Objects {
			gvk := o.GroupVersionKind()
			mapping, err := r.Mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
			if meta.IsNoMatchError(err) {
				continue // which kinds tells
			}
			if err != nil {
				return nil, err
			}
			resource, namespace := mapping.Resource.GroupResource(), r.Namespace
			if mapping.Scope.Name() == meta.RESTScopeNameRoot {
				namespace = ""
			}
			now, later := release.verbs(o)
			add(resource, "", namespace, Error, "the deploy fails", now...)
			add(resource, "", namespace, Warning, "it can't be upgraded or removed later", later...)
		}
	}
	secrets, pods := schema.GroupResource{Resource: "secrets"}, schema.GroupResource{Resource: "pods"}
	add(secrets, "", r.Namespace, Error, "the deploy fails", "list", "create", "update")
	add(secrets, "", r.Namespace, Warning, "it can't be upgraded or removed later", "delete")
	add(pods, "", r.Namespace, Warning, "it can't be told what becomes of the pods", "list", "watch")
	add(pods, "log", r.Namespace, Note, "no log can be shown of a container that fails", "get")
	return all, nil
}

// verbs are what Helm does to an object now, and what it may do to it later.
func (r Release) verbs(o *unstructured.Unstructured) (now, later []string) {
	if r.previous(o) != nil {
		return []string{"get", "patch"}, []string{"create", "delete"}
	}
	return []string{"get", "create"}, []string{"patch", "delete"}
}

// rightFindings puts rights that are lacking for the same reason into one.
func (r *run) rightFindings(lacking []right) []Finding {
	type group struct {
		severity           Severity
		without, namespace string
		verbs, resources   string
	}
	verbs := map[group][]string{} // of a resource
	var order []group
	for _, l := range lacking {
		g := group{severity: l.severity, without: l.without, namespace: l.namespace, resources: l.on()}
		if verbs[g] == nil {
			order = append(order, g)
		}
		verbs[g] = append(verbs[g], l.verb)
	}
	resources := map[group][]string{} // of the same verbs
	var merged []group
	for _, g := range order {
		m := g
		m.verbs, m.resources = strings.Join(verbs[g], ","), ""
		if resources[m] == nil {
			merged = append(merged, m)
		}
		resources[m] = append(resources[m], g.resources)
	}
	var findings []Finding
	for _, m := range merged {
		all := resources[m]
		f := Finding{Severity: m.severity, Rule: "rights"}
		where, role := "in namespace "+m.namespace, "role blueprint -n "+m.namespace
		if m.namespace == "" {
			where, role = "in the cluster", "clusterrole blueprint"
		}
		f.What = fmt.Sprintf("you may not %s %s %s: %s", listed(strings.Split(m.verbs, ",")), listed(all), where, m.without)
		f.Fix = fmt.Sprintf("have somebody who may bind you to: kubectl create %s --verb=%s --resource=%s", role, m.verbs, strings.Join(all, ","))
		findings = append(findings, f)
	}
	slices.SortStableFunc(findings, func(a, b Finding) int { return cmp.Compare(a.Severity, b.Severity) })
	return findings
}
