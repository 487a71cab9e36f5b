package rollout

import (
	"strings"
	"testing"
	"time"
)

const driverTooOld = `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error running prestart hook #0: exit status 1, stdout: , stderr: Auto-detected mode as 'legacy' nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.8, please update your driver to a newer version, or use an earlier cuda container`

// words are messages as they are seen in clusters, and what they mean when they
// are no news any more. Those that a node of the tests can say are fixtures.
var words = []struct {
	on      origin
	reason  string
	message string
	want    outcome
	kind    kind
}{
	// A registry in trouble, whatever else its message names.
	{onContainer, "ErrImagePull", `failed to pull and unpack image "r.example/a:1": failed to resolve reference "r.example/a:1": failed to do request: Head "https://r.example/v2/a/manifests/1": dial tcp: lookup r.example on 10.96.0.10:53: no such host`, transient, kindImage},
	{onContainer, "ErrImagePull", `failed to copy: httpReadSeeker: failed open: unexpected status code https://r.example/v2/a/blobs/sha256:0: 503 Service Unavailable`, transient, kindImage},
	{onContainer, "ImagePullBackOff", `Back-off pulling image "a:1": ErrImagePull: toomanyrequests: You have reached your unauthenticated pull rate limit.`, transient, kindRateLimit},
	{onContainer, "ErrImagePull", `failed to do request: Get "https://r.example/v2/": net/http: TLS handshake timeout`, transient, kindImage},
	{onContainer, "ErrImagePull", `unexpected status from HEAD request to https://r.example/v2/a/manifests/1: 429 Too Many Requests`, transient, kindRateLimit},
	// The disk of the node is full.
	{onContainer, "ErrImagePull", `failed to pull and unpack image "r.example/a:1": failed to extract layer sha256:0: write /var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/1/fs/model: no space left on device`, transient, kindNodeDisk},
	// A registry that refuses, or has not got it.
	{onContainer, "ErrImagePull", `pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`, terminal, kindCredentials},
	{onContainer, "ErrImagePull", `failed to fetch anonymous token: unexpected status from GET request to https://r.example/token: 403 Forbidden`, terminal, kindCredentials},
	{onContainer, "ErrImagePull", `failed to do request: Head "https://r.example/v2/a/manifests/1": tls: failed to verify certificate: x509: certificate signed by unknown authority`, terminal, kindImage},
	{onContainer, "ErrImagePull", `failed to do request: Head "https://r.example:5000/v2/a/manifests/1": http: server gave HTTP response to HTTPS client`, terminal, kindImage},
	{onContainer, "ErrImagePull", `no match for platform in manifest: not found`, terminal, kindImage},
	{onContainer, "ErrImagePull", `Error response from registry: manifest unknown`, terminal, kindImage},

	// A program that is not in the image, of runc old and new and of crun.
	{onCrash, "StartError", `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "serve": executable file not found in $PATH`, terminal, kindCommand},
	{onCrash, "StartError", `OCI runtime create failed: runc create failed: unable to start container process: exec: "/srv/run.sh": permission denied: unknown`, terminal, kindCommand},
	{onCrash, "StartError", `OCI runtime create failed: runc create failed: unable to start container process: exec: "/srv": is a directory: unknown`, terminal, kindCommand},
	{onContainer, "RunContainerError", `OCI runtime create failed: container_linux.go:380: starting container process caused: exec: "/srv/run": stat /srv/run: no such file or directory: unknown`, terminal, kindCommand},
	{onContainer, "CreateContainerError", "container create failed: executable file `serve` not found in $PATH: No such file or directory", terminal, kindCommand},
	{onCrash, "StartError", `exec /srv/run: exec format error`, terminal, kindCommand},
	// What the node lacks: a driver, a device, a mount, the runtime itself.
	{onCrash, "StartError", `unable to start container process: error during container init: error running prestart hook #0: exit status 1, stdout: , stderr: Auto-detected mode as 'legacy' nvidia-container-cli: initialization error: load library failed: libnvidia-ml.so.1: cannot open shared object file: no such file or directory`, transient, kindCrash},
	{onCrash, "StartError", driverTooOld, transient, kindDriver},
	{onContainer, "RunContainerError", driverTooOld, transient, kindDriver},
	{onContainer, "RunContainerError", `failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error mounting "/dev/nvidia0" to rootfs at "/dev/nvidia0": no such file or directory`, transient, ""},
	{onContainer, "CreateContainerError", `failed to generate container spec: open /run/flannel/subnet.env: permission denied`, transient, ""},
	{onContainer, "RunContainerError", `failed to create containerd task: failed to create shim task: exec: "runc": executable file not found in $PATH`, transient, kindNode},
	{onContainer, "CreateContainerError", `failed to reserve container name "main_web_default": name is reserved`, transient, ""},

	// A claim that nobody makes, and one that is being unmade.
	{onPod, "Unschedulable", `0/3 nodes are available: persistentvolumeclaim "models" not found. preemption: 0/3 nodes are available`, terminal, kindVolume},
	{onPod, "Unschedulable", `persistentvolumeclaim "models" is being deleted`, transient, kindVolume},
	{onPod, "Unschedulable", `0/3 nodes are available: waiting for ephemeral volume controller to create the persistentvolumeclaim "web-scratch".`, progressing, kindVolume},
	{onPod, "FailedMount", `MountVolume.SetUp failed for volume "v" : object "ns"/"api" not registered`, transient, kindVolume},
	{onPod, "FailedMount", `MountVolume.SetUp failed for volume "v" : rpc error: code = Unavailable desc = connection error: no such file or directory`, transient, kindVolume},
	// A class that is not there, and a provisioner's troubles with one that is.
	{onClaim, "ProvisioningFailed", `storageclass.storage.k8s.io "fast" not found`, terminal, kindVolume},
	{onClaim, "ProvisioningFailed", `failed to provision volume with StorageClass "fast": rpc error: code = DeadlineExceeded desc = context deadline exceeded`, transient, kindVolume},
	{onClaim, "ProvisioningFailed", `failed to provision volume with StorageClass "fast": error getting CSI driver name`, transient, kindVolume},

	// A quota without room, and one that is not counted yet.
	{onWorkload, "FailedCreate", `pods "web-1" is forbidden: exceeded quota: gpus, requested: requests.nvidia.com/gpu=8, used: requests.nvidia.com/gpu=4, limited: requests.nvidia.com/gpu=8`, terminal, kindQuota},
	{onWorkload, "FailedCreate", `pods "web-1" is forbidden: status unknown for quota: gpus, resources: requests.nvidia.com/gpu`, transient, kindQuota},
	{onWorkload, "FailedCreate", `pods "web-1" is forbidden: failed quota: gpus: must specify limits.cpu for: main`, terminal, kindQuota},
	{onWorkload, "FailedCreate", `pods "web-1" is forbidden: error looking up service account ns/default: serviceaccount "default" not found`, terminal, kindPolicy},
	{onWorkload, "FailedCreate", `pods is forbidden: User "system:serviceaccount:kube-system:replicaset-controller" cannot create resource "pods" in API group "" in the namespace "ns"`, transient, kindPolicy},
	{onWorkload, "FailedCreate", `admission webhook "validate.kyverno.svc-fail" denied the request: resource Pod/ns/web was blocked`, terminal, kindPolicy},
	{onWorkload, "FailedCreate", `Internal error occurred: failed calling webhook "validate.kyverno.svc-fail": failed to call webhook: Post "https://kyverno-svc.kyverno.svc:443/validate": no endpoints available for service "kyverno-svc"`, transient, kindPolicy},
	{onWorkload, "FailedCreate", `the server was unable to return a response in the time allotted, but may still be processing the request`, transient, kindPolicy},

	// More than one flavor of a queue has, and more than there is now.
	{onQueue, "Pending", `couldn't assign flavors to pod set main: insufficient quota for nvidia.com/gpu in flavor h100, previously considered podsets requests (0) + current podset request (16) > maximum capacity (8)`, progressing, kindQueue},
	{onQueue, "Pending", `couldn't assign flavors to pod set main: insufficient unused quota for cpu in flavor default, 2 more needed`, progressing, kindQueue},
	{onQueue, "Inadmissible", `LocalQueue team doesn't exist`, terminal, kindQueue},
}

// TestWords classifies each message after ten times and ten minutes: what is
// transient then ends nothing.
func TestWords(t *testing.T) {
	t.Parallel()
	for _, w := range words {
		c, got := classify(symptom{source: w.on, reason: w.reason, message: w.message, exit: 128, count: 10, age: 10 * time.Minute})
		if w.kind == kindCrash { // tried anew until it has failed three times
			_, got = classify(symptom{source: w.on, reason: w.reason, message: w.message, exit: 128, count: 1, age: 10 * time.Minute})
		}
		if got != w.want || c.kind != w.kind {
			t.Errorf("%s: %s: verdict %d of kind %q, want %d of %q", w.reason, w.message, got, c.kind, w.want, w.kind)
		}
	}
}

// TestNothingIsDefinitiveAtFirstSight that others may mend within seconds.
func TestNothingIsDefinitiveAtFirstSight(t *testing.T) {
	t.Parallel()
	for _, w := range words {
		if w.want != terminal || w.kind == kindCommand {
			continue
		}
		if _, got := classify(symptom{source: w.on, reason: w.reason, message: w.message, count: 1}); got != transient {
			t.Errorf("%s: %s: verdict %d", w.reason, w.message, got)
		}
	}
	if _, got := classify(symptom{source: onContainer, reason: "Unheard", message: strings.Repeat("not found ", 9), count: 99, age: time.Hour}); got != transient {
		t.Errorf("the unknown: verdict %d", got)
	}
}
