package release_test

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/faults"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// deploy makes a revision of release r with this text.
func deploy(t *testing.T, c *release.Client, text string) *release.Release {
	t.Helper()
	r, err := c.Deploy(t.Context(), configMapChart("blueprint"), "r", map[string]any{"text": text}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// told is what the history of release r tells of each revision.
func told(t *testing.T, c *release.Client) []string {
	t.Helper()
	revisions, err := c.History("r")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, r := range revisions {
		all = append(all, r.Status+": "+r.Description)
	}
	return all
}

func TestRollbackPassesOverWhatDidNotWork(t *testing.T) {
	for _, driver := range []string{"secret", "configmap"} {
		t.Run(driver, func(t *testing.T) {
			t.Setenv("HELM_DRIVER", driver)
			c := client(t, kubetest.Namespace(t))
			broken := func(r *release.Release, reason string) {
				t.Helper()
				if err := c.NoteRolloutFailed(t.Context(), r, reason); err != nil {
					t.Fatal(err)
				}
			}
			target := func(want int) {
				t.Helper()
				r, err := c.Target("r", 0)
				if err != nil || r.Revision != want {
					t.Errorf("got %+v, %v, want revision %d", r, err, want)
				}
			}
			broken(deploy(t, c, "one"), "Unschedulable")
			if _, err := c.Target("r", 0); !errors.Is(err, release.ErrNoRevision) {
				t.Errorf("got %v, want ErrNoRevision", err)
			}
			broken(deploy(t, c, "two"), "a message, in which there may be values")
			target(1) // there is no other
			third := deploy(t, c, "three")
			broken(third, "Error")
			target(2)
			broken(third, "OOMKilled")
			if err := c.NoteRolloutSucceeded(t.Context(), third); err != nil {
				t.Fatal(err)
			}
			broken(deploy(t, c, "four"), "OOMKilled")
			deploy(t, c, "five")
			target(3)
			if r, err := c.Target("r", 4); err != nil || r.Revision != 4 {
				t.Errorf("got %+v, %v, want revision 4, as asked for", r, err)
			}
			want := []string{
				"superseded: Install complete; rollout failed: Unschedulable",
				"superseded: Upgrade complete; rollout failed",
				"superseded: Upgrade complete",
				"superseded: Upgrade complete; rollout failed: OOMKilled",
				"deployed: Upgrade complete",
			}
			if diff := cmp.Diff(want, told(t, c)); diff != "" {
				t.Errorf("got another history (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatWorkedIsNotForgotten(t *testing.T) {
	t.Parallel()
	c := client(t, kubetest.Namespace(t))
	deploy(t, c, "works")
	for i := range 12 {
		if err := c.NoteRolloutFailed(t.Context(), deploy(t, c, strconv.Itoa(i)), "Error"); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := c.Target("r", 0); err != nil || r.Revision != 1 {
		t.Errorf("got %+v, %v, want revision 1", r, err)
	}
	if all := told(t, c); len(all) != 10 {
		t.Errorf("got %d revisions, want 10: %q", len(all), all)
	}
}

// TestNoteYieldsToAnotherRun has another run work on the release between the
// reading of the record and its writing.
func TestNoteYieldsToAnotherRun(t *testing.T) {
	t.Parallel()
	for name, rival := range map[string]struct {
		work func(*testing.T, *release.Client, string)
		want []string
	}{
		"upgrade": {func(t *testing.T, c *release.Client, _ string) { deploy(t, c, "two") }, []string{"superseded: Install complete", "deployed: Upgrade complete"}},
		"removal and install": {func(t *testing.T, c *release.Client, _ string) {
			if _, err := c.Uninstall(t.Context(), "r", release.UninstallOptions{}); err != nil {
				t.Error(err)
			}
			deploy(t, c, "two")
		}, []string{"deployed: Install complete"}},
		"mark": {func(t *testing.T, _ *release.Client, namespace string) {
			records := kubetest.Client(t).CoreV1().Secrets(namespace)
			o, err := records.Get(t.Context(), "sh.helm.release.v1.r.v1", metav1.GetOptions{})
			if err != nil {
				t.Fatal(err)
			}
			o.Labels["kubectl-blueprint.github.io/run"] = "another"
			if _, err := records.Update(t.Context(), o, metav1.UpdateOptions{}); err != nil {
				t.Fatal(err)
			}
		}, []string{"deployed: Install complete"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			namespace := kubetest.Namespace(t)
			c := client(t, namespace)
			r := deploy(t, c, "one")
			writes := 0
			proxy := faults.New(t, func(_ int, req *http.Request) faults.Fault {
				if req.Method == http.MethodPut {
					if writes++; writes == 1 {
						rival.work(t, c, namespace)
					}
				}
				return faults.None
			})
			if err := clientAt(t, proxy.Kubeconfig(t, namespace), namespace).NoteRolloutFailed(t.Context(), r, "Error"); err != nil {
				t.Error(err)
			}
			if writes != 1 {
				t.Errorf("got %d writes, want one that is refused", writes)
			}
			if diff := cmp.Diff(rival.want, told(t, c)); diff != "" {
				t.Errorf("got another history (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNoteOutlivesAServerThatIsAway(t *testing.T) {
	t.Parallel()
	namespace := kubetest.Namespace(t)
	c := client(t, namespace)
	r := deploy(t, c, "one")
	proxy := faults.New(t, func(n int, _ *http.Request) faults.Fault {
		return []faults.Fault{faults.Cut, faults.None, faults.Status(http.StatusServiceUnavailable), faults.None, faults.None, faults.CutAfter, faults.None}[min(n-1, 6)]
	})
	if err := clientAt(t, proxy.Kubeconfig(t, namespace), namespace).NoteRolloutFailed(t.Context(), r, "Error"); err != nil {
		t.Error(err)
	}
	if got := strings.Join(told(t, c), ""); got != "deployed: Install complete; rollout failed: Error" {
		t.Errorf("got %s", got)
	}
}
