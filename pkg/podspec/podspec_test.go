package podspec

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	o := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &o.Object); err != nil {
		t.Fatal(err)
	}
	return o
}

// TestPodsOfEveryKind covers the kinds that differ in where their templates are or in
// how many pods they run. It writes pods as replicas × (role: count of container).
func TestPodsOfEveryKind(t *testing.T) {
	t.Parallel()
	const a, b = `{spec: {containers: [{name: a}]}}`, `{spec: {containers: [{name: b}]}}`
	for text, want := range map[string]string{
		`{kind: Pod, spec: {containers: [{name: a}]}}`:                                                                                        "1 × (: 1 of a) = 1",
		`{kind: Deployment, spec: {template: ` + a + `}}`:                                                                                     "1 × (: 1 of a) = 1",
		`{kind: Deployment, spec: {replicas: 3, template: ` + a + `}}`:                                                                        "3 × (: 1 of a) = 3",
		`{kind: StatefulSet, spec: {replicas: 0, template: ` + a + `}}`:                                                                       "0 × (: 1 of a) = 0",
		`{kind: DaemonSet, spec: {template: ` + a + `}}`:                                                                                      "1 × (: 1 of a) = 1",
		`{kind: DaemonSet, spec: {template: ` + a + `}, status: {desiredNumberScheduled: 4}}`:                                                 "4 × (: 1 of a) = 4",
		`{kind: Job, spec: {template: ` + a + `}}`:                                                                                            "1 × (: 1 of a) = 1",
		`{kind: Job, spec: {parallelism: 3, completions: 5, template: ` + a + `}}`:                                                            "3 × (: 1 of a) = 3",
		`{kind: Job, spec: {parallelism: 3, completions: 2, template: ` + a + `}}`:                                                            "2 × (: 1 of a) = 2",
		`{kind: CronJob, spec: {jobTemplate: {spec: {parallelism: 2, template: ` + a + `}}}}`:                                                 "2 × (: 1 of a) = 2",
		`{kind: ScaledJob, spec: {jobTargetRef: {template: ` + a + `}}}`:                                                                      "1 × (: 1 of a) = 1",
		`{kind: LeaderWorkerSet, spec: {replicas: 2, leaderWorkerTemplate: {size: 3, workerTemplate: ` + b + `}}}`:                            "2 × (: 3 of b) = 6",
		`{kind: LeaderWorkerSet, spec: {replicas: 2, leaderWorkerTemplate: {size: 3, leaderTemplate: ` + a + `, workerTemplate: ` + b + `}}}`: "2 × (leaderTemplate: 1 of a, workerTemplate: 2 of b) = 6",
		`{kind: RayCluster, spec: {workers: {template: ` + b + `}, head: {template: ` + a + `}}}`:                                             "1 × (template: 1 of a, template: 1 of b) = 2",
		`{kind: Service, spec: {ports: [{port: 80}]}}`:                                                                                        "0 × () = 0",
		`{kind: Deployment, spec: {template: {spec: {containers: []}}}}`:                                                                      "0 × () = 0",
	} {
		p, err := Of(object(t, text))
		if err != nil {
			t.Fatal(text, err)
		}
		var templates []string
		for _, template := range p.Templates {
			templates = append(templates, fmt.Sprintf("%s: %d of %s", template.Role, template.Count, template.Spec.Containers[0].Name))
		}
		if got := fmt.Sprintf("%d × (%s) = %d", p.Replicas, strings.Join(templates, ", "), p.Total()); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestPodsOfInvalidObject(t *testing.T) {
	t.Parallel()
	_, err := Of(object(t, `{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {template: {spec: {containers: [{name: [x]}]}}}}`))
	if err == nil || !strings.HasPrefix(err.Error(), "deployment.apps/d: ") {
		t.Errorf("got %v", err)
	}
}

func TestMaxUnavailable(t *testing.T) {
	t.Parallel()
	for strategy, want := range map[string]int64{
		`{}`:                                     1, // 25 % of 7, rounded down
		`{type: Recreate}`:                       7,
		`{rollingUpdate: {maxSurge: 1}}`:         1,
		`{rollingUpdate: {maxUnavailable: 0}}`:   0,
		`{rollingUpdate: {maxUnavailable: 50%}}`: 3,
	} {
		got, err := MaxUnavailable(object(t, `{spec: {strategy: `+strategy+`}}`), 7)
		if err != nil || got != want {
			t.Errorf("%s: got %d, %v, want %d", strategy, got, err, want)
		}
	}
	if _, err := MaxUnavailable(object(t, `{spec: {strategy: {rollingUpdate: {maxUnavailable: some}}}}`), 7); err == nil {
		t.Error("no error for an invalid number")
	}
}

func TestJobEnded(t *testing.T) {
	t.Parallel()
	for c, want := range map[batchv1.JobCondition]bool{
		{Type: batchv1.JobComplete, Status: corev1.ConditionTrue}:  true,
		{Type: batchv1.JobFailed, Status: corev1.ConditionTrue}:    true,
		{Type: batchv1.JobFailed, Status: corev1.ConditionFalse}:   false,
		{Type: batchv1.JobSuspended, Status: corev1.ConditionTrue}: false,
	} {
		if got := JobEnded(batchv1.JobStatus{Conditions: []batchv1.JobCondition{c}}); got != want {
			t.Errorf("%v: got %t", c, got)
		}
	}
}

func TestDefaultContainer(t *testing.T) {
	t.Parallel()
	annotated := map[string]string{"kubectl.kubernetes.io/default-container": "b"}
	two := &corev1.PodSpec{Containers: []corev1.Container{{Name: "a"}, {Name: "b"}}}
	got := []string{DefaultContainer(nil, two), DefaultContainer(annotated, two), DefaultContainer(nil, &corev1.PodSpec{})}
	if diff := cmp.Diff([]string{"a", "b", ""}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
