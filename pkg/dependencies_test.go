package pkg

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestDependenciesAreExplained checks that docs/dependencies.md says what each
// direct dependency is for.
func TestDependenciesAreExplained(t *testing.T) {
	t.Parallel()
	docs, err := os.ReadFile("../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder // its first column
	for line := range strings.Lines(string(docs)) {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			table.WriteString(strings.ReplaceAll(cells[1], ",", "") + " ")
		}
	}
	explained := strings.Fields(table.String())
	out, err := exec.Command("go", "list", "-m", "-f", "{{if not (or .Main .Indirect)}}{{.Path}}{{end}}", "all").Output()
	if err != nil {
		t.Fatal(err)
	}
	direct := strings.Fields(string(out))
	if len(direct) < 10 {
		t.Fatalf("direct dependencies: want at least 10, got %v", direct)
	}
	for _, name := range direct {
		if !slices.Contains(explained, name) {
			t.Errorf("docs/dependencies.md: %s is missing", name)
		}
	}
}
