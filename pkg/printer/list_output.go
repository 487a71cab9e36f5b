package printer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/printers"
	"k8s.io/kubectl/pkg/cmd/get"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// ObjectMeta identifies an object of a list, with the field names of Kubernetes.
type ObjectMeta struct {
	Name      string            `json:"name"`
	Namespace string            `json:"namespace"`
	Labels    map[string]string `json:"labels,omitempty"`
}

// List is what -o json and -o yaml print for several objects.
type List[T any] struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"` // of the list, such as ReleaseList
	Items      []T    `json:"items"`
}

// NewList returns a list, which is never null in JSON.
func NewList[T any](kind string, items []T) List[T] {
	return List[T]{objref.APIVersion, kind, append([]T{}, items...)}
}

// ListOutput is the -o flag of a command that prints objects, with the formats of
// 'kubectl get'.
type ListOutput struct {
	Output
	NoHeaders bool
	templates *genericclioptions.KubeTemplatePrintFlags
	table     tableWriter
}

// NewListOutput adds -o and --no-headers to the flags of cmd.
func NewListOutput(cmd *cobra.Command) *ListOutput {
	o := &ListOutput{templates: genericclioptions.NewKubeTemplatePrintFlags()}
	o.templates.AddFlags(cmd)
	o.allowed = append([]string{"json", "yaml", "name", "wide"}, o.templates.AllowedFormats()...)
	o.allowed = append(o.allowed, new(get.CustomColumnsPrintFlags).AllowedFormats()...)
	slices.Sort(o.allowed)
	cmd.Flags().StringVarP(&o.Format, "output", "o", "", "Output format. One of: ("+strings.Join(o.allowed, ", ")+").")
	cmd.Flags().BoolVar(&o.NoHeaders, "no-headers", false, "When using the default or custom-column output format, don't print headers (default print headers).")
	completeFormats(cmd, o.allowed)
	return o
}

// Human reports whether the format is for people.
func (o *ListOutput) Human() bool {
	return (o.Format == "" || o.Format == "wide") && *o.templates.TemplateArgument == ""
}

// Validate returns an error if -o is unknown or its template is invalid.
func (o *ListOutput) Validate() error {
	_, err := o.printer()
	return err
}

// printer returns the printer of templates and columns, or nil for other formats.
func (o *ListOutput) printer() (printers.ResourcePrinter, error) {
	format, template := o.Format, *o.templates.TemplateArgument
	switch {
	case format == "" && template != "":
		format = "go-template" // as kubectl does for --template alone
	case slices.Contains([]string{"", "wide", "json", "yaml", "name"}, format):
		return nil, nil
	}
	p, err := o.templates.ToPrinter(format)
	if !genericclioptions.IsNoCompatiblePrinterError(err) {
		return p, err
	}
	columns := get.NewCustomColumnsPrintFlags()
	columns.NoHeaders, columns.TemplateArgument = o.NoHeaders, template
	if p, err = columns.ToPrinter(format); !genericclioptions.IsNoCompatiblePrinterError(err) {
		return p, err
	}
	return nil, fmt.Errorf("invalid output format %q: must be %s", o.Format, oneOf(o.allowed))
}

// Table is the human-readable form of a list.
type Table struct {
	Columns []Column
	Rows    [][]string // a cell per column
}

// Column is one column of a table.
type Column struct {
	Name string
	Wide bool // printed with -o wide only
}

// PrintList writes a list in the requested format. names are printed by -o name.
func PrintList[T any](w io.Writer, o *ListOutput, list List[T], names []string, table Table) error {
	if done, err := o.Structured(w, list); done {
		return err
	}
	if o.Format == "name" {
		for _, name := range names {
			if err := PrintLine(w, "%s", name); err != nil {
				return err
			}
		}
		return nil
	}
	if o.Human() {
		return o.printTable(w, table)
	}
	return o.PrintTemplate(w, list)
}

// PrintTemplate writes an object, or a list of objects, with the template or the columns of
// -o.
func (o *ListOutput) PrintTemplate(w io.Writer, v any) error {
	printer, err := o.printer()
	if err != nil {
		return err
	}
	object, err := toUnstructured(v)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := printer.PrintObj(object, &text); err != nil {
		return err
	}
	return writePrintable(w, text.String())
}

func (o *ListOutput) printTable(w io.Writer, t Table) error {
	shown := func(cells []string) []string {
		var all []string
		for i, cell := range cells {
			if !t.Columns[i].Wide || o.Format == "wide" {
				all = append(all, cell)
			}
		}
		return all
	}
	header := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		header[i] = c.Name
	}
	rows := make([][]string, len(t.Rows))
	for i, row := range t.Rows {
		rows[i] = shown(row)
	}
	if o.NoHeaders {
		return o.table.print(w, nil, rows)
	}
	return o.table.print(w, shown(header), rows)
}

// toUnstructured returns an object or a list as the objects that kubectl's printers take.
func toUnstructured(v any) (runtime.Object, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	object, err := runtime.Decode(unstructured.UnstructuredJSONScheme, text)
	return object, err
}

// writePrintable writes text with control characters other than newlines escaped.
func writePrintable(w io.Writer, text string) error {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = source.Printable(line)
	}
	_, err := io.WriteString(w, strings.Join(lines, "\n"))
	return err
}

// completeFormats completes the value of -o.
func completeFormats(cmd *cobra.Command, formats []string) {
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
}
