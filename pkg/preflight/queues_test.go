package preflight_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestQueuesThatJobsWaitIn need not be there where they come with the job.
func TestQueuesThatJobsWaitIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const job = `{apiVersion: batch/v1, kind: Job, metadata: {name: train, labels: {kueue.x-k8s.io/queue-name: research}}, spec: {suspend: true, template: {spec: {restartPolicy: Never, containers: [{name: main, image: HOST/public/app:1}]}}}}`
	const queue = `{apiVersion: kueue.x-k8s.io/v1beta1, kind: LocalQueue, metadata: {name: research}, spec: {clusterQueue: research}}`
	want := []string{
		`error: job.batch/train: LocalQueue "research" not found in namespace NS; the job would never start`,
		"  deploy the team to this namespace first, or remove it from the recipe",
	}
	if diff := cmp.Diff(want, s.run(s.client, job, "image-missing")); diff != "" {
		t.Errorf("without a queue (-want +got):\n%s", diff)
	}
	if got := s.run(s.client, queue+"\n---\n"+job, "image-missing"); got != nil {
		t.Errorf("beside its queue: %q", got)
	}
	s.make(queue)
	if got := s.run(s.client, job, "image-missing"); got != nil {
		t.Errorf("after its queue: %q", got)
	}
}
