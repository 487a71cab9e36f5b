package printer_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/color"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// TestOutput writes a value in every format that -o can have.
func TestOutput(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		format, want, wantErr string
		structured            bool
	}{
		{"", "", "", false},
		{"name", "", "", false},
		{"json", "{\n    \"name\": \"a\\u001bb\"\n}\n", "", true},
		{"yaml", "name: \"a\\eb\"\n", "", true},
		{"wide", "", `invalid output format "wide": must be one of json, yaml, name`, false},
	} {
		c := &cobra.Command{}
		o := printer.NewOutput(c, "json", "yaml", "name")
		if err := c.ParseFlags([]string{"-o", tt.format}); err != nil {
			t.Fatal(err)
		}
		if err := o.Validate(); (err == nil) != (tt.wantErr == "") || err != nil && err.Error() != tt.wantErr {
			t.Errorf("%q: got the error %v", tt.format, err)
		}
		var got bytes.Buffer
		done, err := o.Structured(&got, map[string]string{"name": "a\x1bb"})
		if err != nil || done != tt.structured || got.String() != tt.want {
			t.Errorf("%q: got %q, %t, %v", tt.format, got.String(), done, err)
		}
	}
	one := printer.NewOutput(&cobra.Command{}, "json")
	one.Format = "yaml"
	if err := one.Validate(); err == nil || err.Error() != `invalid output format "yaml": must be json` {
		t.Errorf("got %v", err)
	}
}

// TestForeignText prints text that would move the cursor or start a line.
func TestForeignText(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	const foreign = "a\x1b[2J\nb"
	_ = printer.PrintLine(&got, "line %s", foreign)
	printer.Reporter(&got)("progress %s", foreign)
	printer.Warner(&got)("careful with %s", foreign)
	_ = printer.PrintTable(&got, []string{"NAME", "AGE"}, [][]string{{foreign, "1d"}, {"long-name-of-a-secret", "2d"}})
	want := `line a\x1b[2J\nb
progress a\x1b[2J\nb
Warning: careful with a\x1b[2J\nb
NAME                    AGE
a\x1b[2J\nb             1d
long-name-of-a-secret   2d
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestPrintWarnings sorts the warnings, and writes nothing without one.
func TestPrintWarnings(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	printer.PrintWarnings(&got, nil)
	printer.PrintWarnings(&got, source.Errors{
		{File: "a.json", Pos: source.Position{Line: 9, Column: 1}, Message: "has no effect"},
		{File: "a.json", Pos: source.Position{Line: 2, Column: 1}, Message: "is ignored"},
	})
	if want := "Warning: a.json:2:1: is ignored\nWarning: a.json:9:1: has no effect\n"; got.String() != want {
		t.Errorf("got %q", got.String())
	}
}

// TestPrintNoneFound names the namespace, as kubectl does.
func TestPrintNoneFound(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	_ = printer.PrintNoneFound(&got, "secrets", "shop", false)
	_ = printer.PrintNoneFound(&got, "secrets", "", true)
	if want := "No secrets found in namespace shop.\nNo secrets found in any namespace.\n"; got.String() != want {
		t.Errorf("got %q", got.String())
	}
}

// TestPrintMasked prints a Secret beside another object, without its value.
func TestPrintMasked(t *testing.T) {
	t.Parallel()
	object := func(kind string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "v1", "kind": kind, "metadata": map[string]any{"name": "api"}, "data": map[string]any{"key": "czNjcjN0"},
		}}
	}
	var out, errOut bytes.Buffer
	streams := genericiooptions.IOStreams{Out: &out, ErrOut: &errOut}
	if err := printer.PrintMasked(streams, []*unstructured.Unstructured{object("ConfigMap"), object("Secret")}); err != nil {
		t.Fatal(err)
	}
	if strings.Count(out.String(), "czNjcjN0") != 1 || strings.Count(out.String(), "---\n") != 2 || errOut.String() != "Warning: api: the values of the Secret are masked\n" {
		t.Errorf("got %s and %s", out.String(), errOut.String())
	}
}

// TestColoredStates colors cells that are states, and no part of another cell.
func TestColoredStates(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	mode := color.Always
	rows := [][]string{{"failed-job", "failed", "the job failed  twice"}, {"ready", "deployed", "ok"}, {"x", "pending-install", ""}}
	if err := printer.PrintTable(&color.Writer{Writer: &out, Mode: &mode}, []string{"NAME", "STATUS", "MESSAGE"}, rows); err != nil {
		t.Fatal(err)
	}
	want := "NAME         STATUS            MESSAGE\n" +
		"failed-job   \x1b[31mfailed\x1b[0m            the job failed  twice\n" +
		"\x1b[32mready\x1b[0m        \x1b[32mdeployed\x1b[0m          \x1b[32mok\x1b[0m\n" +
		"x            \x1b[33mpending-install\x1b[0m   \n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("unexpected table (-want +got):\n%s", diff)
	}
}
