package deploy

import (
	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Health is the state of a release as a whole, in the words of Kubernetes and Argo CD.
type Health string

// The states. A Degraded release may recover by itself, a Failed one does not.
const (
	HealthReady       Health = "Ready"
	HealthProgressing Health = "Progressing" // not ready yet
	HealthDegraded    Health = "Degraded"    // missing, pods cannot be created or have failed, or only a previous revision serves
	HealthFailed      Health = "Failed"      // a failed Job, or a failed rollout without a previous revision that serves
	HealthComplete    Health = "Complete"    // a Job
)

// healthOf returns the health of a release from its workload. rolloutFailed reports
// whether the last watched rollout of its revision failed.
func healthOf(live *unstructured.Unstructured, rolloutFailed bool) Health {
	health := workloadHealth(live)
	switch {
	case !rolloutFailed || health == HealthReady || health == HealthComplete:
		return health
	case conditionsOf(live)["Available"] == "True":
		return HealthDegraded
	}
	return HealthFailed
}

func workloadHealth(live *unstructured.Unstructured) Health {
	conditions := conditionsOf(live)
	switch live.GetKind() {
	case "Job":
		return jobHealth(live, conditions)
	case "LeaderWorkerSet": // without observedGeneration, which kstatus needs
		groups, found, _ := unstructured.NestedInt64(live.Object, "spec", "replicas")
		if !found {
			groups = 1
		}
		if number(live, "readyReplicas") >= groups && number(live, "updatedReplicas") >= groups {
			return HealthReady
		}
		return HealthProgressing
	}
	switch result, err := status.Compute(live); {
	case err == nil && result.Status == status.CurrentStatus:
		return HealthReady
	case conditions["ReplicaFailure"] == "True", conditions["Progressing"] == "False":
		return HealthDegraded
	}
	return HealthProgressing
}

// jobHealth returns the health of a Job, which is ready once all of its parallel pods
// are running.
func jobHealth(live *unstructured.Unstructured, conditions map[string]string) Health {
	parallel, found, _ := unstructured.NestedInt64(live.Object, "spec", "parallelism")
	if !found {
		parallel = 1
	}
	switch {
	case conditions["Complete"] == "True":
		return HealthComplete
	case conditions["Failed"] == "True":
		return HealthFailed
	case number(live, "ready")+number(live, "succeeded") >= parallel && conditions["Suspended"] != "True":
		return HealthReady
	case number(live, "failed") > 0:
		return HealthDegraded
	}
	return HealthProgressing
}

func number(live *unstructured.Unstructured, key string) int64 {
	n, _, _ := unstructured.NestedInt64(live.Object, "status", key)
	return n
}

// conditionsOf returns the status of each condition by its type.
func conditionsOf(live *unstructured.Unstructured) map[string]string {
	all := map[string]string{}
	list, _, _ := unstructured.NestedSlice(live.Object, "status", "conditions")
	for _, c := range list {
		if condition, ok := c.(map[string]any); ok {
			kind, _ := condition["type"].(string)
			all[kind], _ = condition["status"].(string)
		}
	}
	return all
}
