package cmd

import (
	"context"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

type validateOptions struct {
	cmdutil.FileOptions
	cluster render.ClusterValues
	strict  bool
	output  *printer.Output

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

func newValidate(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &validateOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:        "validate FILE...",
		SuggestFor: []string{"lint", "check"},
		GroupID:    recipesGroup,
		Short:      "Check recipes and payloads offline",
		Long: heredoc.Doc(`
			Check recipes, groups, catalogs and secrets payloads without a cluster.

			Reports every problem with its file, line, column and rule. All samples of a
			catalog are checked. Warnings do not affect the exit status unless --strict
			is set.`),
		Example: cmdutil.Examples(`
			# Check all files in a directory
			kubectl blueprint validate recipes/

			# Print the problems as JSON and treat warnings as errors
			kubectl blueprint validate nim.yaml nim-secrets.yaml --strict -o json`),
		Args:              o.Args,
		ValidArgsFunction: cmdutil.CompleteFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Complete(args)
			return o.run(cmd.Context())
		},
	}
	o.AddFlags(cmd, "with recipes, groups, catalogs or secrets payloads.")
	addClusterFlags(cmd, &o.cluster)
	cmd.Flags().BoolVar(&o.strict, "strict", false, "Treat warnings as errors.")
	o.output = printer.NewOutput(cmd, "json", "yaml")
	return cmd
}

// validation is the JSON and YAML of validate.
type validation struct {
	APIVersion string    `json:"apiVersion"`
	Kind       string    `json:"kind"`
	Files      int       `json:"files"`
	Valid      int       `json:"valid"` // files without errors
	Problems   []problem `json:"problems"`
}

// problem is one error or warning.
type problem struct {
	File     string `json:"file"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
	Pointer  string `json:"pointer,omitempty"` // RFC 6901
	Rule     string `json:"rule,omitempty"`
	Severity string `json:"severity"` // error or warning
	Message  string `json:"message"`
}

func (o *validateOptions) run(ctx context.Context) error {
	if err := o.output.Validate(); err != nil {
		return err
	}
	v, err := o.check(ctx)
	if err != nil {
		return err
	}
	if o.strict {
		v.Errors, v.Warnings = append(v.Errors, v.Warnings...), nil
	}
	failed := v.Errors.Sorted()
	_ = v.Warnings.Sorted()
	invalid := v.Invalid()
	done, err := o.output.Structured(o.streams.Out, validation{objref.APIVersion, "Validation", len(v.Files), len(v.Files) - invalid, problems(v)})
	if err != nil {
		return err
	}
	if !done {
		printer.PrintWarnings(o.streams.ErrOut, v.Warnings)
		if failed != nil {
			printer.PrintError(o.streams.ErrOut, failed, nil)
		}
		if err := printer.PrintLine(o.streams.Out, "%s", v.Summary()); err != nil {
			return err
		}
	}
	if failed != nil {
		return printer.ErrReported
	}
	return nil
}

func (o *validateOptions) check(ctx context.Context) (blueprint.Validation, error) {
	namespace, err := kube.OfflineNamespace(o.getter, printer.Warner(o.streams.ErrOut))
	if err != nil {
		return blueprint.Validation{}, err
	}
	b, err := blueprint.Load()
	if err != nil {
		return blueprint.Validation{}, err
	}
	stdin := input.Stdin(ctx, o.streams.In)
	values, err := o.cluster.Read(ctx, b.Schema, stdin)
	if err != nil {
		return blueprint.Validation{}, err
	}
	return b.Validate(ctx, blueprint.Options{Files: o.Names, Recursive: o.Recursive, Stdin: stdin, Namespace: namespace, Values: values})
}

func problems(v blueprint.Validation) []problem {
	all := []problem{}
	add := func(severity string, errs source.Errors) {
		for _, e := range errs {
			all = append(all, problem{e.File, e.Pos.Line, e.Pos.Column, e.Pointer, e.Rule, severity, e.Message})
		}
	}
	add("error", v.Errors)
	add("warning", v.Warnings)
	return all
}
