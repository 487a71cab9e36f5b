package deploy

import (
	"errors"
	"slices"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// prepareRollback prepares a rollback of recipe-a to a revision.
func (f *fixture) prepareRollback(revision int) *Rollback {
	f.t.Helper()
	target, err := f.releases.Target("recipe-a", revision)
	if err != nil {
		f.t.Fatal(err)
	}
	b, err := f.PrepareRollback(f.t.Context(), f.releases, target)
	if err != nil {
		f.t.Fatal(err)
	}
	return b
}

func TestRollback(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deploy(recipe("a", ""))
	f.deploy(recipe("a", `, "recipe_replica_count": 2`))
	b := f.prepareRollback(1)
	if changes := b.Diff(); b.InSync() || changes.Name != "recipe-a" || !changes.Changed() {
		t.Errorf("got no change: %v", changes.Summary())
	}
	now, err := b.Run(t.Context(), f.options())
	if err != nil || now.Revision != 3 || now.RolloutFailed {
		t.Fatalf("got %+v, %v", now, err)
	}
	f.out.has(t, "release recipe-a rolled back to revision 1 (revision 3)")

	b = f.prepareRollback(1)
	if !b.InSync() || b.Diff().Changed() {
		t.Errorf("not in sync: %v", b.Diff().Summary())
	}
	o := f.options()
	o.Wait = false
	if now, err = b.Run(t.Context(), o); err != nil || now.Revision != 3 {
		t.Errorf("got %+v, %v, want revision 3 as it is", now, err)
	}
	f.out.has(t, "release recipe-a (revision 3) already matches revision 1")
	if got, want := f.history("recipe-a"), []string{"1 superseded", "2 superseded", "3 deployed"}; !slices.Equal(got, want) {
		t.Errorf("got revisions %q, want %q", got, want)
	}
}

// TestRollbackToWhatDoesNotWork notes that the new revision failed.
func TestRollbackToWhatDoesNotWork(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deploy(recipe("a", readsNothing))
	f.deploy(recipe("a", ""))
	if _, err := f.prepareRollback(1).Run(t.Context(), f.options()); !errors.As(err, new(*rollout.Failure)) {
		t.Errorf("got %v, want a failure", err)
	}
	if now, err := f.releases.Get("recipe-a"); err != nil || now.Revision != 3 || !now.RolloutFailed {
		t.Errorf("got %+v, %v, want revision 3 with a failed rollout", now, err)
	}
}

// TestRollbackAfterAnotherRun has another run deploy after the review.
func TestRollbackAfterAnotherRun(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deploy(recipe("a", ""))
	f.deploy(recipe("a", `, "recipe_replica_count": 2`))
	changing, idle := f.prepareRollback(1), f.prepareRollback(2)
	f.deploy(recipe("a", `, "recipe_replica_count": 3`))
	for _, b := range []*Rollback{changing, idle} {
		if _, err := b.Run(t.Context(), f.options()); !errors.Is(err, release.ErrBusy) {
			t.Errorf("revision %d: got %v, want ErrBusy", b.Target.Revision, err)
		}
	}
}
