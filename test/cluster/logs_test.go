package main

import (
	"context"
	"fmt"
	"io"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// log reads a log as kubectl logs does.
func (n namespace) log(ctx context.Context, pod string, o *corev1.PodLogOptions) (string, error) {
	stream, err := n.CoreV1().Pods(n.name).GetLogs(pod, o).Stream(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = stream.Close() }()
	text, err := io.ReadAll(stream)
	return string(text), err
}

func TestLogs(t *testing.T) {
	t.Parallel()
	n := newNamespace(t)
	n.create(t, corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "app"}}})
	n.runs(t)
	if text, err := n.log(t.Context(), "p", &corev1.PodLogOptions{}); text != "" || err != nil {
		t.Errorf("log: %q, %v", text, err)
	}
	_, err := n.log(t.Context(), "p", &corev1.PodLogOptions{Previous: true})
	if want := `previous terminated container "c" in pod "p" not found`; err == nil || err.Error() != want {
		t.Errorf("previous log: %v, want %s", err, want)
	}
}

func TestLogOfHeldContainer(t *testing.T) {
	t.Parallel()
	n := newNamespace(t)
	n.create(t, corev1.PodSpec{Containers: []corev1.Container{{
		Name: "c", Image: "app", EnvFrom: []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "s"}}}},
	}}})
	n.waits(t, "CreateContainerConfigError", `secret "s" not found`)
	want := `container "c" in pod "p" is waiting to start: CreateContainerConfigError`
	eventually(t, func(ctx context.Context) error {
		if _, err := n.log(ctx, "p", &corev1.PodLogOptions{}); err == nil || err.Error() != want {
			return fmt.Errorf("log: %w, want %s", err, want)
		}
		return nil
	})
}

func TestFollowedLogEndsWithJob(t *testing.T) {
	t.Parallel()
	n := newNamespace(t)
	job := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "j"}, Spec: batchv1.JobSpec{Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
		RestartPolicy: corev1.RestartPolicyNever,
		Containers:    []corev1.Container{{Name: "c", Image: "app"}},
	}}}}
	if _, err := n.BatchV1().Jobs(n.name).Create(t.Context(), job, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, func(ctx context.Context) error {
		pods, err := n.CoreV1().Pods(n.name).List(ctx, metav1.ListOptions{})
		if err != nil || len(pods.Items) != 1 {
			return fmt.Errorf("%d pods, %w", len(pods.Items), err)
		}
		text, err := n.log(ctx, pods.Items[0].Name, &corev1.PodLogOptions{Follow: true})
		if err == nil && text != "" {
			t.Errorf("log: %q", text)
		}
		return err
	})
}
