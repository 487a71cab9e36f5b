package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/deploy"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
)

const diffName = "diff"

// errDifferent is returned by diff if there are differences. It is not printed.
var errDifferent = errors.New("there are differences")

type diffOptions struct {
	recipeOptions
	showSecrets bool
	planFile    string
	output      *printer.Output

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

func newDiff(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &diffOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:     diffName + " FILE...",
		GroupID: recipesGroup,
		Short:   "Preview the changes of a deploy",
		Long: heredoc.Doc(`
			Preview the changes of a deploy: objects to create, update and delete, pods to
			restart, and GPUs to request or release.

			Compares the live objects with the result of a server-side dry run. Prints a
			summary prefixed with '#' and a unified diff. Credentials are masked unless
			--show-secrets is set.

			KUBECTL_EXTERNAL_DIFF selects another diff program, as for 'kubectl diff'; it
			receives masked files.

			Exit status: 0 no differences, 1 differences, 2 error.`),
		Example: cmdutil.Examples(`
			# Preview a deploy
			kubectl blueprint diff nim.yaml

			# Fail a pipeline only if the diff itself fails
			kubectl blueprint diff nim.yaml || [ $? = 1 ]

			# Review now, deploy exactly that later
			kubectl blueprint diff nim.yaml --save-plan nim.plan
			kubectl blueprint deploy --plan nim.plan

			# Write a comment for a pull request
			kubectl blueprint diff nim.yaml -o markdown

			# Compare with another program
			KUBECTL_EXTERNAL_DIFF="dyff between" kubectl blueprint diff nim.yaml`),
		Args:              o.Args,
		ValidArgsFunction: cmdutil.CompleteFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Complete(args)
			return o.run(cmd.Context())
		},
	}
	o.addFlags(cmd)
	o.output = printer.NewOutput(cmd, "json", "yaml", "markdown")
	cmd.Flags().StringVar(&o.planFile, "save-plan", "", "Save the result to a `PLAN` file for 'deploy --plan'. The file contains the recipe.")
	cmd.Flags().BoolVar(&o.showSecrets, "show-secrets", false, "If true, print the values of Secrets and other credentials.")
	return cmd
}

func (o *diffOptions) run(ctx context.Context) error {
	if err := o.output.Validate(); err != nil {
		return err
	}
	if o.showSecrets && o.output.Format == "markdown" {
		return errors.New("--show-secrets and -o markdown cannot be used together")
	}
	b, err := blueprint.Load()
	if err != nil {
		return err
	}
	namespace, err := kube.Namespace(o.getter)
	if err != nil {
		return err
	}
	waves, err := o.releases(ctx, b, namespace, o.streams)
	if err != nil {
		return err
	}
	all := slices.Concat(waves...)
	d := &deploy.Deployer{Blueprint: b, Log: printer.Reporter(o.streams.ErrOut)}
	if d.Cluster, err = kube.Connect(o.getter); err != nil {
		return err
	}
	if err := d.Find(ctx, all); err != nil {
		return err
	}
	if err := d.DryRun(ctx, all); err != nil {
		return err
	}
	reviews := make([]diff.Release, len(all))
	for i, r := range all {
		reviews[i] = r.Diff(o.showSecrets)
	}
	err = o.print(ctx, reviews)
	if o.planFile != "" && (err == nil || errors.Is(err, errDifferent)) {
		if err := o.savePlan(ctx, b, waves); err != nil {
			return err
		}
	}
	return err
}

// savePlan saves the releases of the diff for 'deploy --plan'.
func (o *diffOptions) savePlan(ctx context.Context, b *blueprint.Blueprint, waves [][]*deploy.Release) error {
	target, err := emptyPlan(o.getter, b)
	if err != nil {
		return err
	}
	plan, err := deploy.NewPlan(target, waves)
	if err != nil {
		return err
	}
	if err := plan.Save(ctx, o.planFile); err != nil {
		return fmt.Errorf("--save-plan: %w", err)
	}
	printer.Report(o.streams.ErrOut, "plan saved to %s; to deploy it, run: %s", o.planFile, hint.Blueprint("deploy").With(kube.Flags(o.getter)...).With("-n", plan.Namespace, "--plan", o.planFile))
	return nil
}

// print shows the reviews, and returns errDifferent if they have a change.
func (o *diffOptions) print(ctx context.Context, reviews []diff.Release) error {
	changed := slices.ContainsFunc(reviews, diff.Release.Changed)
	if done, err := o.output.Structured(o.streams.Out, newDiffList(reviews)); done {
		return differs(changed, err)
	}
	if o.output.Format == "markdown" {
		return differs(changed, diff.Markdown(o.streams.Out, reviews))
	}
	if !changed {
		for _, r := range reviews {
			printer.Report(o.streams.ErrOut, "%s: unchanged", r.Name)
		}
		return nil
	}
	var texts []diff.File
	for _, r := range reviews {
		for _, line := range r.Summary() {
			if err := printer.PrintLine(o.streams.Out, "# %s", line); err != nil {
				return err
			}
		}
		own, err := r.Files()
		if err != nil {
			return err
		}
		texts = append(texts, own...)
	}
	return differs(true, o.printFiles(ctx, texts))
}

func differs(changed bool, err error) error {
	if err == nil && changed {
		return errDifferent
	}
	return err
}

// externalDiff is kubectl's environment variable for another diff program.
const externalDiff = "KUBECTL_EXTERNAL_DIFF"

func (o *diffOptions) printFiles(ctx context.Context, files []diff.File) error {
	program := strings.Fields(os.Getenv(externalDiff))
	switch {
	case len(program) == 0:
	case o.showSecrets:
		printer.Warn(o.streams.ErrOut, "%s is not run with --show-secrets, which would put secrets into files", externalDiff)
	default:
		if err := diff.RunProgram(ctx, program, files, o.streams.Out, o.streams.ErrOut); err != nil {
			return fmt.Errorf("%s: %w", externalDiff, err)
		}
		return nil
	}
	return diff.Print(o.streams.Out, files)
}

// diffItem is one object in the JSON and YAML of diff.
type diffItem struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Release    string `json:"release"`
	diff.Change
}

func newDiffList(reviews []diff.Release) printer.List[diffItem] {
	var items []diffItem
	for _, r := range reviews {
		for _, c := range r.Changes {
			items = append(items, diffItem{objref.APIVersion, "Change", r.Name, c})
		}
	}
	return printer.NewList("ChangeList", items)
}
