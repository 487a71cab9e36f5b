package release

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/release"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
)

// revisions returns records from a line such as "superseded failed deployed!", where !
// marks a failed rollout.
func revisions(line string) []*release.Release {
	var all []*release.Release
	for i, word := range strings.Fields(line) {
		status, failed := strings.CutSuffix(word, "!")
		one := record(i+1, release.Status(status))
		if failed {
			with(one, rolloutFailedLabel, strconv.Itoa(i+1))
		}
		all = append(all, one)
	}
	return all
}

func TestTarget(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]int{ // 0 for ErrNoRevision
		"deployed":                                   0,
		"superseded deployed":                        1,
		"superseded superseded deployed":             2,
		"superseded failed deployed":                 1,
		"superseded superseded! deployed":            1,
		"superseded! superseded! deployed":           2,
		"superseded! failed deployed":                1,
		"superseded superseded! failed deployed":     1,
		"failed failed deployed":                     0,
		"failed pending-upgrade":                     0,
		"deployed failed":                            1,
		"deployed pending-upgrade":                   1,
		"superseded deployed! failed":                1,
		"deployed! failed":                           1,
		"superseded uninstalled":                     1,
		"superseded superseded! superseded deployed": 3,
	} {
		r, _ := memoryRun(t, revisions(line)...)
		got, err := r.Target("r", 0)
		switch {
		case want == 0 && !errors.Is(err, ErrNoRevision):
			t.Errorf("%s: got %v, %v, want ErrNoRevision", line, got, err)
		case want != 0 && (err != nil || got.Revision != want):
			t.Errorf("%s: got %v, %v, want revision %d", line, got, err, want)
		}
	}
}

func TestTargetOfARevision(t *testing.T) {
	t.Parallel()
	r, _ := memoryRun(t, revisions("superseded superseded! failed deployed")...)
	for revision, want := range map[int]string{
		1: "", 2: "", 4: "",
		3:  `revision 3 of "r" is failed, not deployed`,
		5:  `"r" has no revision 5`,
		-1: `"r" has no revision -1`,
	} {
		got, err := r.Target("r", revision)
		switch {
		case want == "" && (err != nil || got.Revision != revision):
			t.Errorf("%d: got %v, %v", revision, got, err)
		case want != "" && (!errors.Is(err, ErrNoRevision) || !strings.Contains(err.Error(), want)):
			t.Errorf("%d: got %v, want ErrNoRevision with %s", revision, err, want)
		case want != "" && (len(hint.Of(err)) != 1 || hint.Of(err)[0].String() != "list the revisions: kubectl blueprint history -n ns r"):
			t.Errorf("%d: got the hints %v", revision, hint.Of(err))
		}
	}
	if _, err := r.Target("other", 0); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

func TestTrimHistory(t *testing.T) {
	t.Parallel()
	repeat := func(word string, n int) string { return strings.Repeat(word+" ", n) }
	for name, test := range map[string]struct {
		line string
		want []int
	}{
		"room for the new one":   {repeat("superseded", 8) + "deployed", []int{1, 2, 3, 4, 5, 6, 7, 8, 9}},
		"full":                   {repeat("superseded", 9) + "deployed", []int{2, 3, 4, 5, 6, 7, 8, 9, 10}},
		"over full":              {repeat("superseded", 11) + "deployed", []int{4, 5, 6, 7, 8, 9, 10, 11, 12}},
		"old one is deployed":    {"deployed " + repeat("failed", 9), []int{1, 3, 4, 5, 6, 7, 8, 9, 10}},
		"only the first worked":  {"superseded " + repeat("superseded!", 8) + "deployed!", []int{1, 3, 4, 5, 6, 7, 8, 9, 10}},
		"the last of those":      {"superseded superseded " + repeat("superseded!", 7) + "deployed!", []int{2, 3, 4, 5, 6, 7, 8, 9, 10}},
		"worked and deployed":    {"superseded deployed! " + repeat("failed", 8), []int{1, 2, 4, 5, 6, 7, 8, 9, 10}},
		"failed ones count also": {repeat("failed", 12), []int{4, 5, 6, 7, 8, 9, 10, 11, 12}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _ := memoryRun(t, revisions(test.line)...)
			if err := r.loadHistory(); err != nil {
				t.Fatal(err)
			}
			if err := r.trimHistory(); err != nil {
				t.Fatal(err)
			}
			found, err := history(r.store, "r")
			if err != nil {
				t.Fatal(err)
			}
			var got []int
			for _, one := range found {
				got = append(got, one.Version)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("unexpected revisions (-want +got):\n%s", diff)
			}
		})
	}
}

// TestHistoryIsSortedByRevision has more than nine revisions, which text sorts
// differently.
func TestHistoryIsSortedByRevision(t *testing.T) {
	t.Parallel()
	r, _ := memoryRun(t, record(10, release.StatusDeployed), record(9, release.StatusSuperseded), record(2, release.StatusFailed))
	found, err := r.History("r")
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, one := range found {
		got = append(got, one.Revision)
	}
	if !slices.Equal(got, []int{2, 9, 10}) {
		t.Errorf("got revisions %v, want 2, 9, 10", got)
	}
	if newest, err := r.Get("r"); err != nil || newest.Revision != 10 || newest.Status != "deployed" || !newest.Updated.Equal(record(10, "").Info.LastDeployed.Time) {
		t.Errorf("got %+v, %v, want revision 10", newest, err)
	}
	if _, err := r.History("other"); !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), `"other" in namespace "ns"`) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

func TestListReturnsTheNewestRevisions(t *testing.T) {
	t.Parallel()
	other, bare, named := record(1, release.StatusDeployed), record(1, release.StatusDeployed), record(3, release.StatusFailed)
	other.Name, other.Chart = "a", &chart.Chart{Metadata: &chart.Metadata{Name: "other"}}
	bare.Name, bare.Chart = "b", nil
	named.Name = "c"
	r, _ := memoryRun(t, record(1, release.StatusSuperseded), with(record(2, release.StatusDeployed), groupLabel, "g"), other, bare, named)
	found, err := r.List("blueprint")
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 2 || found[0].Name != "c" || found[0].Revision != 3 || found[1].Name != "r" || found[1].Revision != 2 || found[1].Group != "g" {
		t.Errorf("got %+v, want c at revision 3 and r of group g at revision 2", found)
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	before := &Release{Manifest: configMap("same", "a: b") + "---\n" + configMap("changed", "a: b") + "---\n" + configMap("removed", "") + "---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: same}\n"}
	after := &Release{Manifest: "apiVersion: batch/v1beta1\nkind: Job\nmetadata: {name: same}\n---\n" + configMap("changed", "a: c") + "---\n" + configMap("added", "") + "---\n" + configMap("same", "a: b")}
	want := []string{"~job.batch/same", "~configmap/changed", "+configmap/added", "-configmap/removed"}
	if diff := cmp.Diff(want, after.Changes(before)); diff != "" {
		t.Errorf("unexpected changes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"+configmap/a"}, (&Release{Manifest: configMap("a", "")}).Changes(nil)); diff != "" {
		t.Errorf("unexpected changes of a first revision (-want +got):\n%s", diff)
	}
	if got := before.Changes(before); got == nil || len(got) != 0 {
		t.Errorf("got %v, want an empty list, which is [] in JSON", got)
	}
}
