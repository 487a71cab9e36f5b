package explain_test

import (
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/explain"
)

// TestPrint prints fields with what kubectl explain prints: kind, type, description and
// nested fields, in lines of at most 80 columns.
func TestPrint(t *testing.T) {
	t.Parallel()
	files, err := explain.Load()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]string{
		"recipe_replica_count":     {"KIND:       ", "FIELD: recipe_replica_count <integer>\n", "\nDESCRIPTION:\n    ", "\nKUBERNETES:\n    "},
		"recipe_configmaps":        {"FIELD: recipe_configmaps <[]Object>\n", "\nFIELDS:\n", "  name\t<string> -required-\n", "  default_mode\t"},
		"recipe_mode":              {"\nENUM:\n    service\n    job\n", "\nREFUSED VALUES:\n  "},
		"recipe_node_pool_size":    {"IGNORED: "},
		"recipe_raycluster_params": {"REFUSED: "},
		"secrets_payload.action":   {"FIELD: action <string>", "apply"},
	} {
		kind, field, err := files.Find(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		var text strings.Builder
		if err := field.Print(&text, kind); err != nil {
			t.Fatal(err)
		}
		for _, part := range want {
			if !strings.Contains(text.String(), part) {
				t.Errorf("%s: no %q in\n%s", path, part, text.String())
			}
		}
		for line := range strings.Lines(text.String()) {
			if len([]rune(line)) > 81 && strings.Contains(strings.TrimSpace(line), " ") && !strings.Contains(text.String(), "EXAMPLES") {
				t.Errorf("%s: a line of %d columns: %s", path, len(line), line)
			}
		}
	}
	var text strings.Builder
	if err := files.Print(&text); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"\nFIELDS:\n", "\nOTHER FILES:\n", "  deployment_group\t", "  secrets_payload\t", "  recipe_image_uri\t"} {
		if !strings.Contains(text.String(), part) {
			t.Errorf("no %q in the list of fields", part)
		}
	}
}

func TestFirstSentence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"One. Two.": "One.", "v1.2 of it": "v1.2 of it", "": ""} {
		if got := explain.FirstSentence(text); got != want {
			t.Errorf("%q: got %q", text, got)
		}
	}
}
