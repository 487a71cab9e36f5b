package node

import (
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestModelName(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]*corev1.Container{
		"meta/llama-3.2-3b-instruct": {Image: "nvcr.io/nim/meta/llama-3.2-3b-instruct:1.8.5"},
		"vllm-openai":                {Image: "docker.io/vllm/vllm-openai:v0.10.0"},
		"org/a":                      {Image: "x", Args: []string{"--port", "8000", "--model", "org/a"}},
		"org/b":                      {Image: "x", Command: []string{"tgi"}, Args: []string{"--model-id=org/b"}},
		"short":                      {Image: "x", Args: []string{"--model", "org/a", "--served-model-name", "short"}},
		"org/c":                      {Image: "x", Command: []string{"/bin/sh", "-c"}, Args: []string{"vllm serve org/c --port 8000"}},
	} {
		if got := modelName(c); got != want {
			t.Errorf("%v: got %q, want %q", c, got, want)
		}
	}
}

func TestServerCommand(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.config.ModelServer = []string{"server", "-flag"}
	limits := func(name corev1.ResourceName) corev1.ResourceRequirements {
		return corev1.ResourceRequirements{Limits: corev1.ResourceList{name: resource.MustParse("1")}}
	}
	spec := corev1.Container{Name: "c", Image: "model", Resources: limits("amd.com/gpu"), Ports: []corev1.ContainerPort{{ContainerPort: 8000}}}
	want := []string{"server", "-flag", "-name=model", "-port=8000"}
	p := &pod{Pod: testPod(spec)}
	if got := f.serverCommand(p, container{Container: &spec}); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := f.serverCommand(p, container{Container: &spec, init: true}); got != nil {
		t.Errorf("init container: got %q", got)
	}
	plain := spec
	plain.Resources = limits(corev1.ResourceCPU)
	if got := f.serverCommand(p, container{Container: &plain}); got != nil {
		t.Errorf("container without GPUs: got %q", got)
	}
	p.Spec.RestartPolicy = corev1.RestartPolicyNever
	if got := f.serverCommand(p, container{Container: &spec}); got != nil {
		t.Errorf("container of a Job: got %q", got)
	}
}

func TestBackOff(t *testing.T) {
	t.Parallel()
	for restarts, want := range map[int32]time.Duration{0: 0, 1: 10 * time.Second, 2: 20 * time.Second, 6: 5 * time.Minute, 1000: 5 * time.Minute} {
		c := container{status: &corev1.ContainerStatus{RestartCount: restarts}}
		if got := backOff(c); got != want {
			t.Errorf("%d restarts: %s, want %s", restarts, got, want)
		}
		if left := backOffLeft(c); left != 0 {
			t.Errorf("a running container waits %s", left)
		}
		c.status.State.Waiting = &corev1.ContainerStateWaiting{Reason: crashLoop}
		c.status.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{FinishedAt: metav1.NewTime(time.Now().Add(-time.Second))}
		if left := backOffLeft(c); left > want-time.Second || left < want-time.Minute {
			t.Errorf("%d restarts: %s left", restarts, left)
		}
	}
}
