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

// What can't be done without a right.
const (
	noDeploy  = "the deploy fails"
	noUpgrade = "it can't be upgraded or removed later"
	noWatch   = "it can't be told what becomes of it"
	noLog     = "no log can be shown of a container that fails"
)

// neededRights are those to write every kind of object, and Helm's record of the
// release, and to watch what comes of it.
func (r *run) neededRights() (rightSet, error) {
	var all rightSet
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
			of := right{resource: mapping.Resource.GroupResource(), namespace: r.Namespace}
			if mapping.Scope.Name() == meta.RESTScopeNameRoot {
				of.namespace = ""
			}
			now, later := verbsFor(release, o)
			all.add(of, Error, noDeploy, now...)
			all.add(of, Warning, noUpgrade, later...)
			if pods, err := podsOf([]*unstructured.Unstructured{o}); err == nil && len(pods) > 0 {
				all.add(of, Warning, noWatch, "list", "watch")
			}
		}
	}
	of := func(resource string) right {
		return right{resource: schema.GroupResource{Resource: resource}, namespace: r.Namespace}
	}
	if r.Records != "" {
		all.add(of(r.Records), Error, noDeploy, "get", "list", "create", "update")
		all.add(of(r.Records), Warning, noUpgrade, "delete")
	}
	all.add(of("pods"), Warning, noWatch, "list", "watch")
	log := of("pods")
	log.sub = "log"
	all.add(log, Note, noLog, "get")
	return all, nil
}

// rightSet has each right once.
type rightSet []right

// add takes the most severe of what is said of a right.
func (s *rightSet) add(of right, severity Severity, without string, verbs ...string) {
	for _, verb := range verbs {
		of.verb, of.severity, of.without = verb, severity, without
		i := slices.IndexFunc(*s, func(o right) bool { o.severity, o.without = severity, without; return o == of })
		switch {
		case i < 0:
			*s = append(*s, of)
		case severity == Error:
			(*s)[i] = of
		}
	}
}

// verbsFor returns what Helm does to an object now, and what it may do to it later.
func verbsFor(r dryrun.Release, o *unstructured.Unstructured) (now, later []string) {
	if r.PreviousOf(o) != nil {
		return []string{"get", "patch"}, []string{"create", "delete"}
	}
	return []string{"get", "create"}, []string{"patch", "delete"}
}

// rightFindings puts rights that are lacking for the same reason into one.
func (r *run) rightFindings(lacking []right) []Finding {
	type of struct {
		severity                  Severity
		without, namespace, verbs string
	}
	verbs, order := gather(lacking, func(l right) (right, string) {
		verb := l.verb
		l.verb = ""
		return l, verb
	})
	resources, merged := gather(order, func(l right) (of, string) {
		return of{l.severity, l.without, l.namespace, strings.Join(verbs[l], ",")}, l.on()
	})
	var findings []Finding
	told := map[string]bool{}
	for _, m := range merged {
		names := strings.Join(resources[m], ",")
		f := Finding{Severity: m.severity, Rule: "rights"}
		where, role := "in the cluster", hint.Kubectl("create", "clusterrole", "NAME")
		if m.namespace != "" {
			where, role = "in namespace "+m.namespace, hint.Kubectl("create", "role", "NAME", "-n", m.namespace)
		}
		f.What = fmt.Sprintf("you may not %s %s %s: %s", strings.ReplaceAll(m.verbs, ",", ", "), listed(resources[m]), where, m.without)
		f.Fix = fmt.Sprintf("have it granted to you, as by %s and a binding", role.With("--verb="+m.verbs, "--resource="+names))
		if m.namespace != "" && !custom(resources[m]) {
			f.Fix = "have it granted to you, as by " + hint.Kubectl("create", "rolebinding", "NAME", "-n", m.namespace, "--clusterrole=edit", "--user=YOU").String()
		}
		if told[f.Fix] {
			f.Fix = ""
		}
		told[f.Fix] = true
		findings = append(findings, f)
	}
	return findings
}

// gather sorts what items have into lists, by what they have in common, and
// returns that in the order of the items.
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

// custom reports whether one of the resources is none that the role edit of every
// cluster grants.
func custom(resources []string) bool {
	return slices.ContainsFunc(resources, func(name string) bool {
		_, group, _ := strings.Cut(name, ".")
		return !slices.Contains([]string{"", "apps", "batch", "networking.k8s.io"}, group)
	})
}

// lacking are those of the rights that the user does not have. One request tells
// all rules for a namespace; what they don't grant is asked about one by one, as
// there may be authorizers that have no rules.
func (r *run) lacking(ctx context.Context, needed []right) ([]right, error) {
	rules, err := r.rules(ctx)
	if err != nil {
		return nil, err
	}
	var open []right
	for _, n := range needed {
		if n.namespace == "" || !slices.ContainsFunc(rules, n.grantedBy) {
			open = append(open, n)
		}
	}
	denied := make([]bool, len(open))
	indices := make([]int, len(open))
	for i := range indices {
		indices[i] = i
	}
	err = each(ctx, indices, func(ctx context.Context, i int) (err error) {
		denied[i], err = r.denied(ctx, open[i])
		return err
	})
	var lacking []right
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

// grantedBy reports whether the rule grants the right for objects of all names.
func (n right) grantedBy(rule authorizationv1.ResourceRule) bool {
	has := func(list []string, name string) bool {
		return slices.Contains(list, "*") || slices.Contains(list, name)
	}
	resource := n.resource.Resource
	if n.sub != "" {
		resource += "/" + n.sub
	}
	return len(rule.ResourceNames) == 0 && has(rule.Verbs, n.verb) && has(rule.APIGroups, n.resource.Group) && has(rule.Resources, resource)
}

// denied asks about one right.
func (r *run) denied(ctx context.Context, n right) (bool, error) {
	review, err := r.Client.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, &authorizationv1.SelfSubjectAccessReview{
		Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: n.namespace, Verb: n.verb, Group: n.resource.Group, Resource: n.resource.Resource, Subresource: n.sub,
		}},
	}, metav1.CreateOptions{})
	if err != nil && !r.unread.forbids(err, "selfsubjectaccessreviews", "which rights you have") {
		return false, err
	}
	return err == nil && !review.Status.Allowed, nil
}
