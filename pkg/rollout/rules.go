package rollout

import (
	"slices"
	"strings"
	"time"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/signature"
)

// outcome is what a symptom means for the rollout.
type outcome int

const (
	progressing outcome = iota // normal, only slow
	transient                  // may recover; fails only when a timeout expires
	terminal                   // does not recover: the rollout has failed
)

// origin is the kind of object that shows a symptom.
type origin int

const (
	onContainer origin = iota + 1 // a waiting container
	onCrash                       // a crashed container
	onProbe                       // a failing probe
	onPod                         // a pod that the scheduler or its node cannot handle
	onClaim                       // an unbound PersistentVolumeClaim
	onWorkload                    // a workload whose pods cannot be created or deleted
	onJob                         // a failed Job
	onQueue                       // a Job queued by Kueue
)

// symptom is an observed problem, with the reason and message of Kubernetes.
type symptom struct {
	source  origin
	reason  string
	message string
	exit    int32             // of a crash
	count   int               // known occurrences
	age     time.Duration     // since it was first seen
	verdict signature.Verdict // of the log of a crash, "" if it matches no signature
}

// rule is a row of the table: which symptoms it matches and what they mean.
type rule struct {
	source   origin
	reasons  []string // matches any of them; empty: every reason
	words    []string // in lower case; matches if the message contains any; empty: every message
	outcome  outcome
	count    int           // terminal only after this many occurrences,
	age      time.Duration // and after this time, since objects created together may arrive late
	kind     kind
	exitCode int32 // of a crash; 0: every code
}

// kind selects the remediation.
type kind string

const (
	kindImage       kind = "image"
	kindCredentials kind = "credentials"
	kindSecret      kind = "secret"
	kindConfig      kind = "config"
	kindCommand     kind = "command"
	kindCrash       kind = "crash"
	kindMemory      kind = "memory"
	kindProbe       kind = "probe"
	kindScheduling  kind = "scheduling"
	kindVolume      kind = "volume"
	kindQuota       kind = "quota"
	kindPolicy      kind = "policy"
	kindJob         kind = "job"
	kindQueue       kind = "queue"
	kindNode        kind = "node"
	kindDisk        kind = "disk"
	kindNodeDisk    kind = "node-disk"
	kindDriver      kind = "driver"
	kindRateLimit   kind = "rate-limit"
)

// How long terminal rules wait for objects that may be created at the same time.
const (
	grace           = 3 * time.Second  // a Secret created during the deploy
	controllerGrace = 15 * time.Second // objects created by controllers: volumes, queues
	capacityGrace   = 30 * time.Second // quota, while other pods terminate
)

// The kubelet's reasons for failed image pulls and failed container starts.
var (
	pulls      = []string{"ErrImagePull", "ImagePullBackOff"}
	notStarted = []string{"CreateContainerError", "RunContainerError", "StartError", "ContainerCannotRun"}
)

// rules is the table: the first row that matches a symptom applies. A symptom without
// a row is transient, so an unknown message never fails a rollout before its timeout.
//
// The kubelet's messages are from k8s.io/kubernetes 1.37 (pkg/kubelet); each row names
// the file. See https://github.com/kubernetes/kubernetes/tree/master/pkg/kubelet.
var rules = []rule{
	// containerd, when it unpacks a layer: the node may free space, by removing images.
	{source: onContainer, reasons: pulls, words: []string{"no space left on device"}, outcome: transient, kind: kindNodeDisk},
	// Docker Hub and others limit pulls, most of all without a login.
	{source: onContainer, reasons: pulls, words: []string{"toomanyrequests", "too many requests"}, outcome: transient, kind: kindRateLimit},
	// Network errors of containerd and package net: the registry may become reachable
	// at any time. These rows precede the terminal ones because a message may quote
	// several hosts.
	{source: onContainer, reasons: pulls, words: []string{
		"connection refused", "connection reset", "i/o timeout", "tls handshake timeout", "deadline exceeded", "unexpected eof",
		"no such host", "server misbehaving", "no route to host", "network is unreachable", "broken pipe", "timed out",
	}, outcome: transient, kind: kindImage},
	// Responses of a registry that is overloaded or restarting.
	{source: onContainer, reasons: pulls, words: []string{
		"500 internal", "502 bad gateway", "503 service unavailable", "504 gateway",
		"status 500", "status 502", "status 503", "status 504", "internal server error", "service unavailable", "bad gateway",
	}, outcome: transient, kind: kindImage},
	// images/image_manager.go: the runtime reports the registry as unavailable.
	{source: onContainer, reasons: []string{"RegistryUnavailable"}, outcome: transient, kind: kindImage},
	// crypto/x509 and net/http: the node does not trust the registry's certificate, or
	// uses HTTPS for a registry without TLS. Four occurrences take over a minute: a
	// restarting proxy may present its own certificate meanwhile.
	{source: onContainer, reasons: pulls, words: []string{
		"x509: certificate signed by unknown authority", "x509: certificate is valid for", "x509: certificate has expired", "http response to https client",
	}, outcome: terminal, count: 4, kind: kindImage},
	// Rejected or missing credentials. Requires two occurrences: a registry that has
	// just started or a secret that is synced late causes one rejection. Docker Hub
	// and others also answer "denied" and "insufficient_scope" for missing images.
	{source: onContainer, reasons: pulls, words: []string{
		"401 unauthorized", "unauthorized", "403 forbidden", "no basic auth", "authentication required", "access denied",
		"denied:", "access to the resource is denied", "insufficient_scope", "authorization failed", "invalid username/password", "incorrect username or password",
	}, outcome: terminal, count: 2, kind: kindCredentials},
	// The image does not exist, or not for the node's architecture. Requires two
	// occurrences, because the image may be being pushed.
	{source: onContainer, reasons: pulls, words: []string{
		"not found", "manifest unknown", "name unknown", "manifest_unknown", "name_unknown", "does not exist", "no match for platform", "no matching manifest",
	}, outcome: terminal, count: 2, kind: kindImage},
	// images/image_manager.go: the image name is invalid.
	{source: onContainer, reasons: []string{"InvalidImageName"}, outcome: terminal, kind: kindImage},
	// images/image_manager.go: imagePullPolicy is Never and the image is not on the node.
	{source: onContainer, reasons: []string{"ErrImageNeverPull"}, outcome: terminal, kind: kindImage},
	// images/image_manager.go: the image's signature violates the node's policy.
	{source: onContainer, reasons: []string{"SignatureValidationFailed"}, outcome: terminal, count: 2, kind: kindImage},

	// util/manager/watch_based_manager.go: "failed to sync secret cache: timed out
	// waiting for the condition": the kubelet has not read the Secret yet.
	{source: onContainer, reasons: []string{"CreateContainerConfigError"}, words: []string{"failed to sync", "timed out waiting for the condition"}, outcome: transient, kind: kindSecret},
	// kubelet_pods.go: `secret "x" not found`, `couldn't find key k in Secret ns/x`.
	{source: onContainer, reasons: []string{"CreateContainerConfigError"}, words: []string{`secret "`, "in secret "}, outcome: terminal, age: grace, kind: kindSecret},
	// kubelet_pods.go: the same for a ConfigMap.
	{source: onContainer, reasons: []string{"CreateContainerConfigError"}, words: []string{`configmap "`, "in configmap "}, outcome: terminal, age: grace, kind: kindConfig},
	// kuberuntime/security_context.go: "container has runAsNonRoot and image will
	// run as root", or a non-numeric user.
	{source: onContainer, reasons: []string{"CreateContainerConfigError"}, words: []string{"runasnonroot"}, outcome: terminal, kind: kindPolicy},
	// containerd: neither the image nor the recipe has a command.
	{source: onContainer, reasons: []string{"CreateContainerError"}, words: []string{"no command specified"}, outcome: terminal, kind: kindCommand},
	// Programs of the container runtime are missing on the node.
	{source: onContainer, reasons: notStarted, words: runtimes, outcome: transient, kind: kindNode},
	{source: onCrash, reasons: notStarted, words: runtimes, outcome: transient, kind: kindNode},
	// nvidia-container-cli: "requirement error: unsatisfied condition: cuda>=12.8". Another
	// node may have a newer driver.
	{source: onContainer, reasons: notStarted, words: []string{"unsatisfied condition: "}, outcome: transient, kind: kindDriver},
	{source: onCrash, reasons: notStarted, words: []string{"unsatisfied condition: "}, outcome: transient, kind: kindDriver},
	// runc and crun cannot execute the program: it is missing, not executable, or
	// built for another architecture.
	{source: onContainer, reasons: notStarted, words: notExecutable, outcome: terminal, kind: kindCommand},
	{source: onCrash, reasons: notStarted, words: notExecutable, outcome: terminal, kind: kindCommand},

	// Two OOM kills: a third is certain.
	{source: onCrash, reasons: []string{"OOMKilled"}, outcome: terminal, count: 2, kind: kindMemory},
	// Exit codes of shells: 127 is command not found, 126 is not executable.
	{source: onCrash, exitCode: 127, outcome: terminal, count: 2, kind: kindCommand},
	{source: onCrash, exitCode: 126, outcome: terminal, count: 2, kind: kindCommand},
	// kuberuntime/kuberuntime_manager.go: killed three times by its startup or liveness
	// probe. The second start may load the model from a cache.
	{source: onCrash, words: []string{"failed startup probe", "failed liveness probe"}, outcome: terminal, count: 3, kind: kindProbe},
	// Three crashes with the same exit code: the first ones may be caused by a
	// dependency that is not ready yet.
	{source: onCrash, outcome: terminal, count: 3, kind: kindCrash},
	// prober/prober.go: a server fails its probes while it loads its model.
	{source: onProbe, outcome: progressing, kind: kindProbe},

	// scheduler/framework/plugins/volumebinding: the controller has yet to create the
	// claim of an ephemeral volume.
	{source: onPod, reasons: []string{"Unschedulable"}, words: []string{"waiting for ephemeral volume controller"}, outcome: progressing, kind: kindVolume},
	// scheduler/framework/plugins/volumebinding: a claim deleted by an undeploy, whose
	// last pod still exists.
	{source: onPod, reasons: []string{"Unschedulable"}, words: []string{"is being deleted"}, outcome: transient, kind: kindVolume},
	// scheduler/framework/plugins/volumebinding: the claim does not exist.
	{source: onPod, reasons: []string{"Unschedulable"}, words: []string{`persistentvolumeclaim "`}, outcome: terminal, age: controllerGrace, kind: kindVolume},
	// No node fits: an autoscaler or terminating pods may free capacity.
	{source: onPod, reasons: []string{"Unschedulable"}, outcome: progressing, kind: kindScheduling},
	// A scheduling gate, which its owner (such as Kueue) removes.
	{source: onPod, reasons: []string{"SchedulingGated"}, outcome: progressing, kind: kindQueue},
	// volumemanager: a mounted Secret or ConfigMap is missing.
	{source: onPod, reasons: []string{"FailedMount"}, words: []string{"failed to sync"}, outcome: transient, kind: kindVolume},
	{source: onPod, reasons: []string{"FailedMount"}, words: []string{`secret "`, "references non-existent secret key"}, outcome: terminal, age: grace, kind: kindSecret},
	{source: onPod, reasons: []string{"FailedMount"}, words: []string{`configmap "`, "references non-existent config key"}, outcome: terminal, age: grace, kind: kindConfig},
	// Other errors of volumes and sandboxes come from nodes, networks and storage and
	// may pass: a volume attached elsewhere, a plugin that has not started.
	{source: onPod, reasons: blockingEvents, outcome: transient, kind: kindVolume},
	// kubelet_pods.go: a pull secret is missing. The pull may still succeed, because the
	// image may be public or on the node.
	{source: onPod, reasons: []string{noPullSecret}, outcome: transient, kind: kindCredentials},
	// eviction/helpers.go: evicted because the pod itself uses more disk than it may.
	// The pod that replaces it downloads the same files and is evicted as well.
	{source: onPod, reasons: []string{evicted}, words: ownLimits, outcome: terminal, count: 3, kind: kindDisk},
	// Evicted, NodeLost, OutOfcpu, a node's admission: the controller creates another pod.
	{source: onPod, outcome: transient, kind: kindNode},

	// persistentvolume/pv_controller.go: no StorageClass of that name, or none at all.
	// A provisioner's messages also name the class: failed to provision volume with
	// StorageClass "x".
	{source: onClaim, reasons: []string{"ProvisioningFailed"}, words: []string{`storageclass.storage.k8s.io "`}, outcome: terminal, age: controllerGrace, kind: kindVolume},
	{source: onClaim, reasons: []string{"FailedBinding"}, words: []string{"no storage class is set"}, outcome: terminal, age: controllerGrace, kind: kindVolume},
	// persistentvolume/pv_controller.go: the volume of the claim no longer exists.
	{source: onClaim, reasons: []string{"Lost"}, outcome: terminal, kind: kindVolume},
	// A provisioner tries again.
	{source: onClaim, reasons: []string{"ProvisioningFailed"}, outcome: transient, kind: kindVolume},
	// Reasons Provisioning, WaitForFirstConsumer and ExternalProvisioning.
	{source: onClaim, outcome: progressing, kind: kindVolume},

	// apiserver, resourcequota: "exceeded quota". Other pods may be terminating.
	{source: onWorkload, reasons: []string{"FailedCreate"}, words: []string{"exceeded quota", "insufficient quota"}, outcome: terminal, age: capacityGrace, kind: kindQuota},
	// apiserver/pkg/endpoints/handlers/responsewriters: a restarted API server rejects
	// controllers until it has read its roles. Recipes neither grant nor revoke that
	// permission.
	{source: onWorkload, reasons: []string{"FailedCreate"}, words: []string{`is forbidden: user "`}, outcome: transient, kind: kindPolicy},
	// An admission webhook that has not started.
	{source: onWorkload, reasons: []string{"FailedCreate"}, words: []string{"failed calling webhook", "connection refused", "timeout", "etcdserver"}, outcome: transient, kind: kindPolicy},
	// apiserver, resourcequota: the usage of a new quota is not computed yet.
	{source: onWorkload, reasons: []string{"FailedCreate"}, words: []string{"status unknown for quota"}, outcome: transient, kind: kindQuota},
	// serviceaccount/admission.go: a controller creates the ServiceAccount of a new
	// namespace.
	{source: onWorkload, reasons: []string{"FailedCreate"}, words: []string{"error looking up service account"}, outcome: terminal, age: controllerGrace, kind: kindPolicy},
	// apiserver, resourcequota: pods must specify the limited resources.
	{source: onWorkload, reasons: []string{"FailedCreate"}, words: []string{"must specify"}, outcome: terminal, age: grace, kind: kindQuota},
	// Rejected by Pod Security, a LimitRange or another admission plugin, or invalid.
	{source: onWorkload, reasons: []string{"FailedCreate"}, words: []string{"forbidden", "denied the request", "is invalid"}, outcome: terminal, age: grace, kind: kindPolicy},
	// FailedDelete: the controller retries the deletion of older pods.
	{source: onWorkload, outcome: transient, kind: kindPolicy},
	// job/job_controller.go: BackoffLimitExceeded, DeadlineExceeded, PodFailurePolicy.
	{source: onJob, outcome: terminal, kind: kindJob},

	// Kueue: the queue does not exist or is stopped.
	{source: onQueue, reasons: []string{"Inadmissible"}, words: []string{"doesn't exist", "is inactive", "is stopped", "missing"}, outcome: terminal, age: capacityGrace, kind: kindQueue},
	// Kueue: the Workload was deactivated.
	{source: onQueue, reasons: []string{"Deactivated", "RequeuingLimitExceeded", "MaximumExecutionTimeExceeded"}, outcome: terminal, kind: kindQueue},
	// Waiting in the queue. A flavor without capacity or a match is not terminal:
	// Kueue's scheduler/flavorassigner may try the flavors of a queue in several
	// rounds and reports only the last one.
	{source: onQueue, outcome: progressing, kind: kindQueue},
}

// notExecutable lists messages of runc and crun about the program of a container.
// The kernel's "no such file or directory" and "permission denied" do not suffice:
// they also occur for mounts, devices and GPU driver libraries.
var notExecutable = []string{`exec: "`, "executable file", "exec format error", "open executable", "exec container process"}

// runtimes lists the same messages about programs of the runtime itself.
var runtimes = []string{`exec: "runc"`, `exec: "crun"`, `exec: "containerd-shim`, `exec: "nvidia-container`}

// evicted is the reason of pods that their kubelet evicted.
const evicted = "Evicted"

// ownLimits lists messages of evictions for a limit of the pod, as opposed to node
// pressure. See https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction.
var ownLimits = []string{"exceeds the total limit of containers", "exceeded its local ephemeral storage limit", "usage of emptydir volume"}

// classify returns the rule that matches a symptom, and the current outcome: a
// terminal rule is transient until the symptom has its count and age. The log of a crash
// may prove at once that every restart fails.
func classify(s symptom) (rule, outcome) {
	for _, r := range rules {
		if !r.matches(s) {
			continue
		}
		if s.verdict == signature.Terminal {
			return r, terminal
		}
		if r.outcome == terminal && (s.count < r.count || s.age < r.age) {
			return r, transient
		}
		return r, r.outcome
	}
	return rule{source: s.source, outcome: transient}, transient
}

// matches reports whether the rule applies to a symptom.
func (r rule) matches(s symptom) bool {
	message := strings.ToLower(s.message)
	return r.source == s.source && (r.exitCode == 0 || r.exitCode == s.exit) &&
		(len(r.reasons) == 0 || slices.Contains(r.reasons, s.reason)) &&
		(len(r.words) == 0 || slices.ContainsFunc(r.words, func(w string) bool { return strings.Contains(message, w) }))
}
