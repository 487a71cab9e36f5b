package printer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/color"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Output is the -o flag of a command.
type Output struct {
	Format  string // json, yaml, name, or "" for a table
	allowed []string
}

// NewOutput adds -o to the flags of cmd, with the formats that it allows.
func NewOutput(cmd *cobra.Command, allowed ...string) *Output {
	o := &Output{allowed: allowed}
	cmd.Flags().StringVarP(&o.Format, "output", "o", "", "Output format. One of: ("+strings.Join(allowed, ", ")+").")
	completeFormats(cmd, allowed)
	return o
}

// Validate returns an error if -o is none of the formats that the command allows.
func (o *Output) Validate() error {
	if o.Format == "" || slices.Contains(o.allowed, o.Format) {
		return nil
	}
	return fmt.Errorf("invalid output format %q: must be %s", o.Format, oneOf(o.allowed))
}

func oneOf(allowed []string) string {
	if len(allowed) == 1 {
		return allowed[0]
	}
	return "one of " + strings.Join(allowed, ", ")
}

// Structured writes v if the format is json or yaml, and reports whether it is.
func (o *Output) Structured(w io.Writer, v any) (bool, error) {
	var text []byte
	var err error
	switch o.Format {
	case "json":
		if text, err = json.MarshalIndent(v, "", "    "); err == nil {
			text = append(source.PrintableJSON(text), '\n')
		}
	case "yaml":
		text, err = source.PrintableYAML(v)
	default:
		return false, nil
	}
	if err == nil {
		_, err = w.Write(text)
	}
	return true, err
}

// PrintNoneFound reports an empty list on stderr, as kubectl does.
func PrintNoneFound(stderr io.Writer, what, namespace string, allNamespaces bool) error {
	where := "in namespace " + namespace
	if allNamespaces {
		where = "in any namespace"
	}
	return PrintLine(stderr, "No %s found %s.", what, where)
}

// PrintManifests writes objects as a stream of YAML documents.
func PrintManifests[T any](w io.Writer, objects []T) error {
	for _, o := range objects {
		text, err := source.PrintableYAML(o)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "---\n%s", text); err != nil {
			return err
		}
	}
	return nil
}

// PrintTable writes rows below a header as kubectl does, with colored states. Control
// characters in cells are escaped.
func PrintTable(w io.Writer, header []string, rows [][]string) error {
	return new(tableWriter).print(w, header, rows)
}

// tableWriter prints tables, each with columns at least as wide as those before, as
// 'kubectl get -w' does.
type tableWriter struct {
	text    bytes.Buffer
	columns interface {
		io.Writer
		Flush() error
	}
}

func (t *tableWriter) print(w io.Writer, header []string, rows [][]string) error {
	if t.columns == nil {
		t.columns = printers.GetNewTabWriter(&t.text)
	}
	t.text.Reset()
	if len(header) > 0 {
		_, _ = fmt.Fprintln(t.columns, strings.Join(header, "\t"))
	}
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = source.Printable(cell)
		}
		_, _ = fmt.Fprintln(t.columns, strings.Join(cells, "\t"))
	}
	if err := t.columns.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, colorStates(w, t.text.String()))
	return err
}

// states match whole cells: at least two spaces, or an end of the line, surround them.
var states = map[color.Code]*regexp.Regexp{
	color.Green:  regexp.MustCompile(`(?m)(^|  )(deployed|ready|completed|success|ok|accepted)(  |$)`),
	color.Yellow: regexp.MustCompile(`(?m)(^|  )(degraded|pending-\w+|uninstalling|not_attempted)(  |$)`),
	color.Red:    regexp.MustCompile(`(?m)(^|  )(failed|error|missing|bad-credentials|expired|unreachable|untrusted)(  |$)`),
}

// colorStates colors the cells of a table that are states.
func colorStates(w io.Writer, table string) string {
	for code, state := range states {
		table = state.ReplaceAllStringFunc(table, func(cell string) string {
			word := strings.TrimSpace(cell)
			return strings.Replace(cell, word, color.Text(w, code, word), 1)
		})
	}
	return table
}
