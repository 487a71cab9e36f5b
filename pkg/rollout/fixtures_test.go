package rollout

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// objectList is what a fixture holds: a List of a workload, its pod, and what was said
// about them.
type objectList []*unstructured.Unstructured

func (l objectList) forRelease(kind schema.GroupKind) []*unstructured.Unstructured {
	found, _ := l.list(kind)
	return found
}

func (l objectList) list(kind schema.GroupKind) (found []*unstructured.Unstructured, ok bool) {
	for _, o := range l {
		if o.GroupVersionKind().GroupKind() == kind {
			found = append(found, o)
		}
	}
	return found, true
}

func (l objectList) events(uid string) []event {
	var about []any
	for _, o := range l.forRelease(eventKind) {
		if of, _, _ := unstructured.NestedString(o.Object, "involvedObject", "uid"); of == uid {
			about = append(about, o)
		}
	}
	return decodeEvents(about)
}

func (l objectList) target() Target {
	var t Target
	for _, o := range l {
		if IsWorkload(o) && o.GroupVersionKind().GroupKind() != replicaSet {
			t.Objects = append(t.Objects, o)
		}
	}
	return t
}

func readFixture(t *testing.T, name string) objectList {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var read unstructured.UnstructuredList
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	l := make(objectList, len(read.Items))
	for i := range read.Items {
		l[i] = &read.Items[i]
	}
	return l
}

// want is what a fixture comes to. Of one that is terminal field and secret
// are those of the remediation.
type want struct {
	line          string // in the tree, without what it is about
	ends          string // "at once", "in time" (within a minute), or "" for not before a timeout
	field, secret string
	hint          string // is in the hints; "" if there are none
}

const secretEnv = "Pod.spec.containers.env.valueFrom.secretKeyRef"

var fixtures = map[string]want{
	"pull-unauthorized":             {"401 Unauthorized", "at once", "Pod.spec.imagePullSecrets", "", "secrets apply"},
	"pull-unauthorized-with-secret": {"401 Unauthorized", "at once", "Pod.spec.imagePullSecrets", "pull", "secrets verify -n ns pull"},
	"pull-secret-missing":           {"FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (pull)", "at once", "Pod.spec.imagePullSecrets", "pull", "secrets apply"},
	"pull-not-found":                {"registry.example/team/web:1: not found", "at once", "Pod.spec.containers.image", "", ""},
	"pull-not-found-first":          {"registry.example/team/web:1: not found", "", "", "", ""},
	"registry-restarts":             {"connection refused", "", "", "", ""},
	"registry-overloaded":           {"503 Service Unavailable", "", "", "", ""},
	"image-pulls":                   {`Pulling: Pulling image "registry.example/team/web:1"`, "", "", "", ""},
	"secret-missing":                {`CreateContainerConfigError: secret "api" not found`, "in time", secretEnv, "api", "secrets apply"},
	"key-missing":                   {"couldn't find key token in Secret ns/api", "in time", secretEnv, "api", "secrets apply"},
	"secret-not-synced":             {"failed to sync secret cache", "", "", "", ""},
	"mounted-secret-missing":        {`FailedMount: MountVolume.SetUp failed for volume "v" : secret "api" not found`, "in time", "Pod.spec.volumes.secret", "api", "secrets apply"},
	"crash-loop":                    {"CrashLoopBackOff: Error, exit code 1; back-off 20s restarting failed container", "at once", "", "", "logs recipe-web-5d9c-abcde -c main --previous"},
	"crash-first-of-many":           {"CrashLoopBackOff: Error, exit code 1; back-off 10s", "", "", "", ""},
	"oom-loop":                      {"CrashLoopBackOff: OOMKilled, exit code 137", "at once", "Pod.spec.containers.resources.limits[memory]", "", "logs"},
	"start-error":                   {"RunContainerError: failed to create containerd task", "at once", "Pod.spec.containers.command", "", ""},
	"startup-probe-kills":           {"failed startup probe, will be restarted: Startup probe failed: HTTP probe failed with statuscode: 503", "at once", "Pod.spec.containers.startupProbe", "", "logs"},
	"readiness-fails":               {"Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503", "", "", "", ""},
	"no-room":                       {"Unschedulable: 0/3 nodes are available: 3 Insufficient nvidia.com/gpu.", "", "", "", ""},
	"scale-up":                      {"TriggeredScaleUp: pod triggered scale-up", "", "", "", ""},
	"no-storage-class":              {`ProvisioningFailed: storageclass.storage.k8s.io "fast" not found`, "in time", "PersistentVolumeClaim", "", "get storageclasses"},
	"volume-comes":                  {"ExternalProvisioning: Waiting for a volume", "", "", "", ""},
	"provisioner-fails":             {`ProvisioningFailed: failed to provision volume with StorageClass "fast": rpc error: code = ResourceExhausted desc = storage quota exceeded`, "", "", "", ""},
	"claim-missing":                 {`persistentvolumeclaim "shared" not found`, "in time", "PersistentVolumeClaim", "", "get pvc"},
	"node-not-ready":                {"NodeNotReady: Node is not ready", "", "", "", ""},
	"evicted":                       {"Evicted: The node was low on resource", "", "", "", ""},
	"evicted-for-disk":              {"Evicted: Pod ephemeral local storage usage exceeds the total limit of containers 20Gi; 2 earlier pods failed as well", "at once", "Pod.spec.containers.resources.limits[ephemeral-storage]", "", ""},
	"evicted-and-succeeded":         {"Evicted: Pod ephemeral local storage usage exceeds the total limit of containers 20Gi; 2 earlier pods failed as well", "at once", "Pod.spec.containers.resources.limits[ephemeral-storage]", "", ""},
	"evicted-for-disk-twice":        {"containers 20Gi; 1 earlier pod failed as well", "", "", "", ""},
	"evicted-for-container":         {`Container main exceeded its local ephemeral storage limit "20Gi"; 2 earlier`, "at once", "Pod.spec.containers.resources.limits[ephemeral-storage]", "", ""},
	"evicted-for-shm":               {`Usage of EmptyDir volume "shm" exceeds the limit "1Gi"; 2 earlier`, "at once", "Pod.spec.volumes.emptyDir.medium", "", ""},
	"evicted-for-volume":            {`Usage of EmptyDir volume "data" exceeds the limit "5Gi"; 2 earlier`, "at once", "Pod.spec.volumes.emptyDir.sizeLimit", "", ""},
	"evicted-by-node":               {"available: 9Gi; 4 earlier pods failed as well", "", "", "", ""},
	"quota":                         {`FailedCreate: pods "recipe-web-5d9c-x" is forbidden: exceeded quota: gpus, requested: requests.nvidia.com/gpu=2, used: requests.nvidia.com/gpu=7, limited: requests.nvidia.com/gpu=8`, "in time", "Pod.spec.containers.resources.limits[nvidia.com/gpu]", "", "describe resourcequota"},
	"pods-not-deleted":              {"FailedDelete: unable to delete pods", "", "", "", ""},
	"pod-security":                  {`FailedCreate: pods "recipe-web-5d9c-x" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false`, "in time", "Pod.spec.securityContext.runAsNonRoot", "", "get namespace ns --show-labels"},
	"webhook-not-up":                {"failed calling webhook", "", "", "", ""},
	"job-fails":                     {"BackoffLimitExceeded: Job has reached the specified backoff limit", "at once", "", "", "logs recipe-web-5d9c-abcde -c main"},
	"job-retries":                   {"Error: exit code 3", "", "", "", ""},
	"job-works-in-init-container":   {"ready", "", "", "", ""},
}

// TestFixtures judges pods as the API server had them, at first sight and a
// minute later.
func TestFixtures(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) != len(fixtures) {
		t.Errorf("%d files for %d fixtures, %v", len(files), len(fixtures), err)
	}
	for _, name := range slices.Sorted(maps.Keys(fixtures)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkFixture(t, readFixture(t, name), fixtures[name])
		})
	}
}

// checkFixture looks at a fixture at first sight and a minute later.
func checkFixture(t *testing.T, l objectList, want want) {
	t.Helper()
	v, m := gather(l, l.target()), newTracker()
	now := time.Date(2026, 11, 1, 10, 1, 0, 0, time.UTC)
	first := m.evaluate(v, DefaultTimeouts(), now)
	later := m.evaluate(v, DefaultTimeouts(), now.Add(time.Minute))
	if !slices.ContainsFunc(first.tree, func(s Status) bool { return strings.Contains(s.Text(), want.line) }) {
		t.Errorf("no line has %q: %v", want.line, first.tree)
	}
	ends := map[bool]string{true: "in time"}[later.failed != nil]
	if first.failed != nil {
		ends = "at once"
	}
	if ends != want.ends {
		t.Fatalf("ends %q, want %q: %v", ends, want.ends, later.failed)
	}
	if ends == "in time" && (first.requeueAt.IsZero() || first.requeueAt.After(now.Add(time.Minute))) {
		t.Errorf("next evaluation at %s", first.requeueAt)
	}
	if later.failed != nil {
		checkRemediation(t, later.failed, want)
	}
}

func checkRemediation(t *testing.T, f *Failure, want want) {
	t.Helper()
	f.suggest(commands{namespace: "ns"})
	r := f.Remediation
	if f.Cause != terminalCause || string(r.Field) != want.field || r.Values.Secret != want.secret {
		t.Errorf("cause %s, field %q, values %v", f.Cause, r.Field, r.Values)
	}
	var hints []string
	for _, h := range r.Hints {
		hints = append(hints, h.Lines()...)
	}
	if all := strings.Join(hints, "\n"); want.hint == "" && all != "" || !strings.Contains(all, want.hint) {
		t.Errorf("hints are %q, want %q", all, want.hint)
	}
}

// TestFailedPodsAreCounted lists one of the pods that a controller replaces.
func TestFailedPodsAreCounted(t *testing.T) {
	t.Parallel()
	l := readFixture(t, "evicted-by-node")
	r := newTracker().evaluate(gather(l, l.target()), DefaultTimeouts(), time.Now())
	var pods []string
	for _, s := range r.tree {
		if s.Container == "" && s.Depth == 1 {
			pods = append(pods, s.Object)
		}
	}
	if got := strings.Join(pods, " "); got != "pod/recipe-web-5d9c-00004 pod/recipe-web-5d9c-next0" {
		t.Errorf("lists %s", got)
	}
}

// TestEvidenceIsWhatWasNotSaid leaves out the events that say the cause once more.
func TestEvidenceIsWhatWasNotSaid(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"pull-secret-missing": "FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (pull); attempting to pull the image may not succeed.",
		"startup-probe-kills": "",
	} {
		l := readFixture(t, name)
		r := newTracker().evaluate(gather(l, l.target()), DefaultTimeouts(), time.Now())
		if got := strings.Join(warnings(l.events("p1"), r.failed.Message), "; "); got != want {
			t.Errorf("%s: got %s", name, got)
		}
	}
}
