// Package diff says what a deploy would change, from what the server
// predicts of each object:
//
//	[]dryrun.Outcome ─New→ Release ─┬ Summary  for people: what restarts, scales, goes
//	                                  ├ Diff     unified, of live and predicted objects
//	                                  ├ Changes  for machines
//	                                  └ Digests  to tell later whether it is still the same
//
// What the server alone writes does not show, and no value of a Secret and
// nothing else that is named like a credential, unless that is asked for.
package diff

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
)

// Release is what a deploy would change in one release.
type Release struct {
	Name    string
	Changes []Change // in the order in which the objects are sent
	gpus    map[string]delta
}

// Change is what becomes of one object.
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

// tree is an object's fields, to be shown.
type tree = map[string]any

// New reviews the outcomes of a release's dry run.
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

// Disruptive reports whether a deploy would end something that may be at work:
// pods, or an object with what is kept in it.
func (r Release) Disruptive() bool {
	return slices.ContainsFunc(r.Changes, func(c Change) bool { return c.destroys || c.Restarts > 0 })
}

func (c Change) changed() bool {
	return c.Action != dryrun.Unchanged && c.Action != dryrun.Kept
}

// kind returns the kind of whichever object there is.
func kind(o dryrun.Outcome) string {
	return either(o).GetKind()
}

func either(o dryrun.Outcome) *unstructured.Unstructured {
	if o.Predicted != nil {
		return o.Predicted
	}
	return o.Live
}
