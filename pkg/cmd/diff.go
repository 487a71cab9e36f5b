package cmd

import (
	"context"
	"errors"
	"slices"

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
)

const diffName = "diff"

// errDifferent is how diff says that there are differences.
var errDifferent = errors.New("there are differences")

type diffOptions struct {
	recipeOptions
	file        string
	showSecrets bool
	planFile    string
	output      *cmdutil.Output

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

func newDiff(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &diffOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:     diffName + " FILE",
		GroupID: recipesGroup,
		Short:   "Show what a deploy would change, restart and remove",
		Long: heredoc.Doc(`
			Show what a deploy would change, restart and remove.

			Every object is tried with the server's dry run and compared with the one
			that is there. First come a few lines with a '#' before each: what changes,
			which pods are restarted, how many GPUs more or less are asked for. A diff
			of the objects follows, which 'patch' and viewers of diffs read.

			Values of Secrets, and of variables and options that are named like
			credentials, are masked as kubectl masks them, unless --show-secrets is
			given.

			KUBECTL_EXTERNAL_DIFF names another program to compare with, as for
			'kubectl diff'; it gets masked files. NO_COLOR turns colours off, which
			only a terminal sees.

			Exit code: 0 without a difference, 1 with one, 2 after an error.`),
		Example: cmdutil.Examples(`
			# What would change
			kubectl blueprint diff nim.json

			# In a pipeline
			kubectl blueprint diff nim.json || [ $? = 1 ]

			# Deploy exactly what was reviewed, later or by somebody else
			kubectl blueprint diff nim.json --save-plan nim.plan
			kubectl blueprint deploy --plan nim.plan

			# With another program
			KUBECTL_EXTERNAL_DIFF="dyff between" kubectl blueprint diff nim.json`),
		Args: cmdutil.Args(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.file = args[0]
			return o.run(cmd.Context())
		},
	}
	o.addFlags(cmd)
	o.output = cmdutil.NewOutput(cmd, "json", "yaml")
	cmd.Flags().StringVar(&o.planFile, "save-plan", "", "A file to save what is shown as a `PLAN`, which 'deploy --plan' carries out, or refuses where the cluster has changed. It holds the recipe.")
	cmd.Flags().BoolVar(&o.showSecrets, "show-secrets", false, "If true, show the values of Secrets, and other credentials.")
	return cmd
}

func (o *diffOptions) run(ctx context.Context) error {
	if err := o.output.Validate(); err != nil {
		return err
	}
	b, err := blueprint.Load()
	if err != nil {
		return err
	}
	namespace, err := kube.Namespace(o.getter)
	if err != nil {
		return err
	}
	waves, err := o.releases(ctx, b, o.file, namespace, o.streams)
	if err != nil {
		return err
	}
	all := slices.Concat(waves...)
	d := &deploy.Deployer{Blueprint: b, Log: cmdutil.Reporter(o.streams.ErrOut)}
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

// savePlan saves what diff has shown, for 'deploy --plan'.
func (o *diffOptions) savePlan(ctx context.Context, b *blueprint.Blueprint, waves [][]*deploy.Release) error {
	target, err := emptyPlan(o.getter, b)
	if err != nil {
		return err
	}
	plan, err := deploy.NewPlan(target, waves)
	if err != nil {
		return err
	}
	if err := writePlan(ctx, o.planFile, plan); err != nil {
		return err
	}
	cmdutil.Reporter(o.streams.ErrOut)("saved; to deploy just this: %s", hint.Blueprint("deploy").With(kube.Flags(o.getter)...).With("-n", plan.Namespace, "--plan", o.planFile))
	return nil
}

// print shows the reviews, and returns errDifferent if they have a change.
func (o *diffOptions) print(ctx context.Context, reviews []diff.Release) error {
	changed := slices.ContainsFunc(reviews, diff.Release.Changed)
	if done, err := o.output.Structured(o.streams.Out, diffEntries(reviews)); done {
		return differs(changed, err)
	}
	if !changed {
		for _, r := range reviews {
			cmdutil.Reporter(o.streams.ErrOut)("%s: unchanged", r.Name)
		}
		return nil
	}
	var texts []diff.File
	for _, r := range reviews {
		for _, line := range r.Summary() {
			if err := cmdutil.PrintLine(o.streams.Out, "# %s", line); err != nil {
				return err
			}
		}
		own, err := r.Files()
		if err != nil {
			return err
		}
		texts = append(texts, own...)
	}
	return differs(true, o.printTexts(ctx, texts))
}

func differs(changed bool, err error) error {
	if err == nil && changed {
		return errDifferent
	}
	return err
}

// diffEntry is one object in diff's JSON and YAML.
type diffEntry struct {
	Release string `json:"release"`
	diff.Change
}

func diffEntries(reviews []diff.Release) []diffEntry {
	entries := []diffEntry{}
	for _, r := range reviews {
		for _, c := range r.Changes {
			entries = append(entries, diffEntry{r.Name, c})
		}
	}
	return entries
}
