// Package diff compares the live objects of a release with what the server
// predicts for them:
//
//	[]dryrun.Outcome ─New→ Release ─┬ Summary  for people: what restarts, scales or is deleted
//	                               ├ Files    live and predicted YAML, for a unified diff
//	                               ├ Changes  for machines
//	                               └ Objects  digests, for a plan that Drift compares later
//
// It owns the summary, the unified diff and the saved plan of a deploy, and
// masks what they show. Fields that only the server writes are dropped. Values
// of Secrets and anything named like a credential are masked unless the caller
// asks to see them.
package diff

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
)

// Release holds the changes that a deploy would make to one release.
type Release struct {
	Name    string
	Changes []Change // in the order in which the objects are sent
	gpus    map[string]delta
}

// Change is the change of one object.
type Change struct {
	Object   string      `json:"object"` // kind.group/name
	Action   dryrun.Verb `json:"action"`
	Restarts int64       `json:"restarts"` // pods that are replaced or stopped
	Effects  []string    `json:"effects"`  // in words
	Fields   []string    `json:"fields"`   // paths of what differs, of an object that is changed

	before, after tree // without noise, masked; nil where there is none
	uid           string
	version       string // of a Secret, whose values are not seen
	destroys      bool
}

// tree holds the fields of an object in the form in which they are shown.
type tree = map[string]any

// New compares the outcomes of the dry run of a release.
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
		if o.Live.GetKind() == "Secret" {
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

// Disruptive reports whether a deploy would stop running pods, or delete an
// object that holds data.
func (r Release) Disruptive() bool {
	return slices.ContainsFunc(r.Changes, func(c Change) bool { return c.destroys || c.Restarts > 0 })
}

func (c Change) changed() bool {
	return c.Action != dryrun.Unchanged && c.Action != dryrun.Kept
}

// kind returns the kind of the predicted object, or else of the live one.
func kind(o dryrun.Outcome) string {
	return either(o).GetKind()
}

func either(o dryrun.Outcome) *unstructured.Unstructured {
	if o.Predicted != nil {
		return o.Predicted
	}
	return o.Live
}
