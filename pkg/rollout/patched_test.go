package rollout_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// patched watches a Deployment whose pod gets a status that the simulated node
// never gives, as soon as it is ready for the first time.
func patched(t *testing.T, fields, status string) (*recorder, *rollout.Failure) {
	t.Helper()
	f := newFixture(t, spec(deployment, "FIELDS", fields))
	done := false
	return f.fail(time.Minute, func(c rollout.Change) {
		if strings.HasPrefix(c.Object, "pod/") && c.Container == "" && c.State == rollout.Ready && !done {
			done = true
			f.patch(f.pod(), status)
		}
	})
}

const notReady = `conditions: [{type: Ready, status: "False"}], `

// TestWatchSeesACrashAfterTheStart of a container without a probe, which was
// ready for a moment.
func TestWatchSeesACrashAfterTheStart(t *testing.T) {
	t.Parallel()
	r, failure := patched(t, "", `{`+notReady+`containerStatuses: [{name: main, ready: false, restartCount: 2, image: x, imageID: x,
		state: {waiting: {reason: CrashLoopBackOff, message: back-off 20s restarting failed container=main pod=web_ns(1)}, running: null},
		lastState: {terminated: {exitCode: 7, reason: Error}}}]}`)
	const want = "CrashLoopBackOff: Error, exit code 7; back-off 20s restarting failed container"
	if failure.Text() != want || failure.Container != "main" || failure.Cause != "terminal" {
		t.Errorf("got %v", failure)
	}
	if !slices.ContainsFunc(r.lines, func(line string) bool { return strings.HasSuffix(line, ": container main: "+want) }) {
		t.Errorf("lines are %q", r.lines)
	}
	// A simulated node has no logs, which must not hide the failure.
	if e := failure.Details; len(e) == 0 || e[len(e)-1].From != "previous log" || !strings.HasPrefix(e[len(e)-1].Lines[0], "not available: ") {
		t.Errorf("details are %+v", e)
	}
	if hints := failure.Remediation.Hints; len(hints) != 1 || !strings.HasSuffix(hints[0].String(), " -c main --previous") {
		t.Errorf("hints are %q", hints)
	}
}

func TestWatchEndsForMemory(t *testing.T) {
	t.Parallel()
	_, failure := patched(t, "resources: {limits: {memory: 64Mi}}", `{`+notReady+`containerStatuses: [{name: main, ready: false, restartCount: 1, image: x, imageID: x,
		state: {terminated: {exitCode: 137, reason: OOMKilled}, running: null}, lastState: {terminated: {exitCode: 137, reason: OOMKilled}}}]}`)
	if failure.Reason != "OOMKilled" || failure.Remediation.Field != "Pod.spec.containers.resources.limits[memory]" || failure.Remediation.Values.Memory != "64Mi" {
		t.Errorf("got %v, %+v", failure, failure.Remediation)
	}
}

// TestNodeThatIsAwayEndsNothing has a pod lose its node for a while, as the node
// lifecycle controller marks it.
func TestNodeThatIsAwayEndsNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, spec(deployment))
	away, back := false, false
	r, err := f.watch(time.Minute, func(c rollout.Change) {
		pod := strings.HasPrefix(c.Object, "pod/") && c.Container == ""
		switch {
		case pod && c.State == rollout.Ready && !away:
			away = true
			f.patch(f.pod(), `{conditions: [{type: Ready, status: "False"}]}`)
		case pod && c.State != rollout.Ready && away && !back:
			back = true
			time.AfterFunc(2*time.Second, func() { f.patch(f.pod(), `{conditions: [{type: Ready, status: "True"}]}`) })
		}
	})
	if err != nil || !back {
		t.Errorf("%v, was away: %t\n%s", err, back, strings.Join(r.lines, "\n"))
	}
}

// TestOlderRevisionsEndNothing upgrades a Deployment whose pods can't start.
func TestOlderRevisionsEndNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, spec(deployment, "FIELDS", "env: [{name: A, valueFrom: {secretKeyRef: {name: missing, key: k}}}]"))
	_, _ = f.fail(time.Minute, nil)
	f.change("spec: {template: {spec: {containers: [{name: main, image: registry.example/web:2}]}}}")
	r, err := f.watch(time.Minute, nil)
	if err != nil || !slices.ContainsFunc(r.lines, func(line string) bool {
		return strings.HasSuffix(line, ": belongs to a previous revision") || strings.HasSuffix(line, ": terminating")
	}) && slices.ContainsFunc(r.lines, func(line string) bool { return strings.Contains(line, "CreateContainerConfigError") }) {
		t.Errorf("%v\n%s", err, strings.Join(r.lines, "\n"))
	}
}
