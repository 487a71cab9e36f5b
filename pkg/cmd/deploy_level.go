package cmd

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// installsInFlight is how many members of a group are installed at a time. All
// are waited for at once.
const installsInFlight = 16

// level installs the recipes of one level side by side, and waits for all of
// them: those of the next level need them. One that fails does not stop the
// others, which may work; the error joins all failures.
func (o *deployOptions) level(ctx context.Context, b *blueprint, c *kube.Cluster, all []*workload) error {
	failures, slots := make([]error, len(all)), make(chan struct{}, installsInFlight)
	var group sync.WaitGroup
	for i, w := range all {
		group.Go(func() { failures[i] = o.member(ctx, b, c, w, slots) })
	}
	group.Wait()
	return errors.Join(failures...)
}

// member installs one recipe, once there is a slot for it, and waits for it.
func (o *deployOptions) member(ctx context.Context, b *blueprint, c *kube.Cluster, w *workload, slots chan struct{}) error {
	slots <- struct{}{}
	releases, r, err := o.install(ctx, b, c, w)
	<-slots
	if err != nil {
		return err
	}
	if o.wait {
		err := o.watch(ctx, w)
		if err == nil || !w.stays() { // what has worked before may fail of something new
			noteVerdict(ctx, releases, r, err)
		}
		if err != nil {
			return o.undo(ctx, releases, w, r, err)
		}
	}
	return o.follower.Deployed(w.name())
}

// install makes a revision of the release, unless it is as it should be.
func (o *deployOptions) install(ctx context.Context, b *blueprint, c *kube.Cluster, w *workload) (*release.Client, *release.Release, error) {
	releases, err := release.NewClient(o.getter, c.Namespace)
	if err != nil {
		return nil, nil, err
	}
	releases.Log, releases.Group, releases.Redact = o.say, w.group, w.redactor().Text
	basis := o.basis(c, w)
	if r := w.existing; w.stays() {
		if err := releases.Unchanged(ctx, r.Name, basis); err != nil {
			return nil, nil, err
		}
		o.say("release %s, revision %d: unchanged in namespace %s", r.Name, r.Revision, r.Namespace)
		return releases, r, nil
	}
	r, err := releases.Deploy(ctx, b.chart.Helm(), w.name(), w.values, basis)
	if err != nil {
		return nil, nil, err
	}
	o.say("release %s, revision %d: installed in namespace %s", r.Name, r.Revision, r.Namespace)
	return releases, r, nil
}

// redactor hides the values of a workload's Secrets: new, old and live ones.
func (w *workload) redactor() *redact.Redactor {
	objects := slices.Clone(w.objects)
	if w.existing != nil {
		objects = append(objects, w.existing.AppliedObjects()...)
	}
	for _, outcome := range w.outcomes {
		objects = append(objects, outcome.Live)
	}
	return redact.ForObjects(objects...)
}

// noteVerdict notes on the record of a revision how its watch has ended, so that
// no rollback goes back to what did not work. A watch that was cut short says
// nothing. That it can't be noted changes nothing of what was watched.
func noteVerdict(ctx context.Context, releases *release.Client, r *release.Release, watched error) {
	var err error
	failed := (*rollout.Failure)(nil)
	switch {
	case watched == nil && r.RolloutFailed:
		err = releases.NoteRolloutSucceeded(ctx, r)
	case errors.As(watched, &failed) && failed.Terminal():
		err = releases.NoteRolloutFailed(ctx, r, failed.Reason)
	}
	if err != nil {
		releases.Log("release %s, revision %d: its history does not tell whether it works: %v", r.Name, r.Revision, err)
	}
}

// undo takes a release that does not work back, where that is wanted and this
// deploy has made it what it is. Its error is the failure, which the user has to
// see in any case.
func (o *deployOptions) undo(ctx context.Context, releases *release.Client, w *workload, r *release.Release, failure error) error {
	switch {
	case !o.atomic || w.stays():
		return failure
	case ctx.Err() != nil:
		o.say("release %s, revision %d: left as it is, since the deploy was interrupted: %s",
			r.Name, r.Revision, hint.Blueprint(wayBack(r)).With(kube.Flags(o.getter)...).With("-n", r.Namespace, r.Name))
		return failure
	}
	newest, err := releases.Get(r.Name)
	switch {
	case err != nil:
		return errors.Join(failure, err)
	case newest.Revision != r.Revision:
		o.say("release %s: left as it is, because another run has made revision %d of it", r.Name, newest.Revision)
		return failure
	}
	return errors.Join(failure, o.takeBack(ctx, releases, newest))
}

// takeBack goes back to the revision before, or removes a first one.
func (o *deployOptions) takeBack(ctx context.Context, releases *release.Client, newest *release.Release) error {
	name, basis := newest.Name, &release.Basis{Newest: newest}
	target, err := releases.Target(name, 0)
	switch {
	case errors.Is(err, release.ErrNoRevision):
		if _, err = releases.Uninstall(ctx, name, release.UninstallOptions{Basis: basis}); err == nil {
			o.say("release %s: removed, because no revision of it worked", name)
		}
	case err == nil:
		if _, err = releases.Rollback(ctx, name, target.Revision, basis); err == nil {
			o.say("release %s: rolled back to revision %d", name, target.Revision)
		}
	}
	return err
}

// wayBack is the command that does what --atomic would have done.
func wayBack(r *release.Release) string {
	if r.Revision == 1 {
		return "undeploy"
	}
	return "rollback"
}

func (o *deployOptions) watch(ctx context.Context, w *workload) error {
	if o.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.timeout)
		defer cancel()
	}
	return o.follower.watch(ctx, w)
}
