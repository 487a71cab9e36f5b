package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// output is the value of -o: json, yaml, name, wide, or "" for a table.
type output struct {
	format  string
	allowed []string
}

func newOutput(cmd *cobra.Command, allowed ...string) *output {
	o := &output{allowed: allowed}
	cmd.Flags().StringVarP(&o.format, "output", "o", "", "Output format. One of: ("+strings.Join(allowed, ", ")+").")
	return o
}

func (o *output) validate() error {
	if o.format != "" && !slices.Contains(o.allowed, o.format) {
		wanted := "one of "
		if len(o.allowed) == 1 {
			wanted = ""
		}
		return fmt.Errorf("unknown output format %q: want %s%s", o.format, wanted, strings.Join(o.allowed, ", "))
	}
	return nil
}

// structured writes v as -o says and reports whether it was json or yaml.
func (o *output) structured(w io.Writer, v any) (bool, error) {
	var text []byte
	var err error
	switch o.format {
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

// noneFound says on stderr that a list is empty, as kubectl does.
func noneFound(stderr io.Writer, what, namespace string, allNamespaces bool) error {
	where := "in namespace " + namespace
	if allNamespaces {
		where = "in any namespace"
	}
	return printLine(stderr, "No %s found %s.", what, where)
}

// printManifests writes objects as a stream of YAML documents.
func printManifests[T any](w io.Writer, objects []T) error {
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

// table writes rows below a header as kubectl does. A cell can't move the
// cursor: control characters are shown, not sent.
func table(w io.Writer, header []string, rows [][]string) error {
	tw := printers.GetNewTabWriter(w)
	_, _ = fmt.Fprintln(tw, strings.Join(header, "\t"))
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = source.Printable(cell)
		}
		_, _ = fmt.Fprintln(tw, strings.Join(cells, "\t"))
	}
	return tw.Flush()
}
