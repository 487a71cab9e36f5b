package rollout

import (
	"cmp"
	"regexp"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/startup"
)

// Startup is how long a release took to start: the time from the creation of the pod that
// became ready last until it was ready, by the clocks of the cluster.
type Startup struct {
	Seconds int             `json:"seconds"`
	Phases  []PhaseDuration `json:"phases"` // in order; together they may be shorter
}

// PhaseDuration is how long a phase of a start took.
type PhaseDuration struct {
	Phase   startup.Phase `json:"phase"`
	Seconds int           `json:"seconds"`
}

// The phases that do not come from a log. Start is the whole start of a container whose
// log shows no phase.
const (
	phaseSchedule startup.Phase = "schedule"
	phasePull     startup.Phase = "pull"
	phaseStart    startup.Phase = "start"
)

// phaseOrder lists the phases whose durations are reported. The time in which the server
// is up and not ready is not: it depends on the probes.
var phaseOrder = []startup.Phase{
	phaseSchedule, phasePull, phaseStart,
	startup.PhaseDownload, startup.PhaseLoad, startup.PhaseCompile, startup.PhaseCapture, startup.PhaseWarmup,
}

// longStart is the age from which a pod that is not ready has probably been ready before.
const longStart = time.Hour

// recordUnready records the pods that are not ready, whose start the watch sees.
func (t *release) recordUnready() {
	for _, w := range t.view.workloads {
		for _, p := range w.pods {
			if !p.old && p.readyAt().IsZero() && t.began.Sub(p.CreationTimestamp.Time) < longStart {
				t.unready[p.UID] = true
			}
		}
	}
}

// startup returns how long the start took, or nil if all pods were ready from the
// beginning.
func (t *release) startup() *Startup {
	var last *podView
	for _, w := range t.view.workloads {
		for _, p := range w.pods {
			if p.old || !t.unready[p.UID] || p.readyAt().IsZero() {
				continue
			}
			if last == nil || p.readyAt().After(last.readyAt()) {
				last = p
			}
		}
	}
	if last == nil {
		return nil
	}
	return last.startup(t.starts.marksOf(last.UID))
}

// marksOf returns the phases of each container of a pod, by container.
func (s *starts) marksOf(pod types.UID) map[string][]mark {
	all := map[string][]mark{}
	for _, f := range s.followers {
		if f.pod != pod {
			continue
		}
		f.mu.Lock()
		all[f.container] = slices.Clone(f.marks)
		f.mu.Unlock()
	}
	return all
}

// startup returns how long the pod took to be ready. marks has the phases of its
// containers.
func (p *podView) startup(marks map[string][]mark) *Startup {
	took := map[startup.Phase]time.Duration{}
	ready := p.readyAt()
	if c := p.condition(corev1.PodScheduled); c != nil && c.Status == corev1.ConditionTrue {
		took[phaseSchedule] = c.LastTransitionTime.Sub(p.CreationTimestamp.Time)
	}
	for _, e := range p.events {
		took[phasePull] += pullDuration(e)
	}
	for _, c := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
		end := ready
		if c.State.Terminated != nil {
			end = c.State.Terminated.FinishedAt.Time
		}
		for i, m := range marks[c.Name] {
			next := end
			if i+1 < len(marks[c.Name]) {
				next = marks[c.Name][i+1].at
			}
			took[m.phase] += max(0, next.Sub(m.at))
		}
	}
	if began := p.startedAt(p.defaultContainer()); len(marks) == 0 && !began.IsZero() {
		took[phaseStart] = ready.Sub(began)
	}
	s := &Startup{Seconds: seconds(ready.Sub(p.CreationTimestamp.Time)), Phases: []PhaseDuration{}}
	for _, phase := range phaseOrder {
		if n := seconds(took[phase]); n > 0 {
			s.Phases = append(s.Phases, PhaseDuration{phase, n})
		}
	}
	return s
}

func seconds(d time.Duration) int { return int(max(0, d.Round(time.Second)).Seconds()) }

// readyAt returns since when the pod has been ready, or zero. The pod of a Job whose
// work is done by an init container is ready once that runs.
func (p *podView) readyAt() time.Time {
	if c := p.condition(corev1.PodReady); c != nil && c.Status == corev1.ConditionTrue {
		return c.LastTransitionTime.Time
	}
	if p.isWorking() {
		return p.startedAt(p.defaultContainer())
	}
	return time.Time{}
}

// startedAt returns when a container started, or zero.
func (p *podView) startedAt(container string) time.Time {
	for _, c := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
		switch {
		case c.Name != container:
		case c.State.Running != nil:
			return c.State.Running.StartedAt.Time
		case c.State.Terminated != nil:
			return c.State.Terminated.StartedAt.Time
		}
	}
	return time.Time{}
}

// pulled matches the kubelet's event of a pull: "Successfully pulled image "x" in 1m40.2s
// (1m42s including waiting). Image size: 123 bytes."
var pulled = regexp.MustCompile(`^Successfully pulled image .* in ([\d.hmsµn]+)(?: \(([\d.hmsµn]+) including waiting\))?`)

// pullDuration returns how long a pull took, with the time that it waited for others.
func pullDuration(e event) time.Duration {
	m := pulled.FindStringSubmatch(e.message)
	if e.reason != "Pulled" || m == nil {
		return 0
	}
	d, err := time.ParseDuration(cmp.Or(m[2], m[1]))
	if err != nil {
		return 0
	}
	return d
}
