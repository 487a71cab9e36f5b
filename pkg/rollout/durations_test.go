package rollout

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/startup"
)

// created is when the pods of these tests were created.
var created = time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)

// after returns the time some seconds after the creation.
func after(seconds int) time.Time { return created.Add(time.Duration(seconds) * time.Second) }

// readPod reads a pod, in which @N stands for the time N seconds after its creation.
func readPod(t *testing.T, text string) *podView {
	t.Helper()
	text = regexp.MustCompile(`@\d+`).ReplaceAllStringFunc(text, func(s string) string {
		n, _ := strconv.Atoi(s[1:])
		return strconv.Quote(after(n).Format(time.RFC3339))
	})
	p := &podView{Pod: &corev1.Pod{}}
	if err := yaml.Unmarshal([]byte(text), p.Pod); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestStartup measures the phases of a pod with the clocks of the cluster.
func TestStartup(t *testing.T) {
	t.Parallel()
	const (
		pod = `{metadata: {creationTimestamp: @0}, spec: {containers: [{name: main}]},
			status: {conditions: [{type: PodScheduled, status: "True", lastTransitionTime: @2}, {type: Ready, status: "True", lastTransitionTime: @90}],
				initContainerStatuses: [{name: fetch, state: {terminated: {exitCode: 0, startedAt: @10, finishedAt: @40}}}],
				containerStatuses: [{name: main, ready: true, state: {running: {startedAt: @41}}}]}}`
		pulling = `Successfully pulled image "x" in 3.2s (7.9s including waiting). Image size: 123 bytes.`
	)
	for name, test := range map[string]struct {
		events []event
		marks  map[string][]mark
		want   []PhaseDuration
	}{
		"no phases":    {nil, nil, []PhaseDuration{{"schedule", 2}, {"start", 49}}},
		"pull":         {[]event{{reason: "Pulled", message: pulling}, {reason: "Pulled", message: `Container image "y" already present on machine`}}, nil, []PhaseDuration{{"schedule", 2}, {"pull", 8}, {"start", 49}}},
		"init phases":  {nil, map[string][]mark{"fetch": {{"download", after(11)}}}, []PhaseDuration{{"schedule", 2}, {"download", 29}}},
		"in order":     {nil, map[string][]mark{"main": {{"load", after(42)}, {"download", after(43)}, {"load", after(63)}, {"serve", after(80)}}}, []PhaseDuration{{"schedule", 2}, {"download", 20}, {"load", 18}}},
		"until ready":  {nil, map[string][]mark{"main": {{"warmup", after(60)}}}, []PhaseDuration{{"schedule", 2}, {"warmup", 30}}},
		"other clocks": {nil, map[string][]mark{"main": {{"load", after(99)}}}, []PhaseDuration{{"schedule", 2}}},
	} {
		p := readPod(t, pod)
		p.events = test.events
		if diff := cmp.Diff(&Startup{90, test.want}, p.startup(test.marks)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestProgressInTheStatus replaces a probe that fails while the server starts.
func TestProgressInTheStatus(t *testing.T) {
	t.Parallel()
	const (
		running = `{status: {containerStatuses: [{name: main, restartCount: 1, state: {running: {}}LAST}]}}`
		crashed = `, lastState: {terminated: {exitCode: 3, reason: Error}}`
	)
	probe := []event{{reason: "Unhealthy", message: "Readiness probe failed: 503", container: "main", last: after(20)}}
	for name, test := range map[string]struct {
		last     string
		events   []event
		progress startup.Progress
		want     string
	}{
		"no progress":            {"", probe, startup.Progress{}, "Unhealthy: Readiness probe failed: 503"},
		"progress":               {"", probe, startup.Progress{Phase: "load", Text: "loading shards 3/8"}, "loading shards 3/8"},
		"server up, then failed": {"", probe, startup.Progress{Phase: "serve", Text: "server up"}, "server up; Unhealthy: Readiness probe failed: 503"},
		"after a crash":          {crashed, nil, startup.Progress{Phase: "load", Text: "loading shards 3/8"}, "loading shards 3/8, after 1 restart: Error, exit code 3"},
	} {
		p := readPod(t, strings.Replace(running, "LAST", test.last, 1))
		p.events = test.events
		p.addProgress("main", logProgress{Progress: test.progress, since: after(10)})
		if got := p.containers(Status{})[0]; got.Text() != test.want || got.Phase != test.progress.Phase {
			t.Errorf("%s: got %q, phase %q", name, got.Text(), got.Phase)
		}
	}
	p := readPod(t, strings.Replace(running, "LAST", "", 1))
	p.events = probe
	p.addProgress("main", logProgress{Progress: startup.Progress{Phase: "serve", Text: "server up"}, since: after(30)})
	if got := p.containers(Status{})[0].Text(); got != "server up" {
		t.Errorf("the probe failed before: got %q", got)
	}
}

// TestNoProgressTimeout replaces the default, regardless of probes, and limits init
// containers once they have shown progress.
func TestNoProgressTimeout(t *testing.T) {
	t.Parallel()
	const pod = `{spec: {nodeName: n, initContainers: [{name: fetch}], containers: [{name: main, startupProbe: {failureThreshold: 360, periodSeconds: 10}}]},
		status: {initContainerStatuses: [{name: fetch, state: {running: {}}}], containerStatuses: [{name: main, state: {running: {}}}]}}`
	p := readPod(t, pod)
	for name, test := range map[string]struct {
		container  string
		phase      startup.Phase
		noProgress time.Duration
		want       timer
	}{
		"probe":                     {"main", "", 0, timer{name: startTimeout, limit: time.Hour + time.Second}},
		"flag":                      {"main", "", time.Minute, timer{name: startTimeout, limit: time.Minute}},
		"flag, with progress":       {"main", "load", time.Minute, timer{name: startTimeout, limit: time.Minute, phase: "load"}},
		"init container":            {"fetch", "download", 0, timer{unlimited: true}},
		"silent init container":     {"fetch", "", time.Minute, timer{unlimited: true}},
		"init container, downloads": {"fetch", "download", time.Minute, timer{name: startTimeout, limit: time.Minute, phase: "download"}},
	} {
		timeouts := DefaultTimeouts()
		timeouts.NoProgress = test.noProgress
		got := timeouts.timer(Status{Container: test.container, Node: "n", State: Running, Phase: test.phase, pod: p})
		got.key = ""
		if got != test.want {
			t.Errorf("%s: got %+v, want %+v", name, got, test.want)
		}
	}
	if got, want := (timer{name: startTimeout, limit: time.Minute, phase: "load"}).message(), "no progress for 1m0s; last phase: load"; got != want {
		t.Errorf("got %q", got)
	}
}
