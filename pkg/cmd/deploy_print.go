package cmd

import (
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/deploy"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/preflight"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
)

// printFinding prints a finding of the preflight with the line of the recipe.
func (o *deployOptions) printFinding(f deploy.Finding) {
	say, severity, message := printer.Reporter(o.streams.ErrOut), string(f.Severity), f.Message()
	if f.Severity == preflight.Warning {
		severity = "Warning" // as kubectl spells it
	}
	if f.Position != "" {
		message = f.Position + ": " + message
	}
	say("%s: %s", severity, message)
	printer.PrintHint(o.streams.ErrOut, f.Hint)
}

// printOutcomes prints what the server would do, object by object.
func (o *deployOptions) printOutcomes(all []*deploy.Release) {
	for _, r := range all {
		for _, outcome := range r.Outcomes {
			printer.Reporter(o.streams.ErrOut)("%s %s (server dry run)", outcome.Object, outcome.Verb)
		}
	}
}

// printChanges prints what a deploy changes, and reports whether pods are restarted or
// something is removed.
func (o *deployOptions) printChanges(all []*deploy.Release) (disruptive bool) {
	for _, r := range all {
		if !r.UpToDate() {
			disruptive = printSummary(o.streams.ErrOut, r.Diff(false)) || disruptive
		}
	}
	return disruptive
}

// print prints the manifests, without what recipes have of credentials.
func (o *deployOptions) print(all []*deploy.Release) error {
	for _, r := range all {
		if _, err := o.streams.Out.Write(masked(r.File, r.Manifests, o.streams.ErrOut).YAML()); err != nil {
			return err
		}
	}
	return nil
}
