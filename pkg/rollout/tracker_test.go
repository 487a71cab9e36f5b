package rollout

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// sequence judges one fixture over and over, changed a little each time.
type sequence struct {
	t       *testing.T
	tracker *tracker
	now     time.Time
}

func newSequence(t *testing.T) *sequence {
	t.Helper()
	return &sequence{t, newTracker(), time.Date(2026, 11, 1, 10, 1, 0, 0, time.UTC)}
}

// advance evaluates a fixture after some time, and returns its failure or "".
func (s *sequence) advance(after time.Duration, name string, change func(*podView)) string {
	s.t.Helper()
	l := readFixture(s.t, name)
	v := gather(l, l.target())
	for _, w := range v.workloads {
		for _, p := range w.pods {
			if change != nil {
				change(p)
			}
		}
	}
	s.now = s.now.Add(after)
	if r := s.tracker.evaluate(v, DefaultTimeouts(), s.now); r.failed != nil {
		return r.failed.Error()
	}
	return ""
}

// TestPullAttemptsAreCountedWithoutEvents goes by how often the kubelet said
// ErrImagePull.
func TestPullAttemptsAreCountedWithoutEvents(t *testing.T) {
	t.Parallel()
	s := newSequence(t)
	says := func(reason string) func(*podView) {
		return func(p *podView) {
			p.events = nil
			p.Status.ContainerStatuses[0].State.Waiting.Reason = reason
		}
	}
	for i, step := range []struct {
		fixture, reason string
		ends            bool
	}{
		{"registry-restarts", "ErrImagePull", false}, {"registry-restarts", "ImagePullBackOff", false}, // is another failure
		{"pull-unauthorized", "ErrImagePull", false}, {"pull-unauthorized", "ErrImagePull", false},
		{"pull-unauthorized", "ImagePullBackOff", false}, {"pull-unauthorized", "ErrImagePull", true},
	} {
		if got := s.advance(5*time.Second, step.fixture, says(step.reason)); (got != "") != step.ends {
			t.Errorf("step %d: ends with %q", i, got)
		}
	}
}

// TestCrashesCountWhileTheyEndTheSameWay has a program that fails in another way
// each time, and then in the same.
func TestCrashesCountWhileTheyEndTheSameWay(t *testing.T) {
	t.Parallel()
	s := newSequence(t)
	for i, code := range []int32{1, 2, 3, 3, 3} {
		got := s.advance(20*time.Second, "crash-loop", func(p *podView) {
			p.Status.ContainerStatuses[0].RestartCount = int32(i)
			p.Status.ContainerStatuses[0].LastTerminationState.Terminated.ExitCode = code
		})
		if (got != "") != (i == 4) {
			t.Errorf("crash %d ends with %q", i+1, got)
		}
	}
}

// TestGraceBeginsAnew after what was missing had been there.
func TestGraceBeginsAnew(t *testing.T) {
	t.Parallel()
	s := newSequence(t)
	for i, step := range []struct {
		after time.Duration
		name  string
		ends  bool
	}{
		{0, "secret-missing", false}, {2 * time.Second, "secret-missing", false},
		{time.Second / 2, "image-pulls", false}, {time.Second, "secret-missing", false}, {2 * time.Second, "secret-missing", false},
		{2 * time.Second, "secret-missing", true},
	} {
		if got := s.advance(step.after, step.name, nil); (got != "") != step.ends {
			t.Errorf("step %d ends with %q", i, got)
		}
	}
}

func TestBudgets(t *testing.T) {
	t.Parallel()
	probe := func(p *podView) {
		p.Spec.Containers[0].ReadinessProbe = nil
		p.Spec.Containers[0].StartupProbe = &corev1.Probe{InitialDelaySeconds: 10, PeriodSeconds: 10, TimeoutSeconds: 1, FailureThreshold: 1080}
	}
	for name, test := range map[string]struct {
		fixture string
		change  func(*podView)
		last    time.Duration // still within the timeout
		over    time.Duration
		says    string
	}{
		"a slow image":            {"image-pulls", nil, 29 * time.Minute, 31 * time.Minute, "not started within 30m0s"},
		"a registry that is gone": {"registry-restarts", nil, 29 * time.Minute, 31 * time.Minute, "not started within 30m0s"},
		"no room":                 {"no-room", nil, 4 * time.Minute, 6 * time.Minute, "not scheduled within 5m0s"},
		"a slow model":            {"readiness-fails", nil, 9 * time.Minute, 11 * time.Minute, "not ready within 10m0s"},
		"its own startup probe":   {"readiness-fails", probe, 3 * time.Hour, 3*time.Hour + time.Minute, "not ready within 3h0m11s"},
		"no pods":                 {"webhook-not-up", nil, 4 * time.Minute, 6 * time.Minute, "not ready within 5m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSequence(t)
			for _, at := range []time.Duration{0, test.last} {
				if got := s.advance(at, test.fixture, test.change); got != "" {
					t.Errorf("ends after %s: %s", at, got)
				}
			}
			if got := s.advance(test.over-test.last, test.fixture, test.change); !strings.Contains(got, test.says) {
				t.Errorf("got %q, want %q", got, test.says)
			}
		})
	}
}

// TestScaleUpBeginsAnew: an autoscaler that adds a node gives the pod more time.
func TestScaleUpBeginsAnew(t *testing.T) {
	t.Parallel()
	s := newSequence(t)
	for _, step := range []struct {
		name string
		ends bool
	}{{"no-room", false}, {"no-room", false}, {"scale-up", false}, {"scale-up", false}, {"scale-up", true}} {
		if got := s.advance(4*time.Minute, step.name, nil); (got != "") != step.ends {
			t.Errorf("ends with %q", got)
		}
	}
}

// TestInitContainersMayTakeDays: they download models, or are a Job's work.
func TestInitContainersMayTakeDays(t *testing.T) {
	t.Parallel()
	s := newSequence(t)
	download := func(p *podView) {
		p.Spec.InitContainers = []corev1.Container{{Name: "download-0"}}
		p.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: "download-0", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
		p.Status.Conditions = append(p.Status.Conditions, corev1.PodCondition{Type: corev1.PodInitialized, Status: corev1.ConditionFalse})
		p.Status.ContainerStatuses[0].State.Waiting.Reason = "PodInitializing"
		p.events = nil
	}
	for range 3 {
		if got := s.advance(24*time.Hour, "image-pulls", download); got != "" {
			t.Errorf("ends with %q", got)
		}
	}
}

// TestQueuedJobsWait for as long as others go first.
func TestQueuedJobsWait(t *testing.T) {
	t.Parallel()
	workload := func(reason, message string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "kueue.x-k8s.io/v1beta1", "kind": "Workload",
			"metadata": map[string]any{"name": "job-recipe-web-1", "uid": "w1", "ownerReferences": []any{map[string]any{"uid": "j1"}}},
			"status":   map[string]any{"conditions": []any{map[string]any{"type": "QuotaReserved", "status": "False", "reason": reason, "message": message}}},
		}}
	}
	for _, test := range []struct {
		reason, message string
		ends            bool
	}{
		{"Pending", "couldn't assign flavors to pod set main: insufficient unused quota for nvidia.com/gpu in flavor gpus, 2 more needed", false},
		{"Inadmissible", "LocalQueue team-local-queue doesn't exist", true},
	} {
		l := readFixture(t, "job-retries")
		for _, o := range l.forRelease(job) {
			o.Object["spec"], o.Object["status"] = map[string]any{"suspend": true}, map[string]any{}
		}
		l = append(l.forRelease(job), workload(test.reason, test.message))
		m, now := newTracker(), time.Now()
		first := m.evaluate(gather(l, l.target()), DefaultTimeouts(), now)
		if line := first.tree[1].String(); line != "workload.kueue.x-k8s.io/job-recipe-web-1: "+test.reason+": "+test.message {
			t.Errorf("got %s", line)
		}
		days := m.evaluate(gather(l, l.target()), DefaultTimeouts(), now.Add(72*time.Hour))
		if first.failed != nil || (days.failed != nil) != test.ends {
			t.Errorf("%s: ends with %v, %v", test.reason, first.failed, days.failed)
		}
	}
}

// TestJobWaitsForAllPodsThatItRunsAtOnce has one of a Job's pods at work.
func TestJobWaitsForAllPodsThatItRunsAtOnce(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		parallelism, completions, succeeded int64
		want                                string
	}{
		{1, 1, 0, "ready"}, {2, 1, 0, "ready"}, {3, 3, 0, "pods running: 1/3"}, {3, 3, 1, "pods running: 2/3"}, {3, 3, 2, "ready"}, {2, 9, 5, "ready"},
	} {
		l := readFixture(t, "job-works-in-init-container")
		o := l.target().Objects[0]
		o.Object["spec"] = map[string]any{"parallelism": test.parallelism, "completions": test.completions}
		o.Object["status"] = map[string]any{"succeeded": test.succeeded}
		if got := gather(l, l.target()).workloads[0].status().Text(); got != test.want {
			t.Errorf("%+v: got %q", test, got)
		}
	}
}

// TestJobThatOthersNeedHasToBeComplete takes as long as it takes.
func TestJobThatOthersNeedHasToBeComplete(t *testing.T) {
	t.Parallel()
	l, m, now := readFixture(t, "job-works-in-init-container"), newTracker(), time.Date(2026, 11, 1, 10, 1, 0, 0, time.UTC)
	initializes(t, l)
	target := l.target()
	target.RequireCompletion = true
	for _, after := range []time.Duration{0, time.Minute, 100 * time.Hour} {
		if r := m.evaluate(gather(l, target), DefaultTimeouts(), now.Add(after)); r.ready || r.failed != nil {
			t.Errorf("after %v: ready %t, %v", after, r.ready, r.failed)
		}
	}
	target.Objects[0].Object["status"] = map[string]any{"conditions": []any{map[string]any{"type": "Complete", "status": "True"}}}
	if got := gather(l, target).workloads[0].status().State; got != Completed {
		t.Errorf("complete: %s", got)
	}
}

// TestInitContainersWaitForEachOther has one that downloads for longer than an
// image may take to be pulled.
func TestInitContainersWaitForEachOther(t *testing.T) {
	t.Parallel()
	l, m, now := readFixture(t, "job-works-in-init-container"), newTracker(), time.Date(2026, 11, 1, 10, 1, 0, 0, time.UTC)
	initializes(t, l, map[string]any{"name": "next", "state": map[string]any{"waiting": map[string]any{"reason": "PodInitializing"}}})
	for _, after := range []time.Duration{0, time.Hour} {
		if r := m.evaluate(gather(l, l.target()), DefaultTimeouts(), now.Add(after)); r.failed != nil {
			t.Errorf("after %v: %v", after, r.failed)
		}
	}
}

// initializes has the fixture's pod say that it does, and adds states of further
// init containers.
func initializes(t *testing.T, l objectList, more ...any) {
	t.Helper()
	for _, pod := range l.forRelease(podKind) {
		conditions, _, _ := unstructured.NestedSlice(pod.Object, "status", "conditions")
		containers, _, _ := unstructured.NestedSlice(pod.Object, "status", "initContainerStatuses")
		for field, value := range map[string][]any{
			"conditions":            append(conditions, map[string]any{"type": "Initialized", "status": "False"}),
			"initContainerStatuses": append(containers, more...),
		} {
			if err := unstructured.SetNestedSlice(pod.Object, value, "status", field); err != nil {
				t.Fatal(err)
			}
		}
	}
}
