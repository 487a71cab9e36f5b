package preflight_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/preflight"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// TestMissingSecrets holds the findings to Secrets of a real API server.
func TestMissingSecrets(t *testing.T) {
	t.Parallel()
	namespace := kubetest.Namespace(t)
	client := kubetest.Client(t).CoreV1().Secrets(namespace)
	for _, s := range []*corev1.Secret{
		{ObjectMeta: metav1.ObjectMeta{Name: "there"}, Data: map[string][]byte{"NGC_CLI_API_KEY": []byte("hunter2"), "b": nil}},
		{ObjectMeta: metav1.ObjectMeta{Name: "pull"}, Type: corev1.SecretTypeDockerConfigJson, Data: map[string][]byte{corev1.DockerConfigJsonKey: []byte("{}")}},
		{ObjectMeta: metav1.ObjectMeta{Name: "empty"}},
	} {
		if _, err := client.Create(t.Context(), s, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	asked := map[string]int{}
	read := func(ctx context.Context, name string) (preflight.Secret, error) {
		if asked[name]++; name == "unreadable" {
			return preflight.Secret{}, apierrors.NewForbidden(corev1.Resource("secrets"), name, nil)
		}
		live, err := client.Get(ctx, name, metav1.GetOptions{})
		secret := preflight.Secret{}
		if err == nil {
			secret.Type = live.Type
			for key := range live.Data {
				secret.Keys = append(secret.Keys, key)
			}
		}
		if name == "there" {
			secret.Keys = []string{"NGC_CLI_API_KEY", "b"} // in their order
		}
		return secret, err
	}
	findings, unreadable, err := preflight.MissingSecrets(t.Context(), read, objects(t,
		`{apiVersion: v1, kind: Secret, metadata: {name: own}, data: {key: ""}}`,
		`{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: {
			imagePullSecrets: [{name: pull}, {name: there}, {name: gone}],
			initContainers: [{name: first, envFrom: [{secretRef: {name: gone}}, {secretRef: {name: absent, optional: true}}]}],
			containers: [{name: main, env: [
				{name: A, valueFrom: {secretKeyRef: {name: there, key: b}}},
				{name: B, valueFrom: {secretKeyRef: {name: there, key: NGC_API_KEY}}},
				{name: C, valueFrom: {secretKeyRef: {name: empty, key: k}}},
				{name: D, valueFrom: {secretKeyRef: {name: own, key: key}}},
				{name: E, valueFrom: {secretKeyRef: {name: absent, key: k, optional: true}}},
				{name: F, valueFrom: {secretKeyRef: {name: unreadable, key: k}}},
				{name: G, value: plain}]}],
			volumes: [{name: v, secret: {secretName: gone}}, {name: w, secret: {secretName: there, items: [{key: c, path: c}]}}, {name: x, emptyDir: {}}]}}}}`,
		`{apiVersion: leaderworkerset.x-k8s.io/v1, kind: LeaderWorkerSet, metadata: {name: many}, spec: {leaderWorkerTemplate: {
			leaderTemplate: {spec: {imagePullSecrets: [{name: gone}], containers: [{name: main}]}},
			workerTemplate: {spec: {imagePullSecrets: [{name: gone}], containers: [{name: main}]}}}}}`,
	))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range findings {
		got = append(got, f.String())
	}
	const create = "; create it with 'kubectl blueprint secrets apply'"
	want := []string{
		"deployment.apps/web: imagePullSecrets: Secret there is of type Opaque, which no kubelet reads for pulling; create one of type container_registry",
		"deployment.apps/web: imagePullSecrets: Secret gone does not exist" + create,
		"deployment.apps/web: container first: envFrom: Secret gone does not exist" + create,
		"deployment.apps/web: container main: env B: Secret there has no key NGC_API_KEY; its keys are NGC_CLI_API_KEY, b",
		"deployment.apps/web: container main: env C: Secret empty has no key k; its keys are none",
		"deployment.apps/web: volume v: Secret gone does not exist" + create,
		"deployment.apps/web: volume w: Secret there has no key c; its keys are NGC_CLI_API_KEY, b",
		"leaderworkerset.leaderworkerset.x-k8s.io/many: imagePullSecrets: Secret gone does not exist" + create,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"unreadable"}, unreadable); diff != "" {
		t.Error(diff)
	}
	for name, times := range asked {
		if times != 1 || name == "own" || name == "absent" {
			t.Errorf("Secret %s was asked for %d times", name, times)
		}
	}
}

func objects(t *testing.T, texts ...string) []*unstructured.Unstructured {
	t.Helper()
	var all []*unstructured.Unstructured
	for _, text := range texts {
		o := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(text), &o.Object); err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
	}
	return all
}
