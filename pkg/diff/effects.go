package diff

import (
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// describe sets the effects of a change.
func (c *Change) describe(o dryrun.Outcome) {
	c.Effects = []string{}
	switch before, after := podsOf(o.Live), podsOf(o.Predicted); {
	case !c.changed():
	case before == nil && after != nil && after.suspended:
		c.say("starts %s when admitted by its queue", source.Count(after.Total(), "pod"))
	case before == nil && after != nil:
		c.say("starts %s", source.Count(after.Total(), "pod"))
	case before != nil && after == nil:
		c.stop(before)
	case c.Action == dryrun.Replaced:
		c.say("failed, runs again")
	case before != nil:
		c.restart(o, before, after)
		c.scale(before, after)
		c.suspend(before, after)
		c.swap(before, after)
	}
	c.destroys = c.destroys || c.Action == dryrun.Deleted && podsOf(o.Live) == nil
	if kind(o) == "PersistentVolumeClaim" {
		c.claim(o)
	}
}

func (c *Change) say(format string, args ...any) {
	c.Effects = append(c.Effects, fmt.Sprintf(format, args...))
}

// stop adds the effect of deleting an object that runs pods.
func (c *Change) stop(p *pods) {
	if p.ended {
		c.say("already ended")
		return
	}
	c.destroys, c.Restarts = true, p.Total()
	c.say("stops %s", source.Count(p.Total(), "pod"))
}

// restart adds the effect of a changed pod template: new pods replace the running ones.
func (c *Change) restart(o dryrun.Outcome, before, after *pods) {
	if equality.Semantic.DeepEqual(before.Templates, after.Templates) || before.Total() == 0 || before.ended {
		return
	}
	c.Restarts = before.Total()
	text := fmt.Sprintf("restarts %s", source.Count(before.Total(), "pod"))
	if leavesGap(o.Predicted, before.Replicas) {
		text += " (with downtime)"
	}
	c.say("%s", text)
}

// leavesGap reports whether a Deployment may stop all of its pods before it starts
// others.
func leavesGap(o *unstructured.Unstructured, replicas int64) bool {
	if o.GetKind() != "Deployment" {
		return false
	}
	unavailable, err := podspec.MaxUnavailable(o, replicas)
	return err == nil && unavailable >= replicas
}

func (c *Change) scale(before, after *pods) {
	if before.Replicas == after.Replicas {
		return
	}
	c.say("%s %d → %d", before.unit, before.Replicas, after.Replicas)
	if stopped := before.Total() - after.Total(); stopped > 0 && c.Restarts == 0 {
		c.Restarts = stopped
		c.say("stops %s", source.Count(stopped, "pod"))
	}
}

// suspend adds the effect of suspending a Job, which stops its pods.
func (c *Change) suspend(before, after *pods) {
	if after.suspended && !before.suspended && !before.ended {
		c.Restarts = before.Total()
		c.say("suspended, stops %s", source.Count(before.Total(), "pod"))
	}
}

// swap adds the changed images.
func (c *Change) swap(before, after *pods) {
	was, is := before.images(), after.images()
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if old, ok := was[name]; ok && old != is[name] {
			c.say("image of %s: %s → %s", name, old, is[name])
		}
	}
}

// claim adds the effect on a volume.
func (c *Change) claim(o dryrun.Outcome) {
	switch c.Action {
	case dryrun.Deleted:
		c.say("also deletes its volume, unless the reclaim policy is Retain")
	case dryrun.Kept:
		c.say("no longer part of the recipe; kept with its volume")
	case dryrun.Created:
		c.say("requests a volume of %s", size(o.Predicted))
	case dryrun.Configured:
		if was, is := size(o.Live), size(o.Predicted); was != is {
			c.say("size %s → %s", was, is)
		}
	}
}

func size(claim *unstructured.Unstructured) string {
	text, _, _ := unstructured.NestedString(claim.Object, "spec", "resources", "requests", "storage")
	return text
}
