package cmd

import (
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/deploy"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
)

// printFinding prints a preflight finding with its position in the recipe.
func (o *deployOptions) printFinding(f deploy.Finding) {
	printer.Report(o.streams.ErrOut, "%s", f)
	printer.PrintHint(o.streams.ErrOut, f.Hint)
}

// printOutcomes prints the result of the server-side dry run for each object.
func (o *deployOptions) printOutcomes(all []*deploy.Release) {
	for _, r := range all {
		for _, outcome := range r.Outcomes {
			printer.Report(o.streams.ErrOut, "%s %s (server dry run)", outcome.Object, outcome.Verb)
		}
	}
}

// printChanges prints the changes of a deploy, and reports whether they restart pods or
// delete objects.
func (o *deployOptions) printChanges(all []*deploy.Release) (disruptive bool) {
	for _, r := range all {
		if !r.UpToDate() {
			disruptive = printSummary(o.streams.ErrOut, r.Diff(false)) || disruptive
		}
	}
	return disruptive
}

// print prints the manifests with masked credentials.
func (o *deployOptions) print(all []*deploy.Release) error {
	for _, r := range all {
		if _, err := o.streams.Out.Write(masked(r.File, r.Manifests, o.streams.ErrOut).YAML()); err != nil {
			return err
		}
	}
	return nil
}
