package secrets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// filesOf returns Files with texts by file name, and In.
func filesOf(t *testing.T, in string, texts map[string]string) Files {
	t.Helper()
	dir := t.TempDir()
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Files{Names: []string{dir}, In: strings.NewReader(in), Prompts: io.Discard, Refuse: func(doc *source.Document) error {
		if doc.Root.Member("recipe_mode") != nil {
			return source.Errors{doc.ErrorAt("", "is a recipe")}
		}
		return nil
	}}
}

// referring is an operation with one value from elsewhere.
func referring(name, from, at string) string {
	return fmt.Sprintf(`{"name": %q, "action": "create", "type": "opaque", "data": {"key": {"valueFrom": {%q: %s}}}}`, name, from, at)
}

// TestFilesRead reads files in their order, each with values from elsewhere.
func TestFilesRead(t *testing.T) {
	t.Setenv("FILES_TEST_KEY", canary+"-env")
	f := filesOf(t, canary+"-stdin", map[string]string{
		"b.json": list(referring("from-file", "file", `"value.txt"`), referring("from-stdin", "stdin", "true")),
		"a.yaml": list(opaque(ActionCreate, "plain", "key", canary+"-plain"), referring("from-env", "env", `"FILES_TEST_KEY"`)),
	})
	if err := os.WriteFile(filepath.Join(f.Names[0], "value.txt"), []byte(canary+"-file"), 0o600); err != nil {
		t.Fatal(err)
	}
	ops, warnings, err := f.Read(t.Context())
	if err != nil || len(warnings) > 0 {
		t.Fatalf("got %v and %v", warnings, err)
	}
	var got []string
	for _, op := range ops {
		got = append(got, op.Name+"="+string(op.Data["key"].bytes()))
	}
	want := []string{"plain=" + canary + "-plain", "from-env=" + canary + "-env", "from-file=" + canary + "-file", "from-stdin=" + canary + "-stdin"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// TestFilesErrors returns the errors of all files, and none that quotes a value.
func TestFilesErrors(t *testing.T) {
	t.Parallel()
	large := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(large, make([]byte, corev1.MaxSecretSize+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		texts map[string]string
		want  []string
	}{
		"all files": {map[string]string{"a.json": `[{"name": "A"}]`, "b.json": `[`, "c.json": `{"recipe_mode": "job"}`, "d.json": "[]"},
			[]string{"a.json:1:11: ", "b.json:1:2: ", "c.json:1:1: is a recipe"}},
		"too large": {map[string]string{"a.json": list(referring("a", "file", fmt.Sprintf("%q", large)))}, []string{"a.json:1:", "must be at most 1 MiB, the limit of a Secret"}},
		"endless":   {map[string]string{"a.json": list(referring("a", "file", `"/dev/zero"`))}, []string{"must be at most 1 MiB, the limit of a Secret"}},
		"missing":   {map[string]string{"a.json": list(referring("a", "file", `"nothing"`))}, []string{"file not found (relative paths start at "}},
		"no prompt": {map[string]string{"a.json": list(referring("a", "prompt", `"Key"`))}, []string{"a.json:1:"}},
		"no file":   {nil, []string{"no .json, .yaml or .yml files found"}},
	} {
		ops, _, err := filesOf(t, "", tt.texts).Read(t.Context())
		if err == nil || ops != nil {
			t.Errorf("%s: got %v, %v", name, ops, err)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q", name, err, want)
			}
		}
	}
}

// TestFilesWarnings warns of suspicious values, and of values in a file that
// everybody can read.
func TestFilesWarnings(t *testing.T) {
	t.Parallel()
	f := filesOf(t, "", map[string]string{
		"blank.json": list(opaque(ActionCreate, "a", "key", " "+canary)),
		"open.json":  list(opaque(ActionCreate, "b", "key", canary)),
		"none.json":  list(remove("c")),
	})
	for _, name := range []string{"open.json", "none.json"} {
		if err := os.Chmod(filepath.Join(f.Names[0], name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ops, warnings, err := f.Read(t.Context())
	if err != nil || len(ops) != 3 || len(warnings) != 2 {
		t.Fatalf("got %d operations, %v, %v", len(ops), warnings, err)
	}
	if got := warnings[0].Error(); !strings.Contains(got, "blank.json:1:") || strings.Contains(got, canary) {
		t.Errorf("got %q", got)
	}
	file := filepath.Join(f.Names[0], "open.json")
	if got := warnings[1].Error(); got != file+": contains secret values and is world-readable\nhint: chmod o= "+file {
		t.Errorf("got %q", got)
	}
}

// TestFilesInterrupted waits for standard input until the context ends.
func TestFilesInterrupted(t *testing.T) {
	t.Parallel()
	f := filesOf(t, "", map[string]string{"a.json": list(referring("a", "stdin", "true"))})
	pipe, _ := io.Pipe()
	f.In = pipe
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, _, err := f.Read(ctx); !errors.Is(err, context.Canceled) || err.Error() != "interrupted" {
		t.Errorf("got %v", err)
	}
}
