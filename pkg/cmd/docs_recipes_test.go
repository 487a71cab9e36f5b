package cmd_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// TestDocsRecipes renders every example of docs/recipes.md.
func TestDocsRecipes(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/recipes.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d examples, want 2", len(blocks))
	}
	for _, block := range blocks {
		code, stdout, stderr := plugin.Run(block[1], "render", "-", "-n", "default")
		if code != 0 || stderr != "" {
			t.Errorf("code %d, %s in:\n%s", code, stderr, block[1])
		}
		if strings.Contains(block[1], "DB_HOST") && !strings.Contains(stdout, `value: "recipe-db.default.svc.cluster.local"`) {
			t.Errorf("the reference is not what the page says:\n%s", stdout)
		}
	}
}
