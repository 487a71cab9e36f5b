package deploy

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
)

// errRollout is the failure to recover from.
var errRollout = errors.New("rollout failed")

func TestRecover(t *testing.T) {
	t.Parallel()
	one, two := recipe("a", ""), recipe("a", `, "recipe_replica_count": 2`)
	for name, c := range map[string]struct {
		before  []string // recipes that were deployed
		failed  bool     // whether none of them worked
		atomic  bool
		history []string // afterwards
		line    string   // that is logged
	}{
		"not atomic":        {[]string{one}, false, false, []string{"1 deployed"}, ""},
		"first revision":    {[]string{one}, false, true, []string{"not found"}, "release recipe-a: removed, because no revision of it worked"},
		"second revision":   {[]string{one, two}, false, true, []string{"1 superseded", "2 superseded", "3 deployed"}, "release recipe-a: rolled back to revision 1"},
		"none worked":       {[]string{one, two}, true, true, []string{"1 superseded", "2 superseded", "3 deployed"}, "release recipe-a: rolled back to revision 1"},
		"first of the last": {[]string{one, two, one}, false, true, []string{"1 superseded", "2 superseded", "3 superseded", "4 deployed"}, "release recipe-a: rolled back to revision 2"},
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
			o.Atomic = c.atomic
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

// TestRecoverLeavesWhatIsNotItsOwn has releases that this deploy must not roll back.
func TestRecoverLeavesWhatIsNotItsOwn(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	o := f.options()
	o.Atomic = true
	one := f.deploy(recipe("a", ""))
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	leaves := func(ctx context.Context, r *Release, revision *release.Release) {
		t.Helper()
		before := f.history("recipe-a")
		if err := f.recover(ctx, f.releases, r, revision, o, errRollout); !errors.Is(err, errRollout) {
			t.Errorf("got %v, want the failure", err)
		}
		if after := f.history("recipe-a"); !slices.Equal(before, after) {
			t.Errorf("got revisions %q, want %q", after, before)
		}
	}
	leaves(t.Context(), &Release{Workload: named("a"), Existing: &release.Release{Status: "deployed"}, Outcomes: []dryrun.Outcome{{Verb: dryrun.Unchanged}}}, one)
	leaves(interrupted, &Release{}, one)
	suffix := " --kubeconfig " + f.Cluster.Flags[1] + " -n " + f.Cluster.Namespace + " recipe-a"
	f.out.has(t, "release recipe-a, revision 1: left as it is, since the deploy was interrupted: kubectl blueprint undeploy"+suffix)

	two := f.deploy(recipe("a", `, "recipe_replica_count": 2`))
	leaves(interrupted, &Release{}, two)
	f.out.has(t, "release recipe-a, revision 2: left as it is, since the deploy was interrupted: kubectl blueprint rollback"+suffix)
	leaves(t.Context(), &Release{}, one)
	f.out.has(t, "release recipe-a: left as it is, because another run has made revision 2 of it")

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
		atomic   bool
		upToDate bool
		undo     string
		revision int
	}{
		"first revision":  {before: []string{one}, undo: "or remove it: kubectl blueprint undeploy"},
		"second revision": {before: []string{one, two}, undo: "or roll back: kubectl blueprint rollback", revision: 1},
		"none worked":     {before: []string{one, two}, failed: true, undo: "or remove it: kubectl blueprint undeploy"},
		"atomic":          {before: []string{one, two}, atomic: true, revision: 1},
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
			r.File = "a.json"
			if c.upToDate {
				r.Existing, r.Outcomes = &release.Release{Status: "deployed"}, []dryrun.Outcome{{Verb: dryrun.Unchanged}}
			}
			o := f.options()
			o.Atomic = c.atomic
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
