package conformance_test

import (
	"context"
	"encoding/json"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// overQuotaQueues are the queues whose only public Job asks for more than the
// team of the same sample may have: 20Gi of memory, of 10Gi and 4Gi to borrow.
var overQuotaQueues = map[string]bool{"randomteam-local-queue": true}

func (p *platform) overQuota(o *unstructured.Unstructured) bool {
	return overQuotaQueues[o.GetLabels()[queueLabel]]
}

// teamsOf returns the samples that make queues, by the name of the queue.
func teamsOf(all []*sample) map[string]*sample {
	teams := map[string]*sample{}
	for _, s := range all {
		for _, o := range s.objects {
			if o.GetKind() == "LocalQueue" && teams[o.GetName()] == nil {
				teams[o.GetName()] = s
			}
		}
	}
	return teams
}

// openQueue installs the team whose queue it is, and returns the labels of the
// nodes that its flavors stand for.
func (p *platform) openQueue(t *testing.T, queue string) []map[string]string {
	t.Helper()
	team := p.teams[queue]
	if team == nil {
		t.Fatalf("no sample makes the queue %s", queue)
	}
	var flavors []map[string]string
	for _, o := range team.objects {
		if err := p.objects.Apply(t.Context(), o.DeepCopy()); err != nil {
			t.Fatalf("%s: %v", title(o), err)
		}
		if labels, ok, _ := unstructured.NestedStringMap(o.Object, "spec", "nodeLabels"); ok {
			flavors = append(flavors, labels)
		}
	}
	return flavors
}

func patchLabels(ctx context.Context, t *testing.T, client kubernetes.Interface, node string, labels map[string]any) {
	t.Helper()
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"labels": labels}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.CoreV1().Nodes().Patch(ctx, node, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		t.Error(err)
	}
}
