package rollout

import (
	"maps"
	"path/filepath"
	"slices"
	"testing"
)

// fromNode are the fixtures that test/e2e has taken from a real API server and a
// real kubelet: every failure that it makes, at first sight, and where that is
// not enough to go by, at the second or third.
var fromNode = map[string]want{
	"no-pull-secret":       {"FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (pull)", "", "", "", ""},
	"no-pull-secret-again": {"401 Unauthorized", "at once", "Pod.spec.imagePullSecrets", "pull", "secrets apply"},
	"wrong-password":       {"401 Unauthorized", "", "", "", ""},
	"wrong-password-again": {"401 Unauthorized", "at once", "Pod.spec.imagePullSecrets", "pull", "secrets verify -n ns pull"},
	"missing-image":        {"/team/none:1: not found", "", "", "", ""},
	"missing-tag":          {"/team/app:2: not found", "", "", "", ""},
	"missing-tag-again":    {"/team/app:2: not found", "at once", "Pod.spec.containers.image", "", ""},
	"invalid-image-name":   {"InvalidImageName: ", "at once", "Pod.spec.containers.image", "", ""},
	"registry-down":        {"connect: connection refused", "", "", "", ""},
	"registry-cut":         {"failed to read expected number of bytes: unexpected EOF", "", "", "", ""},
	"image-pulling":        {"Pulling", "", "", "", ""},
	"missing-secret":       {`CreateContainerConfigError: secret "api" not found`, "in time", secretEnv, "api", "secrets apply"},
	"missing-key":          {"CreateContainerConfigError: couldn't find key API_KEY in Secret default/api", "in time", secretEnv, "api", "secrets apply"},
	"failed-mount-secret":  {`secret "certificate" not found`, "in time", "Pod.spec.volumes.secret", "certificate", "secrets apply"},
	"command-not-found":    {`exec: "/opt/serve": stat /opt/serve: no such file or directory`, "at once", "Pod.spec.containers.command", "", ""},
	"crash-first":          {"Error: exit code 3", "", "", "", ""},
	"crash":                {"CrashLoopBackOff: Error, exit code 3; back-off 10s", "", "", "", ""},
	"crash-third":          {"CrashLoopBackOff: Error, exit code 3; back-off 20s", "at once", "", "", "logs recipe-app-5d8f9c7b6d-pod01 -c main --previous"},
	"oom":                  {"OOMKilled: exit code 137", "", "", "", ""},
	"oom-second":           {"CrashLoopBackOff: OOMKilled, exit code 137", "at once", "Pod.spec.containers.resources.limits[memory]", "", "logs"},
	"probe-readiness":      {"Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503", "", "", "", ""},
	"probe-startup":        {"failed startup probe, will be restarted: Startup probe failed: HTTP probe failed with statuscode: 503", "", "", "", ""},
	"probe-startup-third":  {"failed startup probe, will be restarted: Startup probe failed: HTTP probe failed with statuscode: 503", "at once", "Pod.spec.containers.startupProbe", "", "logs"},
	"probe-liveness":       {"probe failed: HTTP probe failed with statuscode: 503", "", "", "", ""},
	"unschedulable-gpu":    {"Unschedulable: 0/1 nodes are available: 1 Insufficient nvidia.com/gpu.", "", "", "", ""},
	"unschedulable-taint":  {"Unschedulable: 0/1 nodes are available: 1 node(s) had untolerated taint(s).", "", "", "", ""},
	"node-not-ready":       {"running on real-node, not ready", "", "", "", ""},
	"pvc-unbound":          {"ExternalProvisioning: Waiting for a volume to be created", "", "", "", ""},
	"pvc-missing-class":    {`ProvisioningFailed: storageclass.storage.k8s.io "no-such-class" not found`, "in time", "PersistentVolumeClaim", "", "get storageclasses"},
	"job-failed":           {"BackoffLimitExceeded: Job has reached the specified backoff limit", "at once", "", "", "logs recipe-app-5d8f9c7b6d-pod0"},
}

func TestFixturesOfTheNode(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/node/*.json")
	if err != nil || len(files) != len(fromNode) {
		t.Errorf("%d files for %d fixtures, %v", len(files), len(fromNode), err)
	}
	for _, name := range slices.Sorted(maps.Keys(fromNode)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkFixture(t, readFixture(t, "node/"+name), fromNode[name])
		})
	}
}
