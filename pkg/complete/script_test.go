package complete

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
)

func TestInstallScript(t *testing.T) {
	dir := t.TempDir()
	want := filepath.Join(dir, ScriptName)
	t.Setenv("PATH", dir)
	for _, step := range []struct {
		name   string
		before func() error
		result string
	}{
		{"a new script", func() error { return nil }, " installed"},
		{"a script that is up to date", func() error { return nil }, " is up to date"},
		{"an old script", func() error { return os.WriteFile(want, []byte("old"), 0o755) }, " installed"},
		{"a script that is not executable", func() error { return os.Chmod(want, 0o644) }, " installed"},
	} {
		if err := step.before(); err != nil {
			t.Fatal(err)
		}
		if result, err := InstallScript(dir, t.Errorf); err != nil || result != want+step.result {
			t.Errorf("%s: expected %s%s, got %s, %v", step.name, want, step.result, result, err)
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
	var warnings []string
	result, err := InstallScript(dir, func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) })
	if err != nil || !strings.HasSuffix(result, " installed") {
		t.Errorf("expected the link to be replaced, got %s, %v", result, err)
	}
	if want := []string{dir + " is not on your PATH"}; !slices.Equal(warnings, want) {
		t.Errorf("expected the warning %q, got %q", want, warnings)
	}
	if content, err := os.ReadFile(target); err != nil || string(content) != "other" {
		t.Errorf("the target of the link was changed: %q, %v", content, err)
	}
}

func TestInstallScriptNextToThePlugin(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", filepath.Join(dir, "none"))
	_, err := InstallScript("", t.Errorf)
	if err == nil || err.Error() != "kubectl-blueprint not found on the PATH" || len(hint.Of(err)) != 1 {
		t.Errorf("without the plugin on the PATH: got %v", err)
	}
	t.Setenv("PATH", dir)
	if err := os.WriteFile(filepath.Join(dir, "kubectl-blueprint"), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if result, err := InstallScript("", t.Errorf); err != nil || result != filepath.Join(dir, ScriptName)+" installed" {
		t.Errorf("expected a script in %s, got %s, %v", dir, result, err)
	}
}

func TestInstallScriptFails(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "missing")
	_, err := InstallScript(dir, t.Errorf)
	if want := "cannot write " + filepath.Join(dir, ScriptName) + ": no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("expected %q, got %v", want, err)
	}
	if !strings.Contains(hint.Of(err)[0].String(), "--dir") {
		t.Errorf("expected a hint about --dir, got %v", hint.Of(err))
	}
}
