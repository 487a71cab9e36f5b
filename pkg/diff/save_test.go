package diff

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/color"
)

// TestSave writes a plan that only the user can read, replaces an older plan and leaves
// any other file as it is.
func TestSave(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, other := filepath.Join(dir, "a.plan"), filepath.Join(dir, "other.json")
	for _, namespace := range []string{"one", "two"} {
		if err := (Plan{Namespace: namespace}).Save(t.Context(), file); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if plan, err := DecodePlan(text); err != nil || plan.Namespace != namespace {
			t.Errorf("got %+v, %v", plan, err)
		}
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v, want a private file", info.Mode(), err)
	}
	if err := os.WriteFile(other, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{other: "refusing to overwrite " + other + ": not a plan", dir: dir + " is not a regular file"} {
		if err := (Plan{}).Save(t.Context(), name); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("left %v, %v, want no temporary file", left, err)
	}
}

// TestPrint colors the lines of a diff as git does.
func TestPrint(t *testing.T) {
	t.Parallel()
	files := []File{{Object: "configmap/a", Before: []byte("a: 1\n"), After: []byte("a: 2\n")}}
	var out bytes.Buffer
	mode := color.Always
	if err := Print(&color.Writer{Writer: &out, Mode: &mode}, files); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"\x1b[1m--- live/configmap/a\x1b[0m\n", "\x1b[36m@@ -1,1 +1,1 @@\x1b[0m\n", "\x1b[31m-a: 1\x1b[0m\n", "\x1b[32m+a: 2\x1b[0m\n"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("no %q in\n%s", line, out.String())
		}
	}
	plain := &bytes.Buffer{}
	if err := Print(plain, files); err != nil || strings.Contains(plain.String(), "\x1b") {
		t.Errorf("%v\n%s", err, plain)
	}
}

// TestRunProgram compares the files of objects, of which one is created and one deleted.
func TestRunProgram(t *testing.T) {
	t.Parallel()
	files := []File{
		{Object: "configmap/a", Before: []byte("a: 1\n"), After: []byte("a: 2\n")},
		{Object: "service/new", After: []byte("b: 1\n")}, {Object: "service/old", Before: []byte("c: 1\n")},
	}
	var out, errOut bytes.Buffer
	script := `cd "$1/.." && ls LIVE DEPLOYED && exit 1`
	if err := RunProgram(t.Context(), []string{"sh", "-c", script, "sh"}, files, &out, &errOut); err != nil {
		t.Fatalf("%v\n%s", err, &errOut)
	}
	want := "DEPLOYED:\nconfigmap.a.yaml\nservice.new.yaml\n\nLIVE:\nconfigmap.a.yaml\nservice.old.yaml\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("unexpected files (-want +got):\n%s", diff)
	}
	for _, program := range [][]string{{"sh", "-c", "exit 2"}, {"no-such-program"}} {
		if err := RunProgram(t.Context(), program, files, &out, &errOut); err == nil || !strings.HasPrefix(err.Error(), "running "+program[0]+": ") {
			t.Errorf("%q: got %v", program, err)
		}
	}
}
