package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
)

// permission is what RBAC must allow the user.
type permission struct {
	verb      string
	resource  schema.GroupResource
	sub       string // subresource
	namespace string // "" for cluster-scoped resources

	severity Severity // of the finding if it is missing
	purpose  string   // what needs it
}

// on returns the resource of the permission as RBAC spells it.
func (p permission) on() string {
	if p.sub != "" {
		return p.resource.String() + "/" + p.sub
	}
	return p.resource.String()
}

// permissions returns the permissions that the deploy needs and the user lacks.
func (r *run) permissions(ctx context.Context) ([]Finding, error) {
	needed, err := r.neededPermissions()
	if err != nil {
		return nil, err
	}
	lacking, err := r.lacking(ctx, needed)
	if err != nil {
		return nil, err
	}
	return r.permissionFindings(lacking), nil
}

// The purposes of permissions.
const (
	toDeploy  = "needed to deploy"
	toUpgrade = "needed to upgrade or remove the release later"
	toWatch   = "needed to watch the rollout"
	toLog     = "needed to show the logs of failed containers"
)

// neededPermissions returns the permissions to write every kind of object and
// the Helm release record, and to watch the rollout.
func (r *run) neededPermissions() (permissionSet, error) {
	var all permissionSet
	for _, release := range r.releases {
		for _, o := range release.Objects {
			gvk := o.GroupVersionKind()
			mapping, err := r.Mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
			if meta.IsNoMatchError(err) {
				continue // the apis check reports it
			}
			if err != nil {
				return nil, err
			}
			of := permission{resource: mapping.Resource.GroupResource(), namespace: r.Namespace}
			if mapping.Scope.Name() == meta.RESTScopeNameRoot {
				of.namespace = ""
			}
			now, later := verbsFor(release, o)
			all.add(of, Error, toDeploy, now...)
			all.add(of, Warning, toUpgrade, later...)
			if pods, err := podsOf([]*unstructured.Unstructured{o}); err == nil && len(pods) > 0 {
				all.add(of, Warning, toWatch, "list", "watch")
			}
		}
	}
	of := func(resource string) permission {
		return permission{resource: schema.GroupResource{Resource: resource}, namespace: r.Namespace}
	}
	if r.Records != "" {
		all.add(of(r.Records), Error, toDeploy, "get", "list", "create", "update")
		all.add(of(r.Records), Warning, toUpgrade, "delete")
	}
	all.add(of("pods"), Warning, toWatch, "list", "watch")
	log := of("pods")
	log.sub = "log"
	all.add(log, Note, toLog, "get")
	return all, nil
}

// permissionSet holds each permission once.
type permissionSet []permission

// add adds permissions, and keeps the most severe entry of each.
func (s *permissionSet) add(of permission, severity Severity, purpose string, verbs ...string) {
	for _, verb := range verbs {
		of.verb, of.severity, of.purpose = verb, severity, purpose
		i := slices.IndexFunc(*s, func(o permission) bool { o.severity, o.purpose = severity, purpose; return o == of })
		switch {
		case i < 0:
			*s = append(*s, of)
		case severity == Error:
			(*s)[i] = of
		}
	}
}

// verbsFor returns the verbs that Helm needs for an object now, and those it
// may need later.
func verbsFor(r dryrun.Release, o *unstructured.Unstructured) (now, later []string) {
	if r.PreviousOf(o) != nil {
		return []string{"get", "patch"}, []string{"create", "delete"}
	}
	return []string{"get", "create"}, []string{"patch", "delete"}
}

// permissionFindings groups missing permissions with the same purpose into
// one finding.
func (r *run) permissionFindings(lacking []permission) []Finding {
	type of struct {
		severity                  Severity
		purpose, namespace, verbs string
	}
	verbs, order := gather(lacking, func(l permission) (permission, string) {
		verb := l.verb
		l.verb = ""
		return l, verb
	})
	resources, merged := gather(order, func(l permission) (of, string) {
		return of{l.severity, l.purpose, l.namespace, strings.Join(verbs[l], ",")}, l.on()
	})
	var findings []Finding
	seen := map[string]bool{}
	for _, m := range merged {
		names := strings.Join(resources[m], ",")
		f := Finding{Severity: m.severity, Rule: "permission-missing"}
		where, role := "at cluster scope", hint.Kubectl("create", "clusterrole", "NAME")
		if m.namespace != "" {
			where, role = "in namespace "+m.namespace, hint.Kubectl("create", "role", "NAME", "-n", m.namespace)
		}
		f.What = fmt.Sprintf("missing permission: %s %s %s (%s)", strings.ReplaceAll(m.verbs, ",", ", "), listed(resources[m]), where, m.purpose)
		f.Fix = hint.Hint{Text: "ask an administrator for a binding to this role", Command: role.With("--verb="+m.verbs, "--resource="+names)}
		if m.namespace != "" && !custom(resources[m]) {
			f.Fix = hint.Hint{Text: "ask an administrator to run", Command: hint.Kubectl("create", "rolebinding", "NAME", "-n", m.namespace, "--clusterrole=edit", "--user=YOU")}
		}
		if seen[f.Fix.String()] {
			f.Fix = hint.Hint{}
		}
		seen[f.Fix.String()] = true
		findings = append(findings, f)
	}
	return findings
}

// gather groups the values of items by key, and returns the keys in the order
// of the items.
func gather[T any, K comparable](items []T, split func(T) (K, string)) (map[K][]string, []K) {
	lists := map[K][]string{}
	var order []K
	for _, item := range items {
		key, value := split(item)
		if lists[key] == nil {
			order = append(order, key)
		}
		lists[key] = append(lists[key], value)
	}
	return lists, order
}

// custom reports whether a resource is one that the default role edit does not
// grant.
func custom(resources []string) bool {
	return slices.ContainsFunc(resources, func(name string) bool {
		_, group, _ := strings.Cut(name, ".")
		return !slices.Contains([]string{"", "apps", "batch", "networking.k8s.io"}, group)
	})
}

// lacking returns the permissions that the user does not have. One request
// returns all rules for a namespace; permissions that the rules do not grant
// are checked one by one, because an authorizer may have no rules.
func (r *run) lacking(ctx context.Context, needed []permission) ([]permission, error) {
	rules, err := r.rules(ctx)
	if err != nil {
		return nil, err
	}
	var open []permission
	for _, n := range needed {
		if n.namespace == "" || !slices.ContainsFunc(rules, n.grantedBy) {
			open = append(open, n)
		}
	}
	denied, err := collect(ctx, open, r.denied)
	var lacking []permission
	for i, n := range open {
		if denied[i] {
			lacking = append(lacking, n)
		}
	}
	return lacking, err
}

func (r *run) rules(ctx context.Context) ([]authorizationv1.ResourceRule, error) {
	review, err := r.Client.AuthorizationV1().SelfSubjectRulesReviews().Create(ctx, &authorizationv1.SelfSubjectRulesReview{
		Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: r.Namespace},
	}, metav1.CreateOptions{})
	if apierrors.IsForbidden(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return review.Status.ResourceRules, nil
}

// grantedBy reports whether the rule grants the permission for objects of all
// names.
func (p permission) grantedBy(rule authorizationv1.ResourceRule) bool {
	has := func(list []string, name string) bool {
		return slices.Contains(list, "*") || slices.Contains(list, name)
	}
	resource := p.resource.Resource
	if p.sub != "" {
		resource += "/" + p.sub
	}
	return len(rule.ResourceNames) == 0 && has(rule.Verbs, p.verb) && has(rule.APIGroups, p.resource.Group) && has(rule.Resources, resource)
}

// denied reports whether the server denies one permission.
func (r *run) denied(ctx context.Context, n permission) (bool, error) {
	review, err := r.Client.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, &authorizationv1.SelfSubjectAccessReview{
		Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: n.namespace, Verb: n.verb, Group: n.resource.Group, Resource: n.resource.Resource, Subresource: n.sub,
		}},
	}, metav1.CreateOptions{})
	if err != nil && !r.skipped.forbids(err, "selfsubjectaccessreviews", "your permissions") {
		return false, err
	}
	return err == nil && !review.Status.Allowed, nil
}
