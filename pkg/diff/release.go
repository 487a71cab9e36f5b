// Package diff describes the changes that a deploy would make, based on the server's
// prediction for each object:
//
//	[]dryrun.Outcome ─New→ Release ─┬ Summary  for people: restarts, scaling, deletions
//	                                ├ Files    live and predicted objects, for a unified diff
//	                                ├ Changes  for machines
//	                                └ Objects  digests, to detect later changes of the cluster
//
// It leaves out fields that only the server writes. It masks the values of Secrets and
// all values whose names suggest a credential, unless the user asks to show them.
package diff

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// Release holds the changes of a deploy to one release.
type Release struct {
	Name    string
	Changes []Change // in the order of the requests
	gpus    map[string]delta
}

// Change is the change of one object.
type Change struct {
	Object   string      `json:"object"` // kind.group/name
	Action   dryrun.Verb `json:"action"`
	Restarts int64       `json:"restarts"` // pods that are replaced or stopped
	Effects  []string    `json:"effects"`  // descriptions for people
	Fields   []string    `json:"fields"`   // paths of the differences of a configured object

	before, after tree // cleaned and masked; nil if the object does not exist
	uid           string
	version       string // of a Secret, whose values are masked
	destroys      bool
}

// tree holds the fields of an object to show.
type tree = map[string]any

// New returns the changes of a release from the outcomes of its dry run.
func New(release string, outcomes []dryrun.Outcome, showSecrets bool) Release {
	r := Release{Name: release, gpus: map[string]delta{}}
	trees := make([]pair, len(outcomes))
	for i, o := range outcomes {
		trees[i] = clean(o)
	}
	if !showSecrets {
		mask(trees)
	}
	for i, o := range outcomes {
		r.Changes = append(r.Changes, newChange(o, trees[i]))
		r.count(o)
	}
	return r
}

func newChange(o dryrun.Outcome, trees pair) Change {
	c := Change{Object: o.Object, Action: o.Verb, Fields: []string{}, before: trees.before, after: trees.after}
	if o.Live != nil {
		c.uid = string(o.Live.GetUID())
		if redact.IsSecret(o.Live) {
			c.version = o.Live.GetResourceVersion()
		}
	}
	if c.Action == dryrun.Configured {
		for _, d := range compare(trees.before, trees.after) {
			c.Fields = append(c.Fields, d.Path)
		}
	}
	c.describe(o)
	return c
}

// Changed reports whether a deploy would change anything.
func (r Release) Changed() bool {
	return slices.ContainsFunc(r.Changes, func(c Change) bool { return c.changed() })
}

// Disruptive reports whether a deploy would stop pods or delete an object with data.
func (r Release) Disruptive() bool {
	return slices.ContainsFunc(r.Changes, func(c Change) bool { return c.destroys || c.Restarts > 0 })
}

func (c Change) changed() bool {
	return c.Action != dryrun.Unchanged && c.Action != dryrun.Kept
}

// kind returns the kind of the object.
func kind(o dryrun.Outcome) string {
	return either(o).GetKind()
}

func either(o dryrun.Outcome) *unstructured.Unstructured {
	if o.Predicted != nil {
		return o.Predicted
	}
	return o.Live
}
