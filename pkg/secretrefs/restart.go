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
	// inFlight is the number of workloads that are restarted in parallel.
	inFlight = 8
)

// RestartResult is the result for one consumer.
type RestartResult struct {
	Consumer Consumer
	Done     bool   // the restart was requested
	Message  string // "restarted", or why not, and the fix
	Err      error  // the server's error, if the request failed
}

// String returns the consumer and its result in one line.
func (r RestartResult) String() string { return r.Consumer.String() + ": " + r.Message }

// Restart restarts the consumers that read their Secret only at startup, as `kubectl
// rollout restart` does. It returns one result per consumer, in the same order, with the
// reason for each one that it skips. It does not wait for the new pods.
func Restart(ctx context.Context, clients Clients, consumers []Consumer) []RestartResult {
	results := make([]RestartResult, len(consumers))
	at := time.Now().UTC().Format(time.RFC3339Nano) // distinguishes restarts within a second
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
			r.Message = fmt.Sprintf("restarted from pod number %d on; its update strategy has a partition, so delete the other pods yourself", consumer.partition)
		}
	}
	return r
}

// RestartCommand returns the kubectl command that restarts consumers of one namespace, or
// nil if kubectl cannot restart all of them.
func RestartCommand(consumers []Consumer) hint.Command {
	if len(consumers) == 0 {
		return nil
	}
	command := hint.Kubectl("rollout", "restart", "-n", consumers[0].Namespace)
	for _, c := range consumers {
		if _, _, ok := c.template(); !ok || c.group != appsv1.GroupName || c.skipReason != "" {
			return nil
		}
		command = append(command, c.String())
	}
	return command
}

// template returns the resource of a workload and the path of its pod template, whose
// change causes a rollout. For a LeaderWorkerSet, changing the template of the workers
// also replaces the leaders.
func (u Consumer) template() (schema.GroupVersionResource, []string, bool) {
	switch (schema.GroupKind{Group: u.group, Kind: u.Kind}) {
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
		return "the kubelet updates its files within about a minute"
	}
	return "new pods use the new value"
}

// manualRestart returns how to restart a consumer that has no pod template to change.
func (u Consumer) manualRestart() string {
	switch (schema.GroupKind{Group: u.group, Kind: u.Kind}) {
	case schema.GroupKind{Kind: podKind}:
		return "it has no controller; delete and recreate it"
	case schema.GroupKind{Group: "batch", Kind: jobKind}:
		return "a Job runs once; delete and recreate it"
	case schema.GroupKind{Group: "batch", Kind: cronJobKind}:
		return fmt.Sprintf("its next run uses the new value; to run it now, use `%s`", hint.Kubectl("create", "job", "--from="+u.String(), "NAME", "-n", u.Namespace))
	case schema.GroupKind{Group: appsv1.GroupName, Kind: replicaSetKind}:
		return "a ReplicaSet does not replace its pods; delete them"
	}
	return fmt.Sprintf("restart it in the way its kind (%s) requires", schema.GroupKind{Group: u.group, Kind: u.Kind})
}
