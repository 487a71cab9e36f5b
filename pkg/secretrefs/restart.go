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
)

const (
	// fieldManager is the field manager of the patches that restart workloads.
	fieldManager = "kubectl-blueprint"
	// restartedAt is the annotation that `kubectl rollout restart` sets.
	restartedAt = "kubectl.kubernetes.io/restartedAt"
	// inFlight is the number of workloads restarted concurrently.
	inFlight = 8
)

// RestartResult is the result of restarting one Consumer.
type RestartResult struct {
	Consumer Consumer
	Done     bool   // whether the restart has begun
	Message  string // "restarted", or why it was skipped and what to do
	Err      error  // why the server refused the restart
}

// String returns the consumer and the message on one line.
func (r RestartResult) String() string { return r.Consumer.String() + ": " + r.Message }

// Restart restarts every consumer that reads its Secret only when it starts, as
// `kubectl rollout restart` does, and explains for each of the others why it
// was skipped. It does not wait for the new pods. The results are in the order
// of consumers.
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
				Patch(ctx, consumer.Name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: fieldManager})
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

// template returns the path of the pod template whose change starts a rollout.
// Changing the worker template of a LeaderWorkerSet also replaces the leaders.
func (c Consumer) template() (schema.GroupVersionResource, []string, bool) {
	switch schemaKind := (schema.GroupKind{Group: c.group, Kind: c.Kind}); schemaKind {
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

// restartPatch returns a JSON merge patch: custom resources do not support
// strategic merge patches.
func restartPatch(template []string, at string) ([]byte, error) {
	patch := map[string]any{"metadata": map[string]any{"annotations": map[string]any{restartedAt: at}}}
	for _, field := range slices.Backward(template) {
		patch = map[string]any{field: patch}
	}
	return json.Marshal(patch)
}

// refresh explains how a running consumer gets the new value.
func (c Consumer) refresh() string {
	if slices.Contains(c.RefKinds, Volume) {
		return "the kubelet writes the new value into its files within about a minute"
	}
	return "new pods take the new value"
}

// manualRestart explains how to replace the pods of a consumer that has no
// rollout.
func (c Consumer) manualRestart() string {
	switch (schema.GroupKind{Group: c.group, Kind: c.Kind}) {
	case schema.GroupKind{Kind: podKind}:
		return "no controller makes it anew: delete it and create it again"
	case schema.GroupKind{Group: "batch", Kind: jobKind}:
		return "a job runs once: delete it and create it again"
	case schema.GroupKind{Group: "batch", Kind: "CronJob"}:
		return fmt.Sprintf("its next run reads the new value; `%s` runs it now", hint.Kubectl("create", "job", "--from="+c.String(), "NAME", "-n", c.Namespace))
	case schema.GroupKind{Group: appsv1.GroupName, Kind: replicaSetKind}:
		return "a ReplicaSet does not renew its pods: delete them, it makes new ones"
	}
	return fmt.Sprintf("restart it as its kind (%s) wants it", schema.GroupKind{Group: c.group, Kind: c.Kind})
}
