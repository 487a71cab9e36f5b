package rollout_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: a, env: [{name: A, valueFrom: {secretKeyRef: {name: missing, key: k, optional: OPTIONAL}}}]}]}
`

const job = `
apiVersion: batch/v1
kind: Job
metadata: {name: once, labels: {app: web}}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {restartPolicy: Never, containers: [{name: main, image: a, resources: {limits: {nvidia.com/gpu: GPUS}}}]}
`

// watch creates the objects and watches them for a while.
func watch(t *testing.T, limit time.Duration, texts ...string) ([]string, error) {
	t.Helper()
	client, mapper := kubetest.Dynamic(t)
	namespace := kubetest.Namespace(t)
	target := rollout.Target{Namespace: namespace, Selector: "app=web"}
	for _, text := range texts {
		data, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		o := &unstructured.Unstructured{}
		if err := o.UnmarshalJSON(data); err != nil {
			t.Fatal(err)
		}
		gvr := schema.GroupVersionResource{Group: o.GroupVersionKind().Group, Version: "v1", Resource: strings.ToLower(o.GetKind()) + "s"}
		if _, err := client.Resource(gvr).Namespace(namespace).Create(t.Context(), o, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		target.Objects = append(target.Objects, o)
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	var lines []string
	err := rollout.Watch(ctx, client, mapper, target, func(line string) { lines = append(lines, line) })
	return lines, err
}

func TestWatchUntilReady(t *testing.T) {
	t.Parallel()
	lines, err := watch(t, time.Minute, strings.Replace(deployment, "OPTIONAL", "true", 1), strings.Replace(job, "GPUS", "1", 1))
	if err != nil {
		t.Fatal(err, lines)
	}
	for _, want := range []string{"deployment/web: ready", "job/once: ready"} {
		if !slices.Contains(lines, want) {
			t.Errorf("no %q in %q", want, lines)
		}
	}
	for i := 1; i < len(lines); i++ {
		if lines[i] == lines[i-1] {
			t.Errorf("said twice: %s", lines[i])
		}
	}
}

func TestWatchSaysWhatIsStillMissing(t *testing.T) {
	t.Parallel()
	lines, err := watch(t, 15*time.Second, strings.Replace(deployment, "OPTIONAL", "false", 1), strings.Replace(job, "GPUS", "64", 1))
	if err == nil || errors.Is(err, rollout.ErrFailed) {
		t.Fatal(err, lines)
	}
	for _, want := range []string{
		"timed out, still waiting for:", "\n  deployment/web: Available: 0/2", "\n  job/once: ", `CreateContainerConfigError: secret "missing" not found`, "Insufficient nvidia.com/gpu",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in\n%v", want, err)
		}
	}
}

func TestWatchEndsAtOnceWhenAWorkloadHasFailed(t *testing.T) {
	t.Parallel()
	failing := strings.Replace(job, "spec:\n", "spec:\n  activeDeadlineSeconds: 1\n", 1)
	lines, err := watch(t, time.Minute, strings.Replace(failing, "GPUS", "64", 1))
	if !errors.Is(err, rollout.ErrFailed) || !strings.Contains(err.Error(), "job/once") {
		t.Errorf("got %v after %q", err, lines)
	}
}

func TestWatchSaysThatItMayNot(t *testing.T) {
	t.Parallel()
	config := kubetest.Config(t)
	config.Impersonate.UserName = "nobody"
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	_, mapper := kubetest.Dynamic(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err = rollout.Watch(ctx, client, mapper, rollout.Target{Namespace: kubetest.Namespace(t), Selector: "app=web"}, func(string) {})
	if err == nil || !strings.Contains(err.Error(), `not watched: `) || !strings.Contains(err.Error(), "--wait=false") {
		t.Errorf("got %v", err)
	}
}
