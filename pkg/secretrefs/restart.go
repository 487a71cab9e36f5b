package secretrefs

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
)

const (
	// restartedAt is the annotation of `kubectl rollout restart`.
	restartedAt = "kubectl.kubernetes.io/restartedAt"
	// inFlight is how many workloads are restarted at a time.
	inFlight = 8
)

// RestartResult is the result for one consumer.
type RestartResult struct {
	Consumer Consumer
	Done     bool   // it is being restarted
	Message  string // "restarted", or why not, and what to do
	Err      error  // it should have been restarted, and the server said no
}

// String returns the consumer and its result in one line.
func (r RestartResult) String() string { return r.Consumer.String() + ": " + r.Message }

// Restart restarts the consumers that read their Secret only at the start, as `kubectl
// rollout restart` does, and returns the reason for each one that it skips. It does not
// wait for the new pods. The results are in the order of consumers.
func Restart(ctx context.Context, clients Clients, consumers []Consumer) []RestartResult {
	results := make([]RestartResult, len(consumers))
	at := time.Now().UTC().Format(time.RFC3339Nano) // two restarts within a second are two
	slots := make(chan struct{}, inFlight)
	var patches sync.WaitGroup
	for i, consumer := range consumers {
		patches.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			results[i] = clients.restart(ctx, consumer, at)
		})
	}
	patches.Wait()
	return results
}

func (c Clients) restart(ctx context.Context, consumer Consumer, at string) RestartResult {
	r := RestartResult{Consumer: consumer}
	resource, template, ok := consumer.template()
	switch {
	case !consumer.NeedsRestart():
		r.Message = "no restart needed: " + consumer.refresh()
	case consumer.skipReason != "":
		r.Message = "not restarted: " + consumer.skipReason
	case !ok:
		r.Message = "not restarted: " + consumer.manualRestart()
	default:
		patch, err := restartPatch(template, at)
		if err == nil {
			_, err = c.Dynamic.Resource(resource).Namespace(consumer.Namespace).
				Patch(ctx, consumer.Name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: ownership.FieldManager})
		}
		r.Done, r.Err, r.Message = err == nil, err, "restarted"
		switch {
		case err != nil:
			r.Message = fmt.Sprintf("not restarted: %v", err)
		case consumer.partition > 0:
			r.Message = fmt.Sprintf("restarted from number %d on: its update strategy has a partition, delete the pods below by hand", consumer.partition)
		}
	}
	return r
}

// template returns where a workload keeps the pod template that it rolls out
// when it changes. That of a LeaderWorkerSet's workers renews the leaders too.
func (u Consumer) template() (schema.GroupVersionResource, []string, bool) {
	switch schemaKind := (schema.GroupKind{Group: u.group, Kind: u.Kind}); schemaKind {
	case appsv1.SchemeGroupVersion.WithKind("Deployment").GroupKind():
		return appsv1.SchemeGroupVersion.WithResource("deployments"), []string{"spec", "template"}, true
	case appsv1.SchemeGroupVersion.WithKind("StatefulSet").GroupKind():
		return appsv1.SchemeGroupVersion.WithResource("statefulsets"), []string{"spec", "template"}, true
	case appsv1.SchemeGroupVersion.WithKind("DaemonSet").GroupKind():
		return appsv1.SchemeGroupVersion.WithResource("daemonsets"), []string{"spec", "template"}, true
	case leaderWorkerSets.GroupVersion().WithKind(leaderWorkerSetKind).GroupKind():
		return leaderWorkerSets, []string{"spec", "leaderWorkerTemplate", "workerTemplate"}, true
	}
	return schema.GroupVersionResource{}, nil, false
}

// restartPatch returns a merge patch, the kind that custom resources also support.
func restartPatch(template []string, at string) ([]byte, error) {
	patch := map[string]any{"metadata": map[string]any{"annotations": map[string]any{restartedAt: at}}}
	for _, field := range slices.Backward(template) {
		patch = map[string]any{field: patch}
	}
	return json.Marshal(patch)
}

// refresh returns how a new value reaches a consumer that keeps running.
func (u Consumer) refresh() string {
	if slices.Contains(u.RefKinds, Volume) {
		return "the kubelet writes the new value into its files within about a minute"
	}
	return "new pods take the new value"
}

// manualRestart returns how to restart a consumer that has no pod template to change.
func (u Consumer) manualRestart() string {
	switch (schema.GroupKind{Group: u.group, Kind: u.Kind}) {
	case schema.GroupKind{Kind: podKind}:
		return "no controller makes it anew: delete it and create it again"
	case schema.GroupKind{Group: "batch", Kind: jobKind}:
		return "a job runs once: delete it and create it again"
	case schema.GroupKind{Group: "batch", Kind: "CronJob"}:
		return fmt.Sprintf("its next run reads the new value; `%s` runs it now", hint.Kubectl("create", "job", "--from="+u.String(), "NAME", "-n", u.Namespace))
	case schema.GroupKind{Group: appsv1.GroupName, Kind: replicaSetKind}:
		return "a ReplicaSet does not renew its pods: delete them, it makes new ones"
	}
	return fmt.Sprintf("restart it as its kind (%s) wants it", schema.GroupKind{Group: u.group, Kind: u.Kind})
}
