package diff

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/component-helpers/resource"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
)

// delta is the requested quantity of a resource before and after a deploy.
type delta struct{ before, after int64 }

// count adds the GPUs that the pods of an object request.
func (r Release) count(o dryrun.Outcome) {
	if before := podsOf(o.Live); before != nil {
		for name, n := range before.gpus() {
			r.gpus[name] = delta{r.gpus[name].before + n, r.gpus[name].after}
		}
	}
	if after := podsOf(o.Predicted); after != nil {
		after.ended = after.ended && o.Verb != dryrun.Replaced
		for name, n := range after.gpus() {
			r.gpus[name] = delta{r.gpus[name].before, r.gpus[name].after + n}
		}
	}
}

// gpus returns how many GPUs of each resource all pods request.
func (p *pods) gpus() map[string]int64 {
	all := map[string]int64{}
	if p.ended {
		return all
	}
	for _, t := range p.Templates {
		// Limits, since the server sets the requests of pods only, not of templates.
		for name, quantity := range resource.PodLimits(&corev1.Pod{Spec: t.Spec}, resource.PodResourcesOptions{}) {
			if strings.Contains(string(name), "/gpu") || strings.HasPrefix(string(name), "nvidia.com/mig-") {
				all[string(name)] += quantity.Value() * t.Count * p.Replicas
			}
		}
	}
	return all
}

// gpuLines returns the changes of the requested GPUs, sorted by name.
func (r Release) gpuLines() []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(r.gpus)) {
		if d := r.gpus[name]; d.before != d.after {
			lines = append(lines, fmt.Sprintf("%s: %d → %d (%+d)", name, d.before, d.after, d.after-d.before))
		}
	}
	return lines
}
