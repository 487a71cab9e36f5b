package progress

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mattn/go-runewidth"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

func TestElide(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"fits", 4, "fits"},
		{"abcdefghijkl", 7, "ab…ijkl"},
		{"模型加载失败了", 14, "模型加载失败了"},
		{"模型加载失败了", 13, "模型…载失败了"},
		{"模型加载失败了", 8, "模… 败了"},
		{"e\u0301e\u0301e\u0301e\u0301", 4, "e\u0301e\u0301e\u0301e\u0301"},
		{"e\u0301e\u0301e\u0301e\u0301e\u0301", 4, "e\u0301…e\u0301e\u0301"},
		{"👩‍🚀👩‍🚀👩‍🚀", 6, "👩‍🚀👩‍🚀👩‍🚀"},
		{"👩‍🚀👩‍🚀👩‍🚀👩‍🚀", 7, "👩‍🚀…👩‍🚀👩‍🚀"},
		{"too narrow", 2, ""},
		{"too narrow", -1, ""},
	} {
		got := elide(c.text, c.width)
		if got != c.want {
			t.Errorf("elide(%q, %d) = %q, want %q", c.text, c.width, got, c.want)
		}
		if width := runewidth.StringWidth(got); width > max(c.width, 0) {
			t.Errorf("elide(%q, %d) has a width of %d", c.text, c.width, width)
		}
	}
}

// newTestTree returns a tree on a file, for which a terminal of 80 by 24 is assumed.
func newTestTree(t *testing.T) (v *treeView, written func() string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "screen")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	streams := genericiooptions.IOStreams{Out: file, ErrOut: file}
	var mu sync.Mutex
	mu.Lock() // so that the clock does not redraw
	t.Cleanup(mu.Unlock)
	v = newTreeView(&screen{file: file, restore: func() { _, _ = file.WriteString("restored\n") }}, streams, &mu)
	return v, func() string {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
}

func TestTreeFitsTheTerminal(t *testing.T) {
	t.Parallel()
	v, _ := newTestTree(t)
	defer v.close()
	for _, name := range []string{"main", strings.Repeat("n", 100), strings.Repeat("名", 50)} {
		for _, message := range []string{"short", strings.Repeat("失败", 60), strings.Repeat("e\u0301", 90), "a\tb\x1b[31m"} {
			s := rollout.Status{Object: "pod/x", Container: name, State: rollout.Degraded, Message: message, Depth: 2}
			line := v.line(s, time.Now().Add(-time.Hour))
			if width := runewidth.StringWidth(line); width > 79 || strings.ContainsAny(line, "\x1b\t\n") {
				t.Errorf("width %d: %q", width, line)
			}
			if !strings.HasPrefix(line, "    ! ") || !strings.HasSuffix(line, "  60m") {
				t.Errorf("got %q", line)
			}
		}
	}
}

func TestTree(t *testing.T) {
	t.Parallel()
	v, written := newTestTree(t)
	tree := []rollout.Status{
		{Object: "deployment.apps/web", State: rollout.Running, Message: "0/1"},
		{Object: "pod/a", State: rollout.Ready, Depth: 1},
		{Object: "pod/a", Container: "main", State: rollout.Ready, Depth: 2},
		{Object: "pod/b", State: rollout.Waiting, Depth: 1},
		{Object: "pod/b", Container: "main", State: rollout.Failed, Reason: "Error", Depth: 2},
	}
	v.tree("web", tree)
	v.change("web", rollout.Change{Note: "connection lost"})
	ended := v.ready("web", nil)
	deployed := v.deployed("web", nil)
	v.close()
	if ended != nil || deployed != nil {
		t.Errorf("errors %v, %v", ended, deployed)
	}
	lines := "· deployment.apps/web  0/1\n  ✓ pod/a  ready\n  · pod/b  waiting\n    ✗ main  Error\n"
	drawn := noWrap + lines + wrap
	cleared := "\x1b[4A\r" + clearDown
	want := drawn + cleared + "connection lost\n" + drawn + cleared + lines + "web deployed\n" + "restored\n"
	if diff := cmp.Diff(want, written()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTreeEndsWithTheFailure(t *testing.T) {
	t.Parallel()
	v, written := newTestTree(t)
	err := v.end("web", pullFailure())
	v.close()
	var want strings.Builder
	PrintFailure(&want, "web", pullFailure())
	if got := written(); err == nil || err.Error() != "web: rollout failed" || got != want.String()+"restored\n" {
		t.Errorf("%v: %q", err, got)
	}
}

func TestScreenCutsWhatIsTooHigh(t *testing.T) {
	t.Parallel()
	v, written := newTestTree(t)
	v.screen.draw(strings.Split(strings.Repeat("x\n", 29)+"x", "\n"))
	if got := written(); strings.Count(got, "x\n") != 22 || !strings.Contains(got, "… and 8 more lines") {
		t.Errorf("got %q", got)
	}
	v.close()
}
