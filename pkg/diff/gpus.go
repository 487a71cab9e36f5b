package diff

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
)

// delta is the requested amount of a resource before and after the change.
type delta struct{ before, after int64 }

// count adds the GPU requests of an object to the release.
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

// gpus returns the GPU requests of all pods.
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

// gpusOf returns the effective GPU requests of one pod: the sum of its
// containers or the largest init container, whichever is more. Sidecars
// (restartable init containers) count among the containers. See
// https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers.
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

// gpuLines returns the changes of GPU requests, sorted by resource name.
func (r Release) gpuLines() []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(r.gpus)) {
		if d := r.gpus[name]; d.before != d.after {
			lines = append(lines, fmt.Sprintf("%s: %d → %d (%+d)", name, d.before, d.after, d.after-d.before))
		}
	}
	return lines
}
