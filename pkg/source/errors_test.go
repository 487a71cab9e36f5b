package source

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestErrorsOfSeveralFiles puts the faults of each file together, and tells of
// one with very many only the first.
func TestErrorsOfSeveralFiles(t *testing.T) {
	t.Parallel()
	var problems Errors
	for line := maxShown + 2; line > 0; line-- {
		problems = append(problems, &Error{File: "b.json", Pos: Position{line, 1}, Message: "is wrong"})
	}
	problems = append(problems, &Error{File: "c.json", Message: "is empty"}, &Error{File: "a.json", Pos: Position{9, 1}, Message: "is wrong"})
	lines := strings.Split(problems.Sorted().Error(), "\n")
	if len(lines) != maxShown+3 {
		t.Fatalf("%d lines", len(lines))
	}
	shown := append([]string{lines[0], lines[1]}, lines[maxShown:]...)
	want := []string{
		"a.json:9:1: is wrong", "b.json:1:1: is wrong",
		"b.json:20:1: is wrong", "b.json: and 2 more errors", "c.json: is empty",
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	if all := (Errors{}); !errors.As(problems.Sorted(), &all) || len(all) != maxShown+4 {
		t.Errorf("%d faults for programs", len(all))
	}
}
