package complete

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
)

func TestInstallScript(t *testing.T) {
	dir := t.TempDir()
	want := filepath.Join(dir, ScriptName)
	for _, step := range []struct {
		name    string
		before  func() error
		written bool
	}{
		{"a new script", func() error { return nil }, true},
		{"a script that is up to date", func() error { return nil }, false},
		{"an old script", func() error { return os.WriteFile(want, []byte("old"), 0o755) }, true},
		{"a script that is not executable", func() error { return os.Chmod(want, 0o644) }, true},
	} {
		if err := step.before(); err != nil {
			t.Fatal(err)
		}
		path, written, err := InstallScript(dir)
		if err != nil || path != want || written != step.written {
			t.Errorf("%s: expected %s, %t; got %s, %t, %v", step.name, want, step.written, path, written, err)
		}
		info, err := os.Stat(want)
		if err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("%s: expected an executable file, got %v, %v", step.name, info, err)
		}
		if content, err := os.ReadFile(want); err != nil || string(content) != string(Script()) {
			t.Errorf("%s: expected the script, got %q, %v", step.name, content, err)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
			t.Errorf("%s: expected one file, got %v, %v", step.name, entries, err)
		}
	}
}

// TestInstallScriptReplacesLinks does not write through a link, which could lead to
// the file of a package manager.
func TestInstallScriptReplacesLinks(t *testing.T) {
	dir, target := t.TempDir(), filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(target, []byte("other"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, filepath.Join(dir, ScriptName)); err != nil {
		t.Fatal(err)
	}
	if _, written, err := InstallScript(dir); err != nil || !written {
		t.Errorf("expected the link to be replaced, got %t, %v", written, err)
	}
	if content, err := os.ReadFile(target); err != nil || string(content) != "other" {
		t.Errorf("the target of the link was changed: %q, %v", content, err)
	}
}

func TestInstallScriptNextToThePlugin(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", filepath.Join(dir, "none"))
	_, _, err := InstallScript("")
	if err == nil || err.Error() != "kubectl-blueprint not found on the PATH" || len(hint.Of(err)) != 1 {
		t.Errorf("without the plugin on the PATH: got %v", err)
	}
	t.Setenv("PATH", dir)
	if err := os.WriteFile(filepath.Join(dir, "kubectl-blueprint"), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if path, _, err := InstallScript(""); err != nil || path != filepath.Join(dir, ScriptName) {
		t.Errorf("expected a script in %s, got %s, %v", dir, path, err)
	}
	if !OnPath(dir) || OnPath(filepath.Join(dir, "none")) {
		t.Error("OnPath: only the directory itself is on the PATH")
	}
}

func TestInstallScriptFails(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "missing")
	_, _, err := InstallScript(dir)
	if want := "cannot write " + filepath.Join(dir, ScriptName) + ": no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("expected %q, got %v", want, err)
	}
	if !strings.Contains(hint.Of(err)[0].String(), "--dir") {
		t.Errorf("expected a hint about --dir, got %v", hint.Of(err))
	}
}
