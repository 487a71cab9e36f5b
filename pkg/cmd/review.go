package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/preflight"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/review"
)

// reviewOptions are what diff and deploy need to say what a deploy changes.
type reviewOptions struct {
	recipeOptions
	file string

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

// levels reads the recipes, level by level.
func (o *reviewOptions) levels(b *blueprint) ([][]*workload, error) {
	namespace, err := namespaceOf(o.getter)
	if err != nil {
		return nil, err
	}
	r, err := o.read(b, []string{o.file}, namespace, o.streams.In, o.streams.ErrOut)
	if err != nil {
		return nil, err
	}
	return r.workloads()
}

// inspect asks the cluster what is there of each recipe, and what the server
// would do with its objects.
func (o *reviewOptions) inspect(ctx context.Context, all []*workload) (*cluster, *release.Client, error) {
	c, err := connect(o.getter)
	if err != nil {
		return nil, nil, err
	}
	releases, err := release.NewClient(o.getter, c.namespace)
	if err != nil {
		return nil, nil, err
	}
	for _, w := range all {
		if err := o.check(ctx, c, releases, w); err != nil {
			return nil, nil, err
		}
	}
	return c, releases, nil
}

// tellOutcomes says what the server would do, object by object.
func (o *reviewOptions) tellOutcomes(all []*workload) {
	for _, w := range all {
		for _, outcome := range w.outcomes {
			o.say("%s %s (server dry run)", outcome.Object, outcome.Verb)
		}
	}
}

func (w *workload) review(showSecrets bool) review.Review {
	return review.New(w.name(), w.outcomes, showSecrets)
}

// stays reports whether there is nothing to do for a deploy: the release is
// deployed with the same values, and all its objects are as they are to be.
// Another revision would only push one that tells something out of the history.
func (w *workload) stays() bool {
	return w.existing != nil && w.existing.Status == "deployed" && sameValues(w.existing.Values, w.values) &&
		!slices.ContainsFunc(w.outcomes, func(o preflight.Outcome) bool { return o.Verb != preflight.Unchanged })
}

// sameValues compares values as Helm stores them.
func sameValues(a, b map[string]any) bool {
	was, errWas := json.Marshal(a)
	is, errIs := json.Marshal(b)
	return errWas == nil && errIs == nil && bytes.Equal(was, is)
}
