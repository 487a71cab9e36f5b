package cmd

import (
	"encoding/base64"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// TestEvidenceWithoutValues has a program log what it has read of its Secrets.
func TestEvidenceWithoutValues(t *testing.T) {
	t.Parallel()
	const canary, private = "c4n4ry-t0ken", "-----BEGIN KEY-----\nc4n4ry-line\n-----END KEY-----"
	client, _ := kubetest.Dynamic(t)
	c := &cluster{namespace: kubetest.Namespace(t), dynamic: client}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "api"}, StringData: map[string]string{"token": canary, "tls": private, "short": "42"}}
	if _, err := kubetest.Client(t).CoreV1().Secrets(c.namespace).Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
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
	c.hideValues(t.Context(), f)
	if f.Message != "probe failed: ***" || f.Unfinished[0].Message != redact.Withheld {
		t.Errorf("got %q and %q", f.Message, f.Unfinished[0].Message)
	}
	got := strings.Join(append(f.Details[0].Lines, f.Details[1].Lines...), "\n")
	if strings.Contains(got, "c4n4ry") || got != "starting with ***\nlistening on 8080\nAuthorization: Basic YXBwOm***g==\n"+redact.Withheld+"\n***\n***\n***\nKilling: Stopping container main" {
		t.Errorf("got %s", got)
	}
}
