package deploy

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// TestEvidenceWithoutValues has a program log what it has read of its Secrets.
func TestEvidenceWithoutValues(t *testing.T) {
	t.Parallel()
	const canary, private = "c4n4ry-t0ken", "-----BEGIN KEY-----\nc4n4ry-line\n-----END KEY-----"
	client, _ := kubetest.Dynamic(t)
	c := &kube.Cluster{Namespace: kubetest.Namespace(t), Dynamic: client}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "api"}, StringData: map[string]string{"token": canary, "tls": private, "short": "42"}}
	if _, err := kubetest.Client(t).CoreV1().Secrets(c.Namespace).Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	f := &rollout.Failure{
		Pod: &corev1.PodSpec{
			Containers: []corev1.Container{{EnvFrom: []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "api"}}}}}},
			Volumes:    []corev1.Volume{{VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "gone"}}}},
		},
		Details: []rollout.Detail{
			{From: "log", Lines: append([]string{"starting with " + canary, "listening on 8080", "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("app:"+canary)), "token c4n4ry-t0k…"}, strings.Split(private, "\n")...)},
			{From: "events", Lines: []string{"Killing: Stopping container main"}},
		},
	}
	f.Message, f.Unfinished = "probe failed: "+canary, []rollout.Status{{Message: "probe failed: C4N4RY-T0KEN"}}
	valuesOf(c, nil).failure(t.Context(), f)
	if f.Message != "probe failed: ***" || f.Unfinished[0].Message != redact.Withheld {
		t.Errorf("got %q and %q", f.Message, f.Unfinished[0].Message)
	}
	got := strings.Join(append(f.Details[0].Lines, f.Details[1].Lines...), "\n")
	if strings.Contains(got, "c4n4ry") || got != "starting with ***\nlistening on 8080\nAuthorization: Basic YXBwOm***g==\n"+redact.Withheld+"\n***\n***\n***\nKilling: Stopping container main" {
		t.Errorf("got %s", got)
	}
}

// TestLogWithoutValues redacts the log of a pod before signatures quote it. The release
// does not have the Secret, which admission may have added to the pod.
func TestLogWithoutValues(t *testing.T) {
	t.Parallel()
	const canary = "c4n4ry-t0ken"
	client, _ := kubetest.Dynamic(t)
	c := &kube.Cluster{Namespace: kubetest.Namespace(t), Dynamic: client}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "api"}, StringData: map[string]string{"token": canary}}
	if _, err := kubetest.Client(t).CoreV1().Secrets(c.Namespace).Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	pod := &corev1.PodSpec{Containers: []corev1.Container{{EnvFrom: []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "api"}}}}}}}
	got := valuesOf(c, nil).lines(t.Context(), pod, []string{"starting", "Permission denied: '/.cache/" + canary + "'"})
	if want := []string{"starting", "Permission denied: '/.cache/***'"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestProgressWithoutValues shows what a container says of a value that its pod
// reads, and reads the Secret once.
func TestProgressWithoutValues(t *testing.T) {
	t.Parallel()
	const canary = "c4n4ry-t0ken"
	client, _ := kubetest.Dynamic(t)
	c := &kube.Cluster{Namespace: kubetest.Namespace(t), Dynamic: client}
	secrets := kubetest.Client(t).CoreV1().Secrets(c.Namespace)
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "api"}, StringData: map[string]string{"token": canary}}
	if _, err := secrets.Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	pod := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(`{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [
		{name: main, env: [{name: T, valueFrom: {secretKeyRef: {name: api, key: token}}}]}]}}`), &pod.Object); err != nil {
		t.Fatal(err)
	}
	values := valuesOf(c, []*unstructured.Unstructured{pod})
	shown := &recorder{}
	observer := values.observer(t.Context(), shown)
	for range 2 {
		observer.Change(rollout.Change{Status: rollout.Status{Object: "pod/web", Container: "main", Message: "probe printed " + canary}})
		observer.Tree([]rollout.Status{{Object: "pod/web", Message: "0/1 nodes"}, {Object: "pod/web", Container: "main", Message: "exited, token=" + canary}})
		if err := secrets.Delete(t.Context(), "api", metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			t.Fatal(err)
		}
	}
	want := []string{"probe printed ***", "0/1 nodes", "exited, token=***"}
	if !slices.Equal(shown.messages, slices.Concat(want, want)) {
		t.Errorf("got %q, want %q twice", shown.messages, want)
	}
}

// recorder keeps the messages that an observer is passed.
type recorder struct{ messages []string }

func (r *recorder) Change(c rollout.Change) { r.messages = append(r.messages, c.Message) }

func (r *recorder) Tree(tree []rollout.Status) {
	for _, s := range tree {
		r.messages = append(r.messages, s.Message)
	}
}
