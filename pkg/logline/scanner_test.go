package logline

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestScanner reads a log as the kubelet writes it, and again after one of its lines.
func TestScanner(t *testing.T) {
	t.Parallel()
	const log = "2026-11-28T10:00:01.5Z first\r\n2026-11-28T10:00:02Z  10%\r 20%\r\n2026-11-28T10:00:03Z \nwithout time\n2026-11-28T10:00:04Z last"
	for after, want := range map[string][]string{
		"":                       {"01.5 first", "02  10%", "02  20%", "03 ", "03 without time", "04 last"},
		"2026-11-28T10:00:01.5Z": {"02  10%", "02  20%", "03 ", "03 without time", "04 last"},
		"2026-11-28T10:00:02Z":   {"03 ", "03 without time", "04 last"},
	} {
		from, _ := time.Parse(time.RFC3339Nano, after)
		var got []string
		for s := NewScanner(strings.NewReader(log), from); s.Scan(); {
			got = append(got, s.Written().Format("05.9")+" "+s.Text())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("after %q (-want +got):\n%s", after, diff)
		}
	}
}

// TestScannerCutsLines drops the rest of a line that is too long, in constant memory.
func TestScannerCutsLines(t *testing.T) {
	t.Parallel()
	s := NewScanner(strings.NewReader(strings.Repeat("x", 10*maxLine)+"\nnext\n"), time.Time{})
	var got []string
	for s.Scan() {
		got = append(got, s.Text())
	}
	if s.Err() != nil || len(got) != 3 || len(got[0]) > maxLine+1 || got[1] != cutLine || got[2] != "next" {
		t.Errorf("got %d lines, %v", len(got), s.Err())
	}
}
