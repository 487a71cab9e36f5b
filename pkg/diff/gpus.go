package diff

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
)

// delta is how many of a resource are asked for, before and after.
type delta struct{ before, after int64 }

// count adds the GPUs that an object asks for.
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

// gpus are those that all pods ask for.
func (p *pods) gpus() map[string]int64 {
	all := map[string]int64{}
	if p.ended {
		return all
	}
	for _, t := range p.templates {
		for name, n := range gpusOf(&t.Spec) {
			all[name] += n * t.Count * p.replicas
		}
	}
	return all
}

// gpusOf are those of one pod: what its containers ask for together, or an
// initial one alone, where that is more. One that goes on beside the others
// counts among them.
func gpusOf(pod *corev1.PodSpec) map[string]int64 {
	all, initial := map[string]int64{}, map[string]int64{}
	for _, c := range pod.InitContainers {
		beside := c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
		for name, n := range gpusIn(c) {
			if beside {
				all[name] += n
			} else {
				initial[name] = max(initial[name], all[name]+n)
			}
		}
	}
	for _, c := range pod.Containers {
		for name, n := range gpusIn(c) {
			all[name] += n
		}
	}
	for name, n := range initial {
		all[name] = max(all[name], n)
	}
	return all
}

func gpusIn(c corev1.Container) map[string]int64 {
	found := map[string]int64{}
	for name, quantity := range c.Resources.Limits { // which the requests of such resources must equal
		if strings.Contains(string(name), "/gpu") || strings.HasPrefix(string(name), "nvidia.com/mig-") {
			found[string(name)] = quantity.Value()
		}
	}
	return found
}

// gpuLines tells how many GPUs are asked for, in the order of their names.
func (r Release) gpuLines() []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(r.gpus)) {
		if d := r.gpus[name]; d.before != d.after {
			lines = append(lines, fmt.Sprintf("%s: %d → %d (%+d)", name, d.before, d.after, d.after-d.before))
		}
	}
	return lines
}
