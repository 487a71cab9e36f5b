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
	var faults Errors
	for line := mostFaults + 2; line > 0; line-- {
		faults = append(faults, &Error{File: "b.json", Pos: Position{line, 1}, Message: "is wrong"})
	}
	faults = append(faults, &Error{File: "c.json", Message: "is empty"}, &Error{File: "a.json", Pos: Position{9, 1}, Message: "is wrong"})
	lines := strings.Split(faults.Sorted().Error(), "\n")
	if len(lines) != mostFaults+3 {
		t.Fatalf("%d lines", len(lines))
	}
	shown := append([]string{lines[0], lines[1]}, lines[mostFaults:]...)
	want := []string{
		"a.json:9:1: is wrong", "b.json:1:1: is wrong",
		"b.json:20:1: is wrong", "b.json: and 2 more errors", "c.json: is empty",
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	if all := (Errors{}); !errors.As(faults.Sorted(), &all) || len(all) != mostFaults+4 {
		t.Errorf("%d faults for programs", len(all))
	}
}
