package signature

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// table returns the embedded table.
func table(t testing.TB) *Table {
	t.Helper()
	all, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestSignatures checks the fields of every signature.
func TestSignatures(t *testing.T) {
	t.Parallel()
	schema, err := os.ReadFile("../../charts/blueprint/values.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	id := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	for _, s := range table(t).All() {
		if !id.MatchString(s.ID) || seen[s.ID] {
			t.Errorf("%q is not a unique ID in kebab case", s.ID)
		}
		seen[s.ID] = true
		if len(s.Programs) == 0 || s.Cause == "" || s.Fix == "" {
			t.Errorf("%s: programs, cause and fix are required", s.ID)
		}
		if s.Field != "" && !strings.Contains(string(schema), `"`+string(s.Field)+`"`) {
			t.Errorf("%s: the schema has no field %s", s.ID, s.Field)
		}
		if !slices.Contains([]Verdict{Terminal, Transient, Node}, s.Verdict) {
			t.Errorf("%s: unknown verdict %q", s.ID, s.Verdict)
		}
		if !strings.HasPrefix(s.Source, "https://") {
			t.Errorf("%s: source %q is not a URL", s.ID, s.Source)
		}
		for text, limit := range map[string]int{s.Cause: 100, s.Fix: 130} {
			if strings.HasSuffix(text, ".") || len(text) > limit {
				t.Errorf("%s: has a full stop or more than %d characters: %s", s.ID, limit, text)
			}
		}
		for _, group := range s.pattern.SubexpNames()[1:] {
			if group == "" || !strings.Contains(s.Cause+s.Fix, "{{"+group+"}}") {
				t.Errorf("%s: group %q is not used", s.ID, group)
			}
		}
		for _, literal := range s.literals.all {
			if strings.ContainsAny(literal, `"\<>&`) {
				t.Errorf("%s: JSON logs escape a character of %q", s.ID, literal)
			}
		}
	}
	if len(seen) < 50 {
		t.Errorf("%d signatures", len(seen))
	}
}

// TestParse rejects invalid tables.
func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"[{id: a, pattern: 'no such file', colour: red}]":              "field colour not found",
		"[{id: a, pattern: '(no such file'}]":                          `signature "a": error parsing regexp`,
		"[{id: a, pattern: '\\d+ files?'}]":                            `signature "a": pattern has no literal`,
		"[{id: a, pattern: 'no such file|(?:none)?'}]":                 `signature "a": pattern has no literal`,
		"[{id: a, pattern: 'no such file', fix: 'set --max {{max}}'}]": `signature "a": group "max" not found in pattern`,
	} {
		if _, err := parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

// TestFind returns a signature by ID, and suggests a similar one.
func TestFind(t *testing.T) {
	t.Parallel()
	s, err := table(t).Find("no-gpu")
	if err != nil || s.Cause != "the container has no GPU" {
		t.Errorf("got %+v, %v", s, err)
	}
	for id, want := range map[string]string{
		"cuda-out-of-memry": `signature "cuda-out-of-memry" not found; did you mean "cuda-out-of-memory"?`,
		"x":                 `signature "x" not found`,
	} {
		if _, err := table(t).Find(id); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestGeneric replaces groups by names.
func TestGeneric(t *testing.T) {
	t.Parallel()
	if got := Generic("set --max-model-len {{max}} of {{all}}"); got != "set --max-model-len MAX of ALL" {
		t.Errorf("got %s", got)
	}
}
