package signature

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDocs writes the signatures to docs/troubleshooting.md; the text above them is
// written by hand.
func TestDocs(t *testing.T) {
	t.Parallel()
	const name, begin = "../../docs/troubleshooting.md", "<!-- begin signatures -->\n"
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	intro, _, found := strings.Cut(string(data), begin)
	if !found {
		t.Fatalf("%s: %q not found", name, begin)
	}
	var got strings.Builder
	got.WriteString(intro + begin)
	for _, s := range table(t).All() {
		fmt.Fprintf(&got, "\n## %s\n\n", s.ID)
		fmt.Fprintf(&got, "- Cause: %s\n- Fix: %s\n", escape(Generic(s.Cause)), escape(Generic(s.Fix)))
		if s.Field != "" {
			fmt.Fprintf(&got, "- Kubernetes field: `%s`\n", s.Field)
		}
		fmt.Fprintf(&got, "- %s\n- Programs: %s ([source](%s))\n- Pattern: `` %s ``\n", s.Verdict.Description(), strings.Join(s.Programs, ", "), s.Source, s.Pattern)
	}
	got.WriteString("\n<!-- end signatures -->\n")
	if *update {
		if err := os.WriteFile(name, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(data), got.String()); diff != "" {
		t.Errorf("%s is not up to date; run make golden (-docs +signatures):\n%s", name, diff)
	}
}

func escape(text string) string { return strings.NewReplacer("<", "&lt;", "*", `\*`).Replace(text) }
