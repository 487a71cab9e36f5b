package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

type validateOptions struct {
	cluster render.ClusterValues
	strict  bool
	output  *cmdutil.Output

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

func newValidate(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &validateOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:     "validate FILE...",
		GroupID: recipesGroup,
		Short:   "Check recipes, groups, catalogues and payloads, without a cluster",
		Long: heredoc.Doc(`
			Check recipes, groups, catalogues and payloads, without a cluster.

			Every fault of every file is told, with line, column, what is wanted and
			the name of the rule. FILE may be JSON or YAML, a directory, or a dash for
			standard input. Of a catalogue every sample is checked.`),
		Example: cmdutil.Examples(`
			# All recipes of a directory
			kubectl blueprint validate recipes/

			# Findings for a program; warnings count as errors
			kubectl blueprint validate nim.json payload.json --strict -o json`),
		Args: cmdutil.Args(1, 0),
		RunE: func(cmd *cobra.Command, files []string) error { return o.run(cmd.Context(), files) },
	}
	addClusterFlags(cmd, &o.cluster)
	cmd.Flags().BoolVar(&o.strict, "strict", false, "Take warnings as errors.")
	o.output = cmdutil.NewOutput(cmd, "json", "yaml")
	return cmd
}

// finding is one line of the report for programs.
type finding struct {
	File     string `json:"file"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
	Pointer  string `json:"pointer,omitempty"`
	Rule     string `json:"rule,omitempty"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
}

func (o *validateOptions) run(ctx context.Context, files []string) error {
	if err := o.output.Validate(); err != nil {
		return err
	}
	v, err := o.check(ctx, files)
	if err != nil {
		return err
	}
	names, faults, warnings := v.Files, v.Errors, v.Warnings
	if o.strict {
		faults, warnings = append(faults, warnings...), nil
	}
	failed := faults.Sorted()
	if done, err := o.output.Structured(o.streams.Out, findings(faults, warnings)); done || err != nil {
		return errors.Join(err, invalid(len(names), faults))
	}
	cmdutil.PrintWarnings(o.streams.ErrOut, warnings)
	out := bufio.NewWriter(o.streams.Out)
	wrong := filesOf(faults)
	for _, name := range names {
		if !wrong[name] {
			_ = cmdutil.PrintLine(out, "%s: valid", name)
		}
	}
	return errors.Join(failed, out.Flush())
}

// invalid is the error of a report that has told the faults already.
func invalid(files int, faults source.Errors) error {
	if len(faults) == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d files are not valid", len(filesOf(faults)), files)
}

func filesOf(faults source.Errors) map[string]bool {
	files := map[string]bool{}
	for _, fault := range faults {
		files[fault.File] = true
	}
	return files
}

// check finds everything that is wrong with the files.
func (o *validateOptions) check(ctx context.Context, files []string) (blueprint.Validation, error) {
	namespace, err := kube.OfflineNamespace(o.getter, cmdutil.Warner(o.streams.ErrOut))
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
	return b.Validate(ctx, blueprint.Options{Files: files, Stdin: stdin, Namespace: namespace, Values: values})
}

func findings(faults, warnings source.Errors) []finding {
	all := []finding{}
	add := func(severity string, errs source.Errors) {
		for _, e := range errs {
			all = append(all, finding{e.File, e.Pos.Line, e.Pos.Column, e.Pointer, e.Rule, severity, e.Message})
		}
	}
	add("error", faults)
	_ = warnings.Sorted()
	add("warning", warnings)
	return all
}
