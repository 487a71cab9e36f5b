package diff

import (
	"fmt"
	"maps"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
)

// describe says in words what comes of a change.
func (c *Change) describe(o dryrun.Outcome) {
	c.Effects = []string{}
	switch before, after := podsOf(o.Live), podsOf(o.Predicted); {
	case !c.changed():
	case before == nil && after != nil && after.suspended:
		c.say("starts %s once its queue lets it", counted(after.total()))
	case before == nil && after != nil:
		c.say("starts %s", counted(after.total()))
	case before != nil && after == nil:
		c.stop(before)
	case c.Action == dryrun.Replaced:
		c.say("has failed, and runs again")
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

// stop tells what ends with an object that runs pods.
func (c *Change) stop(p *pods) {
	if p.ended {
		c.say("has ended")
		return
	}
	c.destroys, c.Restarts = true, p.total()
	c.say("stops %s", counted(p.total()))
}

// restart tells that other pods take the place of those that run.
func (c *Change) restart(o dryrun.Outcome, before, after *pods) {
	if equality.Semantic.DeepEqual(before.templates, after.templates) || before.total() == 0 || before.ended {
		return
	}
	c.Restarts = before.total()
	text := fmt.Sprintf("restarts %s", counted(before.total()))
	if leavesGap(o.Predicted, before.replicas) {
		text += ", and nothing serves meanwhile"
	}
	c.say("%s", text)
}

// leavesGap reports whether a Deployment takes all of its pods away before
// others are there.
func leavesGap(o *unstructured.Unstructured, replicas int64) bool {
	w, _ := read(o)
	if o.GetKind() != "Deployment" {
		return false
	}
	strategy := w.Spec.Strategy
	if strategy.Type == appsv1.RecreateDeploymentStrategyType {
		return true
	}
	rolling := strategy.RollingUpdate
	if rolling == nil || rolling.MaxUnavailable == nil {
		return false
	}
	away, err := intstr.GetScaledValueFromIntOrPercent(rolling.MaxUnavailable, int(replicas), false)
	return err == nil && int64(away) >= replicas
}

func (c *Change) scale(before, after *pods) {
	if before.replicas == after.replicas {
		return
	}
	c.say("%s %d → %d", before.unit, before.replicas, after.replicas)
	if gone := before.total() - after.total(); gone > 0 && c.Restarts == 0 {
		c.Restarts = gone
		c.say("stops %s", counted(gone))
	}
}

// suspend tells that a Job is stopped until somebody lets it go on.
func (c *Change) suspend(before, after *pods) {
	if after.suspended && !before.suspended && !before.ended {
		c.Restarts = before.total()
		c.say("suspends it, which stops %s", counted(before.total()))
	}
}

// swap tells the images that change.
func (c *Change) swap(before, after *pods) {
	was, is := before.images(), after.images()
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if old, ok := was[name]; ok && old != is[name] {
			c.say("image of %s: %s → %s", name, old, is[name])
		}
	}
}

// claim tells what becomes of a volume.
func (c *Change) claim(o dryrun.Outcome) {
	switch c.Action {
	case dryrun.Deleted:
		c.say("its volume goes with it, unless the volume's reclaim policy is Retain")
	case dryrun.Kept:
		c.say("no longer part of the recipe; it stays, with its volume")
	case dryrun.Created:
		c.say("asks for a volume of %s", size(o.Predicted))
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

func counted(pods int64) string {
	if pods == 1 {
		return "1 pod"
	}
	return fmt.Sprintf("%d pods", pods)
}
