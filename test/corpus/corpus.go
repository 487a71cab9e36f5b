// Package corpus finds the public sample recipes and payloads, which are not
// part of this repository: BLUEPRINT_CORPUS names their directory, and `make`
// sets it where they lie beside the checkout.
package corpus

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir returns the directory of one folder of the corpus: recipes, groups,
// secrets or responses. It skips t where there is no corpus.
func Dir(t testing.TB, folder string) string {
	t.Helper()
	root := os.Getenv("BLUEPRINT_CORPUS")
	if root == "" {
		t.Skip("no corpus of public samples here: BLUEPRINT_CORPUS names its directory")
	}
	return filepath.Join(root, folder)
}

// Files returns the files of one folder, sorted by name, for tests that have
// samples of their own as well: none where there is no corpus.
func Files(folder string) []string {
	root := os.Getenv("BLUEPRINT_CORPUS")
	if root == "" {
		return nil
	}
	files, _ := filepath.Glob(filepath.Join(root, folder, "*.json"))
	return files
}
