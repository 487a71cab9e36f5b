package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
)

// errRollout is the failure to recover from.
var errRollout = errors.New("rollout failed")

func TestRecover(t *testing.T) {
	t.Parallel()
	one, two := recipe("a", ""), recipe("a", `, "recipe_replica_count": 2`)
	for name, c := range map[string]struct {
		before   []string // recipes that were deployed
		failed   bool     // whether none of them worked
		rollback bool
		history  []string // afterwards
		line     string   // that is logged
	}{
		"no rollback":       {[]string{one}, false, false, []string{"1 deployed"}, ""},
		"first revision":    {[]string{one}, false, true, []string{"not found"}, "release recipe-a uninstalled: no previous revision to roll back to"},
		"second revision":   {[]string{one, two}, false, true, []string{"1 superseded", "2 superseded", "3 deployed"}, "release recipe-a rolled back to revision 1"},
		"none worked":       {[]string{one, two}, true, true, []string{"1 superseded", "2 superseded", "3 deployed"}, "release recipe-a rolled back to revision 1"},
		"first of the last": {[]string{one, two, one}, false, true, []string{"1 superseded", "2 superseded", "3 superseded", "4 deployed"}, "release recipe-a rolled back to revision 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			var revision *release.Release
			for _, text := range c.before {
				revision = f.deploy(text)
				if c.failed {
					if err := f.releases.NoteRolloutFailed(t.Context(), revision, "Error"); err != nil {
						t.Fatal(err)
					}
				}
			}
			o := f.options()
			o.RollbackOnFailure = c.rollback
			if err := f.recover(t.Context(), f.releases, &Release{}, revision, o, errRollout); !errors.Is(err, errRollout) {
				t.Errorf("got %v, want the failure", err)
			}
			if got := f.history("recipe-a"); !slices.Equal(got, c.history) {
				t.Errorf("got revisions %q, want %q", got, c.history)
			}
			if c.line != "" {
				f.out.has(t, c.line)
			}
		})
	}
}

// TestRecoverLeavesWhatIsNotItsOwn has releases that this deploy must not roll back. Its
// hints have no flags for the cluster, because the command adds them to those of errors.
func TestRecoverLeavesWhatIsNotItsOwn(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	o := f.options()
	o.RollbackOnFailure = true
	one := f.deploy(recipe("a", ""))
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	leaves := func(ctx context.Context, r *Release, revision *release.Release) (hints []string) {
		t.Helper()
		before := f.history("recipe-a")
		err := f.recover(ctx, f.releases, r, revision, o, errRollout)
		if !errors.Is(err, errRollout) {
			t.Errorf("got %v, want the failure", err)
		}
		for _, h := range hint.Of(err) {
			hints = append(hints, h.String())
		}
		if after := f.history("recipe-a"); !slices.Equal(before, after) {
			t.Errorf("got revisions %q, want %q", after, before)
		}
		return hints
	}
	suffix := " -n " + f.Cluster.Namespace + " recipe-a"
	continues := func(revision *release.Release, undo string) {
		t.Helper()
		want := []string{"undo it: kubectl blueprint " + undo + suffix}
		if diff := cmp.Diff(want, leaves(interrupted, &Release{}, revision)); diff != "" {
			t.Errorf("unexpected hints (-want +got):\n%s", diff)
		}
		f.out.has(t, fmt.Sprintf("release recipe-a stays installed (revision %d) and continues to start", revision.Revision))
	}
	leaves(t.Context(), &Release{Workload: named("a"), Existing: &release.Release{Status: "deployed"}, Outcomes: []dryrun.Outcome{{Verb: dryrun.Unchanged}}}, one)
	continues(one, "undeploy")

	two := f.deploy(recipe("a", `, "recipe_replica_count": 2`))
	continues(two, "rollback")
	leaves(t.Context(), &Release{}, one)
	f.out.has(t, "release recipe-a not rolled back: revision 2 was created concurrently")

	if _, err := f.releases.Uninstall(t.Context(), "recipe-a", release.UninstallOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := f.recover(t.Context(), f.releases, &Release{}, two, o, errRollout); !errors.Is(err, errRollout) || !errors.Is(err, release.ErrNotFound) {
		t.Errorf("got %v, want the failure and ErrNotFound", err)
	}
}

// TestRecovery suggests how to undo a failed deploy.
func TestRecovery(t *testing.T) {
	t.Parallel()
	one, two := recipe("a", ""), recipe("a", `, "recipe_replica_count": 2`)
	for name, c := range map[string]struct {
		before   []string // recipes that were deployed; the last one failed
		failed   bool     // whether the others failed as well
		rollback bool
		upToDate bool
		undo     string
		revision int
	}{
		"first revision":  {before: []string{one}, undo: "or remove it: kubectl blueprint undeploy"},
		"second revision": {before: []string{one, two}, undo: "or roll back: kubectl blueprint rollback", revision: 1},
		"none worked":     {before: []string{one, two}, failed: true, undo: "or remove it: kubectl blueprint undeploy"},
		"rollback":        {before: []string{one, two}, rollback: true, revision: 1},
		"unchanged":       {before: []string{one, two}, upToDate: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			for _, text := range c.before {
				if revision := f.deploy(text); c.failed {
					if err := f.releases.NoteRolloutFailed(t.Context(), revision, "Error"); err != nil {
						t.Fatal(err)
					}
				}
			}
			r := &Release{Workload: named("a")}
			r.Objects[0].SetLabels(map[string]string{ownership.InstanceLabel: "recipe-a"})
			r.File = "a.json"
			if c.upToDate {
				r.Existing, r.Outcomes = &release.Release{Status: "deployed"}, []dryrun.Outcome{{Verb: dryrun.Unchanged}}
			}
			o := f.options()
			o.RollbackOnFailure = c.rollback
			got := f.recovery(f.releases, r, o)
			if c.undo != "" {
				c.undo += " --kubeconfig " + f.Cluster.Flags[1] + " -n " + f.Cluster.Namespace + " recipe-a"
			}
			if got.File != "a.json" || got.Revision != c.revision || got.Undo.String() != c.undo {
				t.Errorf("got %+v, want revision %d and %q", got, c.revision, c.undo)
			}
		})
	}
}
