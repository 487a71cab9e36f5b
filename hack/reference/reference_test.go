package reference

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

var update = flag.Bool("update", false, "write docs/reference")

// TestPagesAreUpToDate compares docs/reference with the help of the commands.
func TestPagesAreUpToDate(t *testing.T) {
	dir := filepath.Join("..", "..", "docs", "reference")
	want := Pages()
	if len(want) < 20 {
		t.Errorf("generated %d pages", len(want))
	}
	if *update {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, text := range want {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got[entry.Name()] = string(text)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("docs/reference is not up to date; run `make golden` (-docs +help):\n%s", diff)
	}
}

// TestPagesDoNotDependOnTheMachine checks the defaults that come from it.
func TestPagesDoNotDependOnTheMachine(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("KUBECACHEDIR", filepath.Join(home, "cache"))
	for name, text := range Pages() {
		if strings.Contains(text, home) {
			t.Errorf("%s contains the home directory", name)
		}
	}
}

func TestManPages(t *testing.T) {
	date := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	pages, err := ManPages("v0.1.0", date)
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) != len(Pages()) {
		t.Errorf("generated %d man pages for %d commands", len(pages), len(Pages()))
	}
	deploy := string(pages["kubectl-blueprint-deploy.1"])
	for _, want := range []string{`"Jan 2026"`, "kubectl blueprint v0.1.0", "--rollback-on-failure", "kubectl-blueprint(1)"} {
		if !strings.Contains(strings.ReplaceAll(deploy, `\-`, "-"), want) {
			t.Errorf("kubectl-blueprint-deploy.1 does not contain %q:\n%.600s", want, deploy)
		}
	}
}

// TestManPagesAreFormatted formats the pages as man does.
func TestManPagesAreFormatted(t *testing.T) {
	plugin.Require(t, "man")
	pages, err := ManPages("v0.1.0", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for name, page := range pages {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, page, 0o644); err != nil {
			t.Fatal(err)
		}
		c := exec.Command("man", "--warnings", "-l", file)
		c.Env = append(os.Environ(), "MANPAGER=cat", "MANWIDTH=80", "LC_ALL=C.UTF-8")
		var warnings strings.Builder
		c.Stderr = &warnings
		if out, err := c.Output(); err != nil || !strings.Contains(string(out), "SYNOPSIS") || warnings.Len() > 0 {
			t.Errorf("%s: %v\n%s%s", name, err, out, &warnings)
		}
	}
}
