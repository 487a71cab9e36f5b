package rollout

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/signature"
)

// Failure reports why a rollout ended before all workloads were ready.
type Failure struct {
	Status                      // of the object that failed, as Kubernetes reports it
	Cause       string          `json:"cause"` // terminal, the expired timeout (schedule, pull or start), timeout, interrupted or not-ready
	After       string          `json:"after,omitempty"`
	Signature   string          `json:"signature,omitempty"` // ID of the signature that the log of the container matches
	Details     []Detail        `json:"details,omitempty"`
	Remediation Remediation     `json:"remediation"`
	Serving     Serving         `json:"-"`
	Pod         *corev1.PodSpec `json:"-"`                    // of the pod that failed, nil if none did
	Unfinished  []Status        `json:"unfinished,omitempty"` // every object that was not ready

	match *signature.Match // nil if the log matches no signature
}

// Detail holds events or log lines that explain a failure.
type Detail struct {
	From  string   `json:"from"` // events, log or previous log
	Lines []string `json:"lines"`
}

// The causes of failures other than timeouts of a phase.
const (
	terminalCause    = "terminal"
	timeoutCause     = "timeout"
	interruptedCause = "interrupted"
	notReadyCause    = "not-ready" // only of Watcher.Status
)

// Terminal reports whether the rollout has failed: its cause is permanent, or the
// timeout of a phase expired.
func (f *Failure) Terminal() bool {
	return f.Cause != timeoutCause && f.Cause != interruptedCause && f.Cause != notReadyCause
}

// Summary returns the outcome of the rollout in a few words.
func (f *Failure) Summary() string {
	switch f.Cause {
	case timeoutCause:
		return "timed out"
	case interruptedCause:
		return "interrupted"
	case notReadyCause:
		return "not ready"
	}
	return "rollout failed"
}

// Interrupted reports whether the user ended the watch.
func (f *Failure) Interrupted() bool { return f.Cause == interruptedCause }

// setSignature adds the signature that the log of the container matches, unless nil.
func (f *Failure) setSignature(m *signature.Match) {
	if m != nil {
		f.match, f.Signature = m, m.ID
	}
}

// Text returns the cause in one line: that of the signature, or the status as Kubernetes
// reports it.
func (f *Failure) Text() string {
	if f.match != nil {
		return f.match.Cause + " (" + f.match.ID + ")"
	}
	return f.Status.Text()
}

// SignatureLine returns the log line that matches the signature, without prefixes, or "".
func (f *Failure) SignatureLine() string {
	if f.match != nil {
		return f.match.Line
	}
	return ""
}

// String returns the cause in one line, with the name of the object.
func (f *Failure) String() string {
	if f.match != nil {
		return f.Object + ": container " + f.Container + ": " + f.Text()
	}
	return f.Status.String()
}

// Error returns the lines of the failure.
func (f *Failure) Error() string { return strings.Join(f.Lines(), "\n") }

// Lines returns the failure in one line, and one line per unready object if no single
// object is the cause.
func (f *Failure) Lines() []string {
	switch f.Cause {
	case timeoutCause:
		return f.unfinishedLines("timed out waiting for:")
	case interruptedCause:
		return f.unfinishedLines("interrupted while waiting for:")
	case terminalCause, notReadyCause:
		return []string{f.String()}
	}
	return []string{f.String() + " (" + f.After + ")"}
}

// unfinishedLines returns head and a line per unfinished object.
func (f *Failure) unfinishedLines(head string) []string {
	if len(f.Unfinished) == 0 {
		return []string{head + " the first response of the API server"}
	}
	lines := []string{head}
	for _, s := range f.Unfinished {
		lines = append(lines, "  "+s.String())
	}
	return lines
}

// newFailure returns the failure of s. For a failed Job, it adds the container that
// crashed last.
func newFailure(s Status, v view, cause, after string) *Failure {
	f := &Failure{Status: s, Cause: cause, After: after}
	if inner := v.lastFailedContainer(s); inner != nil {
		f.Container, f.Node, f.pod, f.symptom = inner.Container, inner.Node, inner.pod, inner.symptom
		f.Message += "; " + inner.String()
	}
	return f
}

// lastFailedContainer returns the status of the container of the Job s that crashed
// last, or nil.
func (v view) lastFailedContainer(s Status) *Status {
	if s.symptom.source != onJob {
		return nil
	}
	var found *Status
	for _, w := range v.workloads {
		if objref.ID(w.object) != s.Object {
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

// newUnfinishedFailure returns the failure of a rollout that ended before anything
// failed. It reports the status with the highest severity.
func newUnfinishedFailure(tree []Status, v view, cause string) *Failure {
	f := &Failure{Cause: cause}
	all := notReady(tree)
	if len(all) == 0 { // all are ready, but have not settled
		for _, s := range tree {
			if s.Depth == 0 {
				s.Message = "ready, waiting for it to stay ready"
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

// notReady returns the statuses that are not ready and give a reason.
func notReady(tree []Status) []Status {
	return slices.DeleteFunc(slices.Clone(tree), func(s Status) bool {
		return s.done() && s.Message != beingDeleted || s.State == Waiting && s.Text() == string(Waiting)
	})
}

// severity ranks statuses by how likely they cause others.
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

// pullState matches events that repeat the state after a failed pull.
var pullState = regexp.MustCompile(`^Error: (ErrImagePull|ImagePullBackOff)`)

// warnings returns the last warning events, the newest last, without those that
// repeat what was reported.
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
