package rollout

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

func parse(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n" + text))
	if err != nil {
		t.Fatal(err)
	}
	o := &unstructured.Unstructured{}
	if err := o.UnmarshalJSON(data); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestPodLine(t *testing.T) {
	t.Parallel()
	for want, pod := range map[string]string{
		"": "status: {phase: Pending}",
		"Unschedulable: 0/2 nodes are available: 2 Insufficient nvidia.com/gpu.": `
status:
  conditions: [{type: PodScheduled, status: "False", reason: Unschedulable, message: "0/2 nodes are available: 2 Insufficient nvidia.com/gpu."}]`,
		"scheduled on n1": `
spec: {nodeName: n1}
status: {phase: Pending, containerStatuses: [{name: main, state: {waiting: {reason: ContainerCreating}}}]}`,
		`container main: CreateContainerConfigError: secret "x" not found`: `
spec: {nodeName: n1}
status: {phase: Pending, containerStatuses: [{name: main, state: {waiting: {reason: CreateContainerConfigError, message: 'secret "x" not found'}}}]}`,
		"container fetch: CrashLoopBackOff": `
spec: {nodeName: n1}
status:
  phase: Pending
  initContainerStatuses: [{name: fetch, state: {waiting: {reason: CrashLoopBackOff}}}]
  containerStatuses: [{name: main, state: {waiting: {reason: PodInitializing}}}]`,
		"container main: OOMKilled, exit code 137": `
spec: {nodeName: n1}
status: {phase: Running, containerStatuses: [{name: main, state: {terminated: {reason: OOMKilled, exitCode: 137}}}]}`,
		"running on n1, not ready yet": `
spec: {nodeName: n1}
status: {phase: Running, conditions: [{type: Ready, status: "False"}], containerStatuses: [{name: main, state: {running: {}}}]}`,
		"ready": `
spec: {nodeName: n1}
status: {phase: Running, conditions: [{type: Ready, status: "True"}], containerStatuses: [{name: main, state: {running: {}}}]}`,
		"completed": `
spec: {nodeName: n1}
status: {phase: Succeeded, containerStatuses: [{name: main, state: {terminated: {reason: Completed}}}]}`,
	} {
		if got := podLine(parse(t, pod)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	deleted := parse(t, "spec: {nodeName: n1}")
	if err := unstructured.SetNestedField(deleted.Object, "2026-01-01T00:00:00Z", "metadata", "deletionTimestamp"); err != nil {
		t.Fatal(err)
	}
	if got := podLine(deleted); got != "terminating" {
		t.Errorf("got %s, want terminating", got)
	}
}
