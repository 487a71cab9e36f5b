package rollout_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

func TestWatchUntilReady(t *testing.T) {
	t.Parallel()
	f := newFixture(t, spec(deployment, "selector:", "replicas: 2\n  selector:"), spec(job))
	r, err := f.watch(time.Minute, nil)
	if err != nil {
		t.Fatal(err, r.lines)
	}
	for _, want := range []string{"deployment.apps/web: ready", "job.batch/once: ready"} {
		if !slices.Contains(r.lines, want) {
			t.Errorf("no %q in %q", want, r.lines)
		}
	}
	for i := 1; i < len(r.lines); i++ {
		if r.lines[i] == r.lines[i-1] {
			t.Errorf("said twice: %s", r.lines[i])
		}
	}
}

// fail watches until the failure that is wanted.
func (f *fixture) fail(limit time.Duration, on func(rollout.Change)) (*recorder, *rollout.Failure) {
	f.t.Helper()
	r, err := f.watch(limit, on)
	var failure *rollout.Failure
	if !errors.As(err, &failure) {
		f.t.Fatalf("got %v after\n%s", err, strings.Join(r.lines, "\n"))
	}
	return r, failure
}

func TestWatchEndsForAMissingSecret(t *testing.T) {
	t.Parallel()
	f := newFixture(t, spec(deployment, "FIELDS", "env: [{name: A, valueFrom: {secretKeyRef: {name: missing, key: k}}}]"))
	_, failure := f.fail(time.Minute, nil)
	if failure.Cause != "terminal" || failure.Container != "main" || failure.Reason != "CreateContainerConfigError" || failure.Message != `secret "missing" not found` {
		t.Errorf("got %+v", failure)
	}
	if a := failure.Remediation; a.Field != "Pod.spec.containers.env.valueFrom.secretKeyRef" || a.Values.Secret != "missing" || a.Values.Key != "k" || len(a.Hints) != 1 || !strings.Contains(a.Hints[0].Input, `"name":"missing"`) {
		t.Errorf("remediation is %+v", a)
	}
	if len(failure.Details) != 0 { // the one event says the same
		t.Errorf("details are %+v", failure.Details)
	}
}

// TestWatchGoesOnWhenTheSecretComes makes it at the moment at which the kubelet
// misses it.
func TestWatchGoesOnWhenTheSecretComes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, spec(deployment, "FIELDS", "env: [{name: A, valueFrom: {secretKeyRef: {name: late, key: k}}}]"))
	made := false
	r, err := f.watch(time.Minute, func(c rollout.Change) {
		if c.Reason == "CreateContainerConfigError" && !made {
			made = true
			f.other("{apiVersion: v1, kind: Secret, metadata: {name: late}, stringData: {k: v}}")
		}
	})
	if err != nil || !made {
		t.Errorf("%v, Secret made: %t\n%s", err, made, strings.Join(r.lines, "\n"))
	}
}

func TestWatchSaysWhatIsStillMissing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, spec(deployment, "FIELDS", "resources: {limits: {nvidia.com/gpu: 64}}"), spec(job))
	_, failure := f.fail(10*time.Second, nil)
	if failure.Cause != "timeout" || !strings.HasPrefix(failure.Object, "pod/web-") || failure.Reason != "Unschedulable" {
		t.Errorf("got %+v", failure)
	}
	for _, want := range []string{"timed out waiting for:", "\n  deployment.apps/web: Available: 0/1", "Insufficient nvidia.com/gpu"} {
		if !strings.Contains(failure.Error(), want) {
			t.Errorf("no %q in\n%v", want, failure)
		}
	}
	if failure.Remediation.Field != "Pod.spec.containers.resources.limits[nvidia.com/gpu]" {
		t.Errorf("remediation is %+v", failure.Remediation)
	}
}

func TestWatchEndsWithTheBudgetOfScheduling(t *testing.T) {
	t.Parallel()
	f := newFixture(t, spec(deployment, "FIELDS", "resources: {limits: {nvidia.com/gpu: 64}}"))
	f.timeouts.Schedule = time.Second
	_, failure := f.fail(time.Minute, nil)
	if failure.Cause != "schedule" || failure.Reason != "Unschedulable" || !strings.Contains(failure.Error(), "not scheduled within 1s") {
		t.Errorf("got %v", failure)
	}
}

func TestWatchEndsAtOnceWhenAJobHasFailed(t *testing.T) {
	t.Parallel()
	f := newFixture(t, spec(job, "spec:\n  template", "spec:\n  activeDeadlineSeconds: 1\n  template", "FIELDS", "resources: {limits: {nvidia.com/gpu: 64}}"))
	_, failure := f.fail(time.Minute, nil)
	if failure.Object != "job.batch/once" || failure.Reason != "DeadlineExceeded" {
		t.Errorf("got %+v", failure)
	}
}

func TestWatchSaysThatItMayNot(t *testing.T) {
	t.Parallel()
	f := newFixture(t, spec(deployment))
	f.config.Impersonate.UserName = "nobody"
	_, err := f.watch(time.Minute, nil)
	hints := hint.Of(err)
	if err == nil || !strings.HasPrefix(err.Error(), "installed, but cannot watch the rollout: ") || len(hints) != 1 || !strings.Contains(hints[0].Text, "--wait=false") {
		t.Errorf("got %v, hints %v", err, hints)
	}
}

// pending waits for a pod of the release that has not failed.
func (f *fixture) pending() *corev1.Pod {
	f.t.Helper()
	for f.t.Context().Err() == nil {
		list, err := f.core.CoreV1().Pods(f.namespace).List(f.t.Context(), metav1.ListOptions{LabelSelector: "app=web", FieldSelector: "status.phase=Pending"})
		if err != nil {
			f.t.Error(err)
			return nil
		}
		if len(list.Items) > 0 {
			return &list.Items[0]
		}
		time.Sleep(10 * time.Millisecond)
	}
	return nil
}

// TestPodsThatAreEvictedForThemselves has the cluster's own controller replace
// them, as it would without end.
func TestPodsThatAreEvictedForThemselves(t *testing.T) {
	t.Parallel()
	f := newFixture(t, spec(deployment, "PARTS", "schedulerName: none,", "FIELDS", "resources: {limits: {ephemeral-storage: 20Gi}}"))
	evicted := make(chan struct{})
	go func() {
		defer close(evicted)
		for range 3 {
			pod := f.pending()
			if pod == nil {
				return
			}
			f.patch(pod, `{phase: Failed, reason: Evicted, message: "Pod ephemeral local storage usage exceeds the total limit of containers 20Gi. "}`)
		}
	}()
	r, err := f.watch(30*time.Second, nil)
	<-evicted // the watch may end before the answer to the last patch
	var failed *rollout.Failure
	if !errors.As(err, &failed) || !failed.Terminal() || failed.Cause != "terminal" || failed.Remediation.Field != "Pod.spec.containers.resources.limits[ephemeral-storage]" {
		t.Fatalf("ends with %v: %v", err, r.lines)
	}
	if !strings.Contains(err.Error(), "Evicted: Pod ephemeral local storage usage exceeds the total limit of containers 20Gi") {
		t.Errorf("ends with %v", err)
	}
}
