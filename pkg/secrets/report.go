package secrets

import (
	"fmt"
	"slices"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
)

// WithStatus returns the results with a status.
func (r Report) WithStatus(status Status) []Result {
	return slices.DeleteFunc(slices.Clone(r.Results), func(r Result) bool { return r.Status != status })
}

// Err returns an error with hints unless every operation succeeded.
func (r Report) Err() error {
	failed, left := r.WithStatus(StatusError), r.WithStatus(StatusNotAttempted)
	switch {
	case r.OK():
		return nil
	case len(failed) == 0:
		return hint.Text(fmt.Errorf("interrupted: %d of %d operations not attempted", len(left), len(r.Results)),
			"run the same command again to complete the batch")
	case r.Rejected:
		return hint.Add(fmt.Errorf("%d of %d operations failed the server-side dry run; nothing was written", len(failed), len(r.Results)), r.hints()...)
	case len(left) > 0:
		return hint.Add(fmt.Errorf("%d of %d operations failed, %d not attempted", len(failed), len(r.Results), len(left)), r.hints()...)
	}
	return hint.Add(fmt.Errorf("%d of %d operations failed", len(failed), len(r.Results)), r.hints()...)
}

// DryRunErr is Err of a dry run.
func (r Report) DryRunErr() error {
	if r.OK() {
		return nil
	}
	return hint.Add(fmt.Errorf("%d of %d operations would fail", len(r.WithStatus(StatusError)), len(r.Results)), r.hints()...)
}

// hints returns how to fix the operations that failed, without duplicates.
func (r Report) hints() []hint.Hint {
	failed := r.WithStatus(StatusError)
	if len(failed) == 0 {
		return nil
	}
	namespace := failed[0].Namespace
	isUpdate := func(r Result) bool { return r.Action == ActionUpdate }
	unreadable := func(r Result) bool { return r.Cause == CauseUnreadable }
	var all []hint.Hint
	for _, remedy := range []struct {
		hint  hint.Hint
		helps func(Result) bool
	}{
		{hint.Hint{Text: `use action "update" or "apply" for Secrets that may exist`}, because(ReasonAlreadyExists)},
		{hint.Hint{Text: `use action "create" or "apply" for Secrets that may be missing`},
			func(r Result) bool { return isUpdate(r) && r.Cause == CauseNoSecret }},
		{hint.Hint{Text: "use --recreate to delete and recreate Secrets that are immutable or of another type"},
			func(r Result) bool {
				return because(ReasonTypeMismatch, ReasonImmutable)(r) && !unreadable(r) && r.Action != ActionDelete
			}},
		{hint.Hint{Text: "correct or remove the type of delete operations"},
			func(r Result) bool {
				return r.Reason == ReasonTypeMismatch && r.Action == ActionDelete
			}},
		{hint.Hint{Text: "use --force to modify Secrets managed by other tools"}, because(ReasonManagedElsewhere)},
		{hint.Hint{Text: "use --force to delete Secrets in use"}, because(ReasonInUse)},
		{hint.Hint{Text: "ask an administrator for permission to get Secrets in namespace " + namespace}, unreadable},
		{hint.Hint{Text: "create the namespace", Command: hint.Kubectl("create", "namespace", namespace)},
			func(r Result) bool { return r.Cause == CauseNoNamespace }},
	} {
		if slices.ContainsFunc(failed, remedy.helps) {
			all = append(all, remedy.hint)
		}
	}
	return all
}

// because returns a function that reports whether a result has one of reasons.
func because(reasons ...Reason) func(Result) bool {
	return func(r Result) bool { return slices.Contains(reasons, r.Reason) }
}
