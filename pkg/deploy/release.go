package deploy

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/progress"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// Release is a workload to deploy with what the cluster has of it.
type Release struct {
	*blueprint.Workload
	Existing *release.Release // set by Find, nil if there is none
	Outcomes []dryrun.Outcome // set by DryRun
}

// Releases returns the workloads as releases, wave by wave.
func Releases(waves [][]*blueprint.Workload) [][]*Release {
	all := make([][]*Release, len(waves))
	for i, wave := range waves {
		for _, w := range wave {
			all[i] = append(all[i], &Release{Workload: w})
		}
	}
	return all
}

// Revision returns the revision that exists, 0 for none.
func (r *Release) Revision() int {
	if r.Existing == nil {
		return 0
	}
	return r.Existing.Revision
}

// Diff returns what the dry run changes.
func (r *Release) Diff(showSecrets bool) diff.Release {
	return diff.New(r.Name(), r.Outcomes, showSecrets)
}

// UpToDate reports whether a deploy has nothing to do: the release is in sync and
// was deployed with the same values. Another revision would only push a useful one out
// of the history.
func (r *Release) UpToDate() bool { return r.InSync() && sameValues(r.Existing.Values, r.Values) }

// InSync reports whether the release is deployed and the dry run changes no object.
func (r *Release) InSync() bool {
	return r.Existing != nil && r.Existing.Status == "deployed" &&
		!slices.ContainsFunc(r.Outcomes, func(o dryrun.Outcome) bool { return o.Verb != dryrun.Unchanged })
}

// sameValues compares values as Helm stores them.
func sameValues(a, b map[string]any) bool {
	was, errWas := json.Marshal(a)
	is, errIs := json.Marshal(b)
	return errWas == nil && errIs == nil && bytes.Equal(was, is)
}

// desired returns the objects to send to the server in the dry run.
func (r *Release) desired(namespace string) dryrun.Release {
	desired := dryrun.Release{Name: r.Name(), Namespace: namespace, Objects: r.Objects}
	if r.Existing != nil {
		desired.Previous = r.Existing.AppliedObjects()
	}
	return desired
}

// redactor removes the values of the release's Secrets: new, old and live ones.
func (r *Release) redactor() *redact.Redactor {
	objects := slices.Clone(r.Objects)
	if r.Existing != nil {
		objects = append(objects, r.Existing.AppliedObjects()...)
	}
	for _, outcome := range r.Outcomes {
		objects = append(objects, outcome.Live)
	}
	return redact.ForObjects(objects...)
}

// withPosition returns a failure with the line of the recipe to change.
func withPosition(w *blueprint.Workload, f *rollout.Failure) *progress.Failure {
	line, key := w.RemediationPosition(f.Remediation)
	return &progress.Failure{Failure: f, Line: line, Key: key}
}
