package node

import (
	"errors"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestHeldPodIsRepaired(t *testing.T) {
	t.Parallel()
	pod := testPod(corev1.Container{Name: "c", EnvFrom: []corev1.EnvFromSource{{
		SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "s"}},
	}}})
	f := newFixture(t, pod)
	for range 3 {
		p, _, err := f.look(t, "p")
		if !errors.Is(err, errHeld) || p.Status.Phase != corev1.PodPending || condition(p, corev1.PodReady) != corev1.ConditionFalse {
			t.Fatalf("held: %v %+v", err, p.Status)
		}
		w := p.Status.ContainerStatuses[0].State.Waiting
		if w == nil || w.Reason != "CreateContainerConfigError" || w.Message != `secret "s" not found` {
			t.Fatalf("waiting: %+v", w)
		}
	}
	failures := slices.DeleteFunc(f.told(), func(e string) bool { return e != `Warning Failed Error: secret "s" not found` })
	if len(failures) != 1 {
		t.Errorf("told %d times in a row", len(failures))
	}
	f.create(t, "s")
	if p, _, err := f.look(t, "p"); err != nil || p.Status.Phase != corev1.PodRunning {
		t.Errorf("repaired: %v %s", err, p.Status.Phase)
	}
}

func (f fixture) create(t *testing.T, secret string) {
	t.Helper()
	s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: secret}}
	if _, err := f.client.CoreV1().Secrets("ns").Create(t.Context(), s, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func TestMissingVolumeKeepsContainersWaiting(t *testing.T) {
	t.Parallel()
	pod := testPod()
	pod.Spec.Volumes = []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "s"}}}}
	f := newFixture(t, pod)
	p, _, err := f.look(t, "p")
	if !errors.Is(err, errHeld) || p.Status.ContainerStatuses[0].State.Waiting.Reason != "ContainerCreating" || p.Status.PodIP != "" {
		t.Fatalf("%v %+v", err, p.Status)
	}
	if got := f.told(); !slices.Equal(got, []string{`Warning FailedMount MountVolume.SetUp failed for volume "v" : secret "s" not found`}) {
		t.Errorf("events: %q", got)
	}
	f.create(t, "s")
	if p, _, _ := f.look(t, "p"); p.Status.Phase != corev1.PodRunning {
		t.Errorf("repaired: %s", p.Status.Phase)
	}
}

func TestMissingPullSecretIsToldAndForgiven(t *testing.T) {
	t.Parallel()
	pod := testPod()
	pod.Spec.ImagePullSecrets = []corev1.LocalObjectReference{{Name: "a"}, {Name: "b"}}
	f := newFixture(t, pod)
	p, _, _ := f.look(t, "p")
	want := "Warning FailedToRetrieveImagePullSecret Unable to retrieve some image pull secrets (a, b); attempting to pull the image may not succeed."
	if got := f.told(); p.Status.Phase != corev1.PodRunning || len(got) == 0 || got[0] != want {
		t.Errorf("%s, events: %q", p.Status.Phase, got)
	}
}
