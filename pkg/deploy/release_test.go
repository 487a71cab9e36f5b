package deploy

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
)

func TestUpToDate(t *testing.T) {
	t.Parallel()
	values := map[string]any{"a": 1, "b": map[string]any{"c": "d"}}
	stored := map[string]any{"b": map[string]any{"c": "d"}, "a": float64(1)} // Helm stores JSON
	other := map[string]any{"a": 2}
	for name, c := range map[string]struct {
		existing         *release.Release
		verbs            []dryrun.Verb
		inSync, upToDate bool
	}{
		"nothing to do":   {&release.Release{Status: "deployed", Values: stored}, []dryrun.Verb{dryrun.Unchanged, dryrun.Unchanged}, true, true},
		"other values":    {&release.Release{Status: "deployed", Values: other}, []dryrun.Verb{dryrun.Unchanged}, true, false},
		"changed object":  {&release.Release{Status: "deployed", Values: stored}, []dryrun.Verb{dryrun.Unchanged, dryrun.Configured}, false, false},
		"object to prune": {&release.Release{Status: "deployed", Values: stored}, []dryrun.Verb{dryrun.Deleted}, false, false},
		"failed revision": {&release.Release{Status: "failed", Values: stored}, []dryrun.Verb{dryrun.Unchanged}, false, false},
		"not deployed":    {nil, []dryrun.Verb{dryrun.Unchanged}, false, false},
	} {
		r := &Release{Workload: &blueprint.Workload{Values: values}, Existing: c.existing}
		for _, verb := range c.verbs {
			r.Outcomes = append(r.Outcomes, dryrun.Outcome{Verb: verb})
		}
		if r.InSync() != c.inSync || r.UpToDate() != c.upToDate {
			t.Errorf("%s: got in sync %t, up to date %t, want %t, %t", name, r.InSync(), r.UpToDate(), c.inSync, c.upToDate)
		}
	}
}

func TestRevision(t *testing.T) {
	t.Parallel()
	if got := (&Release{}).Revision(); got != 0 {
		t.Errorf("got %d, want 0 for a release that does not exist", got)
	}
	if got := (&Release{Existing: &release.Release{Revision: 3}}).Revision(); got != 3 {
		t.Errorf("got %d, want 3", got)
	}
}

// TestReleaseRedactsAllValues has a Secret whose value differs in the recipe and in the
// cluster.
func TestReleaseRedactsAllValues(t *testing.T) {
	t.Parallel()
	secret := func(value string) *unstructured.Unstructured {
		return object(t, "{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {k: "+value+"}}")
	}
	r := &Release{
		Workload: &blueprint.Workload{Objects: []*unstructured.Unstructured{secret("c4n4ry-new-value")}},
		Existing: &release.Release{},
		Outcomes: []dryrun.Outcome{{Live: secret("c4n4ry-live-value")}, {}},
	}
	text := r.redactor().Text("new c4n4ry-new-value, live c4n4ry-live-value, kept")
	if strings.Contains(text, "c4n4ry") || !strings.HasSuffix(text, ", kept") {
		t.Errorf("got %q", text)
	}
}

// TestReleases keeps the waves of workloads.
func TestReleases(t *testing.T) {
	t.Parallel()
	a, b, c := named("a"), named("b"), named("c")
	all := Releases([][]*blueprint.Workload{{a, b}, {c}})
	if len(all) != 2 || len(all[0]) != 2 || len(all[1]) != 1 || all[0][0].Workload != a || all[0][1].Workload != b || all[1][0].Workload != c {
		t.Errorf("got %v", all)
	}
}
