// Package corpus finds the public sample recipes and payloads, which are other
// people's files and not part of this repository. BLUEPRINT_CORPUS names their
// directory; make sets it when they lie beside the checkout.
package corpus

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir returns the directory of one folder of the samples: recipes, groups,
// secrets or responses. Without samples it skips t, or fails it if CI is set.
func Dir(t testing.TB, folder string) string {
	t.Helper()
	dir := folderPath(t, folder)
	if dir == "" {
		t.Skip("no public samples: BLUEPRINT_CORPUS is not set")
	}
	return dir
}

// Files returns the JSON files of one folder, sorted by name, for tests that also
// have samples of their own. Without samples it returns none, or fails t if CI is
// set.
func Files(t testing.TB, folder string) []string {
	t.Helper()
	dir := folderPath(t, folder)
	if dir == "" {
		return nil
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples in %s (%v)", dir, err)
	}
	return files
}

// folderPath returns "" without samples, which CI does not allow: tests that
// skip there would prove nothing.
func folderPath(t testing.TB, folder string) string {
	t.Helper()
	root := os.Getenv("BLUEPRINT_CORPUS")
	if root == "" && os.Getenv("CI") != "" {
		t.Fatal("no public samples: BLUEPRINT_CORPUS is not set, and CI must not skip")
	}
	if root == "" {
		return ""
	}
	return filepath.Join(root, folder)
}
