package preflight

import (
	"context"
	"slices"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

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
