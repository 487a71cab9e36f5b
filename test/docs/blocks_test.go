package docs_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var opening = regexp.MustCompile("(?m)^[ \t]*```(\\S*)")

// TestSessions requires that a test replays every session in the documentation. Blocks
// of commands that need other clusters, programs or accounts are marked with sh.
func TestSessions(t *testing.T) {
	t.Parallel()
	// The Go files whose tests run the sessions of a page.
	replayed := map[string]string{
		"README.md":                          "pkg/cmd/readme_test.go",
		"docs/gitops.md":                     "pkg/cmd/docs_test.go",
		"docs/deploy.md":                     "pkg/cmd/docs_test.go",
		"docs/secrets.md":                    "pkg/cmd/docs_test.go",
		"docs/workflows/finetuning-job.md":   "pkg/cmd/docs_test.go",
		"docs/workflows/group.md":            "pkg/cmd/docs_test.go",
		"docs/workflows/huggingface.md":      "test/e2e/workflows_test.go",
		"docs/workflows/nim.md":              "test/e2e/workflows_test.go",
		"docs/workflows/private-registry.md": "pkg/cmd/docs_test.go",
	}
	for _, page := range markdown(t) {
		switch test := replayed[page]; {
		case blocks(read(t, page))["console"] == 0:
		case test == "":
			t.Errorf("%s: no test replays its console blocks; mark them with sh if they need more than the test cluster", page)
		case !strings.Contains(read(t, test), `"`+strings.TrimPrefix(page, "docs/")+`"`) && !strings.Contains(read(t, test), filepath.Base(page)+`"`):
			t.Errorf("%s does not replay %s", test, page)
		}
	}
}

// TestLanguages requires a language on every block, without which sites show commands,
// output and files alike.
func TestLanguages(t *testing.T) {
	t.Parallel()
	for _, page := range markdown(t) {
		if n := blocks(read(t, page))[""]; n > 0 {
			t.Errorf("%s: %d blocks without a language", page, n)
		}
	}
}

// blocks counts the fenced blocks of a page by language.
func blocks(text string) map[string]int {
	count := map[string]int{}
	for _, block := range fenced.FindAllString(text, -1) {
		count[opening.FindStringSubmatch(block)[1]]++
	}
	return count
}
