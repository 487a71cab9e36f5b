package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
)

// reviewOptions are what diff and deploy need to say what a deploy changes.
type reviewOptions struct {
	recipeOptions
	file     string
	offline  bool // asks no cluster
	versions versions

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

// levels reads the recipes, level by level.
func (o *reviewOptions) levels(ctx context.Context, b *blueprint) ([][]*workload, error) {
	namespace, err := kube.Namespace(o.getter)
	if o.offline {
		namespace, err = kube.OfflineNamespace(o.getter, cmdutil.Warner(o.streams.ErrOut))
	}
	if err != nil {
		return nil, err
	}
	r, err := o.read(ctx, b, []string{o.file}, namespace, o.streams.In, o.streams.ErrOut)
	if err != nil {
		return nil, err
	}
	return r.workloads()
}

// inspect asks the cluster what is there of each recipe, and what the server
// would do with its objects. changing has the names of Secrets that are about to
// change.
func (o *reviewOptions) inspect(ctx context.Context, b *blueprint, c *kube.Cluster, all []*workload, changing []string) error {
	if err := o.look(ctx, b, c, all, changing); err != nil {
		return err
	}
	return o.try(ctx, c, all)
}

// look finds the releases that are there, and refuses to take over another
// recipe's.
func (o *reviewOptions) look(ctx context.Context, b *blueprint, c *kube.Cluster, all []*workload, changing []string) error {
	releases, err := release.NewClient(o.getter, c.Namespace)
	if err != nil {
		return err
	}
	if o.versions, err = newVersions(o.getter, c.Namespace, changing); err != nil {
		return err
	}
	var large []error
	for _, w := range all {
		if !releases.StoresInSecrets() && slices.ContainsFunc(w.objects, redact.IsSecret) {
			return fmt.Errorf("%s: HELM_DRIVER=configmap would keep the credentials in it in a ConfigMap: unset HELM_DRIVER", w.file)
		}
		existing, err := releases.Get(w.name())
		if err != nil && !errors.Is(err, release.ErrNotFound) {
			return err
		}
		if err == nil {
			if err := o.replaceable(existing, w); err != nil {
				return err
			}
			w.existing = existing
		}
		if err := o.versions.pin(ctx, b, w); err != nil {
			return err
		}
		if err := releases.CheckSize(b.chart.Helm(), w.name(), w.manifests.String(), w.values); err != nil {
			large = append(large, fmt.Errorf("%s: %w", w.file, err))
		}
	}
	return errors.Join(large...)
}

// try asks the server about every object.
func (o *reviewOptions) try(ctx context.Context, c *kube.Cluster, all []*workload) error {
	for _, w := range all {
		var err error
		if w.outcomes, err = dryrun.Run(ctx, c.Dynamic, c.Mapper, w.wanted(c.Namespace)); err != nil {
			return err
		}
	}
	return nil
}

// replaceable refuses to upgrade what another chart or another recipe made.
func (o *reviewOptions) replaceable(existing *release.Release, w *workload) error {
	if err := existing.CheckChart(chartName); err != nil {
		return err
	}
	if holder := deploymentName(existing.Objects()); holder != w.deploymentName() && !existing.Uninstalling() {
		return fmt.Errorf("%s: deployment_name %q becomes %s, a name that %q already has in namespace %s: choose another deployment_name",
			o.file, w.deploymentName(), w.name(), holder, existing.Namespace)
	}
	return nil
}

// tellOutcomes says what the server would do, object by object.
func (o *reviewOptions) tellOutcomes(all []*workload) {
	for _, w := range all {
		for _, outcome := range w.outcomes {
			o.say("%s %s (server dry run)", outcome.Object, outcome.Verb)
		}
	}
}

func (w *workload) review(showSecrets bool) diff.Release {
	return diff.New(w.name(), w.outcomes, showSecrets)
}

// stays reports whether there is nothing to do for a deploy: the release is
// deployed with the same values, and all its objects are as they are to be.
// Another revision would only push one that tells something out of the history.
func (w *workload) stays() bool {
	return w.asWanted() && sameValues(w.existing.Values, w.values)
}

// asWanted reports whether all objects are as they are to be.
func (w *workload) asWanted() bool {
	return w.existing != nil && w.existing.Status == "deployed" &&
		!slices.ContainsFunc(w.outcomes, func(o dryrun.Outcome) bool { return o.Verb != dryrun.Unchanged })
}

// sameValues compares values as Helm stores them.
func sameValues(a, b map[string]any) bool {
	was, errWas := json.Marshal(a)
	is, errIs := json.Marshal(b)
	return errWas == nil && errIs == nil && bytes.Equal(was, is)
}

// say writes a line of progress, in which the server's words can't move the
// cursor.
func (o *reviewOptions) say(format string, args ...any) {
	cmdutil.Report(o.streams.ErrOut, format, args...)
}
