package diff_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
)

// outcome makes the outcome of objects in YAML, "" for none.
func outcome(t *testing.T, verb dryrun.Verb, live, predicted string) dryrun.Outcome {
	t.Helper()
	o := dryrun.Outcome{Object: "object", Verb: verb, Live: object(t, live), Predicted: object(t, predicted)}
	return o
}

func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	if text == "" {
		return nil
	}
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	o := &unstructured.Unstructured{}
	if err := o.UnmarshalJSON(data); err != nil {
		t.Fatal(err)
	}
	return o
}

// diffs returns the diffs of all objects that change.
func diffs(t *testing.T, r diff.Release) string {
	t.Helper()
	texts, err := r.Files()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, text := range texts {
		b.Write(text.Diff())
	}
	return b.String()
}

func deployment(replicas, spec, container string) string {
	return `
apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec:
  replicas: ` + replicas + `
  ` + spec + `
  template:
    spec:
      containers: [{name: main, ` + container + `}]`
}

const (
	gpu      = `image: "i:1", resources: {limits: {nvidia.com/gpu: "2"}}`
	gpuMore  = `image: "i:2", resources: {limits: {nvidia.com/gpu: "4"}}`
	recreate = `strategy: {type: Recreate}`
	rolling  = `strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}`
)

func job(spec, status string) string {
	return `
apiVersion: batch/v1
kind: Job
metadata: {name: j}
spec:
  ` + spec + `
  template: {spec: {containers: [{name: main, ` + gpu + `}]}}
status: {` + status + `}`
}

const (
	complete = `conditions: [{type: Complete, status: "True"}]`
	failed   = `conditions: [{type: Failed, status: "True"}]`
)

func leaderWorkers(groups, size, image string) string {
	template := `{spec: {containers: [{name: main, image: "` + image + `", resources: {limits: {amd.com/gpu: 8}}}]}}`
	return `
apiVersion: leaderworkerset.x-k8s.io/v1
kind: LeaderWorkerSet
metadata: {name: l}
spec: {replicas: ` + groups + `, leaderWorkerTemplate: {size: ` + size + `, leaderTemplate: ` + template + `, workerTemplate: ` + template + `}}`
}

// leaderless returns a LeaderWorkerSet that makes its leaders from workerTemplate.
func leaderless(set string) string {
	before, rest, _ := strings.Cut(set, "leaderTemplate: ")
	_, workers, _ := strings.Cut(rest, ", workerTemplate: ")
	return before + "workerTemplate: " + workers
}

func claim(size string) string {
	return `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: c}
spec: {resources: {requests: {storage: ` + size + `}}}`
}

const config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: b}"

func TestSummary(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		verb            dryrun.Verb
		live, predicted string
		want            []string
		disruptive      bool
	}{
		"new": {dryrun.Created, "", deployment("3", rolling, gpu),
			[]string{"r: 1 to create", "  + object: starts 3 pods", "  nvidia.com/gpu: 0 → 6 (+6)"}, false},
		"same": {dryrun.Unchanged, deployment("3", rolling, gpu), deployment("3", rolling, gpu),
			[]string{"r: unchanged"}, false},
		"another template": {dryrun.Configured, deployment("3", rolling, gpu), deployment("3", rolling, gpuMore),
			[]string{"r: 1 to update", "  ~ object: restarts 3 pods; image of main: i:1 → i:2", "  nvidia.com/gpu: 6 → 12 (+6)"}, true},
		"with a gap": {dryrun.Configured, deployment("1", rolling, gpu), deployment("1", rolling, gpuMore),
			[]string{"r: 1 to update", "  ~ object: restarts 1 pod (with downtime); image of main: i:1 → i:2", "  nvidia.com/gpu: 2 → 4 (+2)"}, true},
		"recreated": {dryrun.Configured, deployment("3", recreate, gpu), deployment("3", recreate, `image: "i:1"`),
			[]string{"r: 1 to update", "  ~ object: restarts 3 pods (with downtime)", "  nvidia.com/gpu: 6 → 0 (-6)"}, true},
		"a strategy alone": {dryrun.Configured, deployment("1", rolling, gpu), deployment("1", recreate, gpu),
			[]string{"r: 1 to update", "  ~ object"}, false},
		"more": {dryrun.Configured, deployment("1", rolling, gpu), deployment("2", rolling, gpu),
			[]string{"r: 1 to update", "  ~ object: replicas 1 → 2", "  nvidia.com/gpu: 2 → 4 (+2)"}, false},
		"fewer": {dryrun.Configured, deployment("2", rolling, gpu), deployment("0", rolling, gpu),
			[]string{"r: 1 to update", "  ~ object: replicas 2 → 0; stops 2 pods", "  nvidia.com/gpu: 4 → 0 (-4)"}, true},
		"idle, and another template": {dryrun.Configured, deployment("0", rolling, gpu), deployment("0", rolling, gpuMore),
			[]string{"r: 1 to update", "  ~ object: image of main: i:1 → i:2"}, false},
		"gone": {dryrun.Deleted, deployment("2", rolling, gpu), "",
			[]string{"r: 1 to delete", "  - object: stops 2 pods", "  nvidia.com/gpu: 4 → 0 (-4)"}, true},
		"a Job at work is gone": {dryrun.Deleted, job("parallelism: 3", ""), "",
			[]string{"r: 1 to delete", "  - object: stops 3 pods", "  nvidia.com/gpu: 6 → 0 (-6)"}, true},
		"a Job with few completions is gone": {dryrun.Deleted, job("parallelism: 3\n  completions: 2", ""), "",
			[]string{"r: 1 to delete", "  - object: stops 2 pods", "  nvidia.com/gpu: 4 → 0 (-4)"}, true},
		"a Job that has ended is gone": {dryrun.Deleted, job("parallelism: 3", complete), "",
			[]string{"r: 1 to delete", "  - object: already ended"}, false},
		"a Job that has ended is the same": {dryrun.Unchanged, job("parallelism: 3", complete), job("parallelism: 3", complete),
			[]string{"r: unchanged"}, false},
		"a Job that has failed": {dryrun.Replaced, job("parallelism: 3", failed), job("parallelism: 3", failed),
			[]string{"r: 1 to replace", "  ~ object: failed, runs again", "  nvidia.com/gpu: 0 → 6 (+6)"}, false},
		"a Job is suspended": {dryrun.Configured, job("suspend: false", ""), job("suspend: true", ""),
			[]string{"r: 1 to update", "  ~ object: suspended, stops 1 pod"}, true},
		"a Job that waits": {dryrun.Created, "", job("suspend: true", ""),
			[]string{"r: 1 to create", "  + object: starts 1 pod when admitted by its queue", "  nvidia.com/gpu: 0 → 2 (+2)"}, false},
		"groups": {dryrun.Configured, leaderWorkers("2", "4", "i:1"), leaderWorkers("3", "4", "i:2"),
			[]string{"r: 1 to update", "  ~ object: restarts 8 pods; groups 2 → 3; image of main: i:1 → i:2; image of main (workers): i:1 → i:2", "  amd.com/gpu: 64 → 96 (+32)"}, true},
		"groups without a leader of their own": {dryrun.Configured, leaderless(leaderWorkers("1", "4", "i:1")), leaderless(leaderWorkers("1", "4", "i:2")),
			[]string{"r: 1 to update", "  ~ object: restarts 4 pods; image of main: i:1 → i:2"}, true},
		"larger groups": {dryrun.Configured, leaderWorkers("1", "2", "i"), leaderWorkers("1", "3", "i"),
			[]string{"r: 1 to update", "  ~ object: restarts 2 pods", "  amd.com/gpu: 16 → 24 (+8)"}, true},
		"a claim": {dryrun.Created, "", claim("1Gi"), []string{"r: 1 to create", "  + object: requests a volume of 1Gi"}, false},
		"a larger claim": {dryrun.Configured, claim("1Gi"), claim("2Gi"),
			[]string{"r: 1 to update", "  ~ object: size 1Gi → 2Gi"}, false},
		"a claim is gone": {dryrun.Deleted, claim("1Gi"), "",
			[]string{"r: 1 to delete", "  - object: also deletes its volume, unless the reclaim policy is Retain"}, true},
		"a claim is kept": {dryrun.Kept, claim("1Gi"), claim("1Gi"),
			[]string{"r: 1 to keep", "  = object: no longer part of the recipe; kept with its volume"}, false},
		"something else is gone": {dryrun.Deleted, config, "", []string{"r: 1 to delete", "  - object"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := diff.New("r", []dryrun.Outcome{outcome(t, c.verb, c.live, c.predicted)}, false)
			if diff := cmp.Diff(c.want, r.Summary()); diff != "" {
				t.Errorf("summary (-want +got):\n%s", diff)
			}
			if r.Disruptive() != c.disruptive {
				t.Errorf("disruptive: %t", r.Disruptive())
			}
		})
	}
}

// TestGPUsOfContainers counts as the scheduler does.
func TestGPUsOfContainers(t *testing.T) {
	t.Parallel()
	r := diff.New("r", []dryrun.Outcome{outcome(t, dryrun.Created, "", `
apiVersion: v1
kind: Deployment
metadata: {name: a}
spec:
  template:
    spec:
      initContainers:
      - {name: large, resources: {limits: {nvidia.com/gpu: 3}}}
      - {name: beside, restartPolicy: Always, resources: {limits: {nvidia.com/gpu: 1}}}
      - {name: after, resources: {limits: {nvidia.com/gpu: 4}}}
      containers:
      - {name: one, resources: {limits: {nvidia.com/gpu: 1, nvidia.com/mig-1g.5gb: 2, cpu: 8, rdma/hca: 1}}}
      - {name: two, resources: {limits: {nvidia.com/gpu: 1}}}`)}, false)
	want := []string{"r: 1 to create", "  + object: starts 1 pod", "  nvidia.com/gpu: 0 → 5 (+5)", "  nvidia.com/mig-1g.5gb: 0 → 2 (+2)"}
	if diff := cmp.Diff(want, r.Summary()); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}
