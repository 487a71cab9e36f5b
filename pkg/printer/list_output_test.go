package printer_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/color"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
)

// car is an object to print.
type car struct {
	APIVersion string             `json:"apiVersion"`
	Kind       string             `json:"kind"`
	Metadata   printer.ObjectMeta `json:"metadata"`
	Doors      int                `json:"doors"`
}

// printCars prints two cars, one of which has a hostile name, with the given flags.
func printCars(t *testing.T, flags ...string) (string, error) {
	t.Helper()
	cmd := &cobra.Command{}
	o := printer.NewListOutput(cmd)
	if err := cmd.ParseFlags(flags); err != nil {
		t.Fatal(err)
	}
	if err := o.Validate(); err != nil {
		return "", err
	}
	cars := []car{
		{"v1", "Car", printer.ObjectMeta{Name: "a", Namespace: "x"}, 2},
		{"v1", "Car", printer.ObjectMeta{Name: "b\x1b[2J", Namespace: "y"}, 4},
	}
	table := printer.Table{Columns: []printer.Column{{Name: "NAME"}, {Name: "DOORS"}, {Name: "PLACE", Wide: true}}}
	var names []string
	for _, c := range cars {
		names = append(names, c.Metadata.Name)
		table.Rows = append(table.Rows, []string{c.Metadata.Name, strings.Repeat("|", c.Doors), c.Metadata.Namespace})
	}
	var out bytes.Buffer
	err := printer.PrintList(&out, o, printer.NewList("CarList", cars), names, table)
	return out.String(), err
}

func TestPrintList(t *testing.T) {
	t.Parallel()
	for flags, want := range map[string]string{
		"":                                   "NAME       DOORS\na          ||\nb\\x1b[2J   ||||\n",
		"-o wide":                            "NAME       DOORS   PLACE\na          ||      x\nb\\x1b[2J   ||||    y\n",
		"--no-headers":                       "a          ||\nb\\x1b[2J   ||||\n",
		"-o name":                            "a\nb\\x1b[2J\n",
		"-o jsonpath={.items[*].doors}":      "2 4",
		"-o go-template={{len\u00a0.items}}": "2",
		"--template={{len\u00a0.items}}":     "2",
		"-o custom-columns=D:.doors":         "D\n2\n4\n",
		"-o custom-columns=D:.doors,K:.kind": "D     K\n2     Car\n4     Car\n",
		"-o custom-columns=D:.doors --no-headers": "2\n4\n",
		"-o jsonpath={.items[1].metadata.name}":   "b\\x1b[2J",
	} {
		var args []string
		for _, arg := range strings.Fields(strings.ReplaceAll(flags, "\u00a0", "_")) {
			args = append(args, strings.ReplaceAll(arg, "_", " "))
		}
		got, err := printCars(t, args...)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v (-want +got):\n%s", flags, err, diff)
		}
	}
}

// TestPrintListOfObjects has a version and a kind, and no null for an empty list.
func TestPrintListOfObjects(t *testing.T) {
	t.Parallel()
	got, err := printCars(t, "-o", "json")
	if err != nil || !strings.HasPrefix(got, "{\n    \"apiVersion\": \"kubectl-blueprint.github.io/v1\",\n    \"kind\": \"CarList\",\n") || strings.Contains(got, "\x1b") {
		t.Errorf("%v\n%s", err, got)
	}
	if got, err = printCars(t, "-o", "yaml"); err != nil || !strings.Contains(got, "kind: CarList\n") {
		t.Errorf("%v\n%s", err, got)
	}
	if list := printer.NewList[car]("CarList", nil); list.Items == nil {
		t.Error("an empty list is null")
	}
}

func TestInvalidFormats(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{
		"xml":               `invalid output format "xml": must be one of custom-columns, custom-columns-file, `,
		"jsonpath={.items[": "error parsing jsonpath {.items[, unterminated array",
		"custom-columns":    "custom-columns format specified but no custom columns given",
	} {
		if _, err := printCars(t, "-o", format); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v", format, err)
		}
	}
}

// TestColoredPrefixes colors the word that says what kind of line it is, and never text
// that only contains it.
func TestColoredPrefixes(t *testing.T) {
	t.Parallel()
	mode := color.Always
	for line, want := range map[string]string{
		"error: x":    "\x1b[31merror:\x1b[0m x\n",
		"Warning: x":  "\x1b[33mWarning:\x1b[0m x\n",
		"hint: x":     "\x1b[36mhint:\x1b[0m x\n",
		"an error: x": "an error: x\n",
	} {
		var out bytes.Buffer
		if err := printer.PrintLine(&color.Writer{Writer: &out, Mode: &mode}, "%s", line); err != nil || out.String() != want {
			t.Errorf("%q: got %q, %v", line, out.String(), err)
		}
	}
}

// TestTablesOfAWatch aligns later rows with the header, which is printed once.
func TestTablesOfAWatch(t *testing.T) {
	t.Parallel()
	o := printer.NewListOutput(&cobra.Command{})
	var out bytes.Buffer
	for _, row := range [][]string{{"a-long-name", "2"}, {"b", "4"}} {
		table := printer.Table{Columns: []printer.Column{{Name: "NAME"}, {Name: "DOORS"}}, Rows: [][]string{row}}
		if err := printer.PrintList(&out, o, printer.NewList[car]("CarList", nil), nil, table); err != nil {
			t.Fatal(err)
		}
		o.NoHeaders = true
	}
	want := "NAME          DOORS\na-long-name   2\nb             4\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("unexpected table (-want +got):\n%s", diff)
	}
}
