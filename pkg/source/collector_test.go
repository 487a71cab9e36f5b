package source_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// TestCollector keeps the first errors of a file and counts the others, also those
// that another collector has counted.
func TestCollector(t *testing.T) {
	t.Parallel()
	var c source.Collector
	if c.Err() != nil || c.Len() != 0 || len(c.Errors()) != 0 {
		t.Errorf("the zero collector has %v", c.Errors())
	}
	for line := source.MaxErrors; line > 0; line-- {
		c.Add(&source.Error{File: "a.json", Pos: source.Position{Line: line, Column: 1}, Message: fmt.Sprint("m", line)})
	}
	if found := c.Errors(); len(found) != source.MaxErrors || found[0].Message != "m1" || found.Total() != source.MaxErrors {
		t.Errorf("got %d errors, %d in total, beginning with %v", len(found), found.Total(), found[0])
	}
	if !c.Skip() {
		t.Error("keeps more than MaxErrors")
	}
	c.Add(&source.Error{File: "a.json", Message: "too many"}, &source.Error{File: "a.json", Omitted: 40})
	found := c.Errors()
	last := found[len(found)-1]
	if len(found) != source.MaxErrors+1 || last.Omitted != 42 || c.Len() != source.MaxErrors+42 || found.Total() != c.Len() {
		t.Errorf("got %d errors, the last one for %d others, and %d in total", len(found), last.Omitted, c.Len())
	}
	if got := c.Err().Error(); !strings.HasSuffix(got, "\na.json: and 122 more errors") || strings.Contains(got, "too many") {
		t.Errorf("got\n%s", got)
	}
}

func TestAsErrors(t *testing.T) {
	t.Parallel()
	problems := source.Errors{{File: "a.json", Message: "a"}, {File: "b.json", Message: "b"}}
	for name, test := range map[string]struct {
		err  error
		want source.Errors
	}{
		"none":    {nil, nil},
		"errors":  {problems, problems},
		"wrapped": {fmt.Errorf("in: %w", problems), problems},
		"other":   {errors.New("no disk"), source.Errors{{Message: "no disk"}}},
	} {
		if diff := cmp.Diff(test.want, source.AsErrors(test.err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestDecode decodes every kind of value, with numbers as the caller wants them.
func TestDecode(t *testing.T) {
	t.Parallel()
	doc, err := source.Parse("a.json", []byte(`{"s": "\u0041\n", "n": [1, -0.50, 1e400], "t": true, "f": false, "z": null, "o": {}, "a": []}`))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"s": "A\n", "n": []any{"<1>", "<-0.50>", "<1e400>"}, "t": true, "f": false, "z": nil, "o": map[string]any{}, "a": []any{}}
	if diff := cmp.Diff(any(want), doc.Root.Decode(func(literal string) any { return "<" + literal + ">" })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	n := doc.Root.Find("/n/1")
	if replaced := n.WithText("half"); replaced.Kind != source.String || replaced.Pos != n.Pos || replaced.Decode(nil) != "half" || n.Kind != source.Number {
		t.Errorf("WithText made %+v of %+v", replaced, n)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	doc, err := source.Parse("a.json", []byte(`{"a/b": {"c~d": [10, {"": 20}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	text := func(literal string) any { return literal }
	for pointer, want := range map[string]any{"/a~1b/c~0d/0": "10", "/a~1b/c~0d/1/": "20"} {
		if n := doc.Root.Find(pointer); n == nil || n.Decode(text) != want {
			t.Errorf("%s: got %v, want %v", pointer, n, want)
		}
	}
	for _, pointer := range []string{"/a", "/a~1b/c~0d/2", "/a~1b/c~0d/-1", "/a~1b/c~0d/x", "/a~1b/c~0d/0/x"} {
		if n := doc.Root.Find(pointer); n != nil {
			t.Errorf("%s: got %v, want nothing", pointer, n)
		}
	}
	if doc.Root.Find("") != doc.Root {
		t.Error("the empty pointer is not the root")
	}
}
