package deploy

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
)

// target is the place that plans of these tests are for.
func target() diff.Plan {
	return diff.Plan{Plugin: "1.2.3", Chart: "sha256:chart", Server: "https://server", Namespace: "ns"}
}

// outcomes returns the outcome of each object of a release.
func outcomes(r *Release, verb dryrun.Verb) []dryrun.Outcome {
	var all []dryrun.Outcome
	for _, o := range r.Objects {
		all = append(all, dryrun.Outcome{Object: strings.ToLower(o.GetKind()) + "/" + o.GetName(), Verb: verb, Predicted: o})
	}
	return all
}

// save saves a plan and returns its file.
func save(t *testing.T, plan *diff.Plan) string {
	t.Helper()
	text, err := plan.Encode()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "a.plan")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestPlanKeepsReleases saves a plan and reads it back.
func TestPlanKeepsReleases(t *testing.T) {
	t.Parallel()
	b, err := blueprint.Load()
	if err != nil {
		t.Fatal(err)
	}
	waves := read(t, b, group(`{"name": "web", "depends_on": ["db"], "recipe": `+recipe("web", "")+`}`, `{"name": "db", "recipe": `+recipe("db", "")+`}`))
	for _, wave := range waves {
		wave[0].Outcomes = outcomes(wave[0], dryrun.Created)
	}
	waves[0][0].Existing = &release.Release{Revision: 7}
	plan, err := NewPlan(target(), waves)
	if err != nil {
		t.Fatal(err)
	}
	got, read, err := ReadPlan(t.Context(), b, save(t, plan), target())
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Waves) != 2 || got.Waves[0][0].Revision != 7 || got.Waves[1][0].Revision != 0 {
		t.Errorf("got %+v", got.Waves)
	}
	if len(read) != len(waves) {
		t.Fatalf("got %d waves, want %d", len(read), len(waves))
	}
	for i, wave := range waves {
		was, is := wave[0], read[i][0]
		if is.File != was.File || is.Group != "g" || is.Needed != (i == 0) || is.Existing != nil {
			t.Errorf("got %+v, want %+v", is.Workload, was.Workload)
		}
		if diff := cmp.Diff(was.Manifests.String(), is.Manifests.String()); diff != "" {
			t.Errorf("other manifests (-was +is):\n%s", diff)
		}
	}
}

func TestReadPlanOfAnotherPlace(t *testing.T) {
	t.Parallel()
	file := save(t, &diff.Plan{Plugin: "1.2.3", Chart: "sha256:chart", Server: "https://server", Namespace: "ns"})
	for want, here := range map[string]diff.Plan{
		"1.2.3": {Chart: "sha256:other", Server: "https://server", Namespace: "ns"},
		"is for server https://server, not https://other": {Chart: "sha256:chart", Server: "https://other", Namespace: "ns"},
		"is for namespace ns, not other":                  {Chart: "sha256:chart", Server: "https://server", Namespace: "other"},
	} {
		_, _, err := ReadPlan(t.Context(), nil, file, here)
		if err == nil || !strings.HasPrefix(err.Error(), "--plan: "+file+": ") || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
	if _, _, err := ReadPlan(t.Context(), nil, file+"2", target()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
}

// TestReadPlanOfAnotherRelease has a plan whose values make another release than the
// one that was reviewed.
func TestReadPlanOfAnotherRelease(t *testing.T) {
	t.Parallel()
	b, err := blueprint.Load()
	if err != nil {
		t.Fatal(err)
	}
	plan := target()
	plan.Waves = [][]diff.Planned{{{Release: "recipe-reviewed", File: "a.json", Values: read(t, b, recipe("other", ""))[0][0].Values}}}
	if _, _, err := ReadPlan(t.Context(), b, save(t, &plan), target()); err == nil || !strings.Contains(err.Error(), "recipe-reviewed") {
		t.Errorf("got %v", err)
	}
}

func TestCheckDrift(t *testing.T) {
	t.Parallel()
	newRelease := func(name string, revision int, verb dryrun.Verb) *Release {
		o := object(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: "+name+", labels: {app.kubernetes.io/instance: "+name+"}}}")
		r := &Release{Workload: &blueprint.Workload{Objects: []*unstructured.Unstructured{o}}}
		if r.Outcomes = outcomes(r, verb); verb != dryrun.Created {
			r.Outcomes[0].Live = o
		}
		if revision > 0 {
			r.Existing = &release.Release{Revision: revision}
		}
		return r
	}
	plan, err := NewPlan(target(), [][]*Release{{newRelease("a", 0, dryrun.Created), newRelease("b", 0, dryrun.Created)}, {newRelease("c", 1, dryrun.Unchanged)}})
	if err != nil {
		t.Fatal(err)
	}
	same := []*Release{newRelease("a", 0, dryrun.Created), newRelease("b", 0, dryrun.Created), newRelease("c", 1, dryrun.Unchanged)}
	if err := checkDrift(plan, same); err != nil {
		t.Errorf("got %v of what was reviewed", err)
	}
	err = checkDrift(plan, []*Release{same[0], newRelease("b", 0, dryrun.Configured), newRelease("c", 2, dryrun.Unchanged)})
	drift := driftError{}
	if !errors.As(err, &drift) {
		t.Fatalf("got %v, want a driftError", err)
	}
	want := []string{err.Error(), "  configmap/b would be configured, planned: created", "  release c is at revision 2, planned for revision 1"}
	if diff := cmp.Diff(want, drift.Lines()); diff != "" {
		t.Errorf("unexpected lines (-want +got):\n%s", diff)
	}
}
