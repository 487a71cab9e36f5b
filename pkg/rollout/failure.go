package rollout

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Failure is why a rollout has ended before all was ready.
type Failure struct {
	Status                      // of what has failed, in the words of Kubernetes
	Cause       string          `json:"cause"` // definitive, the budget that ran out (schedule, pull or start), timeout, interrupted or not ready
	After       string          `json:"after,omitempty"`
	Details     []Detail        `json:"evidence,omitempty"`
	Remediation Remediation     `json:"advice"`
	Pod         *corev1.PodSpec `json:"-"`                    // that has failed, nil where none has
	Unfinished  []Status        `json:"unfinished,omitempty"` // all that was not ready
}

// Detail is what bears a failure out.
type Detail struct {
	From  string   `json:"from"` // events, log, or log of the previous run
	Lines []string `json:"lines"`
}

// The causes of failures that are no budget's.
const (
	terminalCause    = "definitive"
	timeoutCause     = "timeout"
	interruptedCause = "interrupted"
	notReadyCause    = "not ready" // at a look: nothing says that it won't be
)

// Terminal reports whether waiting longer would be in vain, or was too long already.
func (f *Failure) Terminal() bool {
	return f.Cause != timeoutCause && f.Cause != interruptedCause && f.Cause != notReadyCause
}

// Error returns the lines of the failure.
func (f *Failure) Error() string { return strings.Join(f.Lines(), "\n") }

// Lines returns the failure in one line, and one more for each object that is
// not ready where no single one of them is the cause.
func (f *Failure) Lines() []string {
	switch f.Cause {
	case timeoutCause:
		return f.unfinishedLines("timed out, still waiting for:")
	case interruptedCause:
		return f.unfinishedLines("interrupted, still waiting for:")
	case terminalCause, notReadyCause:
		return []string{f.String()}
	}
	return []string{f.String() + " (" + f.After + ")"}
}

func (f *Failure) unfinishedLines(head string) []string {
	if len(f.Unfinished) == 0 {
		return []string{head + " the first answer of the server"}
	}
	lines := []string{head}
	for _, s := range f.Unfinished {
		lines = append(lines, "  "+s.String())
	}
	return lines
}

// newFailure describes the failure of s. Of a Job that has failed it is the pod
// that failed last that tells why.
func newFailure(s Status, v view, cause, after string) *Failure {
	f := &Failure{Status: s, Cause: cause, After: after}
	if inner := v.lastFailedContainer(s); inner != nil {
		f.Container, f.Node, f.pod, f.symptom = inner.Container, inner.Node, inner.pod, inner.symptom
		f.Message += "; " + inner.String()
	}
	return f
}

// lastFailedContainer returns the line of the container in which a pod of the Job s
// failed last.
func (v view) lastFailedContainer(s Status) *Status {
	if s.symptom.source != onJob {
		return nil
	}
	var found *Status
	for _, w := range v.workloads {
		if id(w.object) != s.Object {
			continue
		}
		pods := slices.Clone(w.pods)
		slices.SortStableFunc(pods, func(a, b *podView) int {
			return a.CreationTimestamp.Compare(b.CreationTimestamp.Time)
		})
		for _, p := range pods {
			for _, line := range p.statuses(1) {
				if line.Container != "" && line.symptom.source == onCrash {
					found = &line
				}
			}
		}
	}
	return found
}

// newUnfinishedFailure ends a watch before anything has failed: the failure is of what
// is most in trouble.
func newUnfinishedFailure(tree []Status, v view, cause string) *Failure {
	f := &Failure{Cause: cause}
	all := notReady(tree)
	if len(all) == 0 { // all is ready, and has yet to stay so
		for _, s := range tree {
			if s.Depth == 0 {
				s.Message = "ready, but not yet for long enough to tell that it stays so"
				all = append(all, s)
			}
		}
	}
	if len(all) > 0 {
		worst := slices.MaxFunc(all, func(a, b Status) int { return cmp.Compare(a.severity(), b.severity()) })
		f = newFailure(worst, v, cause, "")
	}
	f.Unfinished = all
	return f
}

// notReady are the statuses that are not as they should be, and say how.
func notReady(tree []Status) []Status {
	return slices.DeleteFunc(slices.Clone(tree), func(s Status) bool {
		return s.done() && s.Message != beingDeleted || s.State == Waiting && s.Text() == string(Waiting)
	})
}

// severity ranks statuses by how likely they are the cause of others.
func (s Status) severity() int {
	rank := map[State]int{Failed: 40, Degraded: 30}[s.State]
	if s.symptom.source != 0 {
		rank += 5
	}
	if s.Container != "" {
		rank++
	}
	return rank
}

// pullState is the kubelet's event of a state that a failed pull leads to.
var pullState = regexp.MustCompile(`^Error: (ErrImagePull|ImagePullBackOff)`)

// warnings are the last warnings of events, the newest last, without those that
// say no more than what was said already.
func warnings(events []event, reported string) []string {
	var lines []string
	for _, e := range slices.Backward(events) {
		line := e.reason + ": " + e.message
		known := e.reason == "BackOff" || pullState.MatchString(e.message) || reported != "" && (strings.Contains(reported, e.message) || strings.HasSuffix(e.message, reported))
		if (e.warning || e.reason == "Killing") && !known && !slices.Contains(lines, line) && len(lines) < detailLines {
			lines = append(lines, line)
		}
	}
	slices.Reverse(lines)
	return lines
}

// defaultContainer is the container that kubectl means when none is named.
func defaultContainer(pod *corev1.Pod) string {
	if name := pod.Annotations["kubectl.kubernetes.io/default-container"]; name != "" {
		return name
	}
	if len(pod.Spec.Containers) == 0 {
		return ""
	}
	return pod.Spec.Containers[0].Name
}
