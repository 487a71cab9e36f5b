package rollout

import (
	"slices"
	"strings"
	"time"
)

// outcome is what a symptom means for the rollout.
type outcome int

const (
	progressing outcome = iota // nothing is wrong: it takes its time
	transient                  // may mend by itself; only a budget ends it
	terminal                   // won't mend: the rollout has failed
)

// source is where a symptom was seen.
type source int

const (
	onContainer source = iota + 1 // a container waits
	onCrash                       // a container has ended badly
	onProbe                       // a probe fails
	onPod                         // the scheduler or a node has trouble with the pod
	onClaim                       // a volume does not come about
	onWorkload                    // a controller can't make pods, or take them away
	onJob                         // a Job has given up
	onQueue                       // Kueue holds a Job
)

// symptom is what was seen, in Kubernetes' words.
type symptom struct {
	source  source
	reason  string
	message string
	exit    int32         // of a crash
	count   int           // how often it happened, as far as is known
	age     time.Duration // since it was first seen
}

// rule is a row of the table: which symptoms have it, and what it means.
type rule struct {
	source   source
	reasons  []string // any of them; none: any reason
	words    []string // any of them is in the message, in lower case; none: any message
	outcome  outcome
	count    int           // definitive only after so many times,
	age      time.Duration // and after so long: what is made at the same moment may be late
	kind     kind
	exitCode int32 // of a crash; 0: any
}

// kind is what is to be mended, for the advice.
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
)

// A cause that is definitive waits so long for what may be made at the same time.
const (
	grace           = 3 * time.Second  // a Secret beside the deploy
	controllerGrace = 15 * time.Second // what a controller makes: volumes, queues
	capacityGrace   = 30 * time.Second // room in a quota, while pods of others end
)

// The kubelet's reasons for an image that does not come, and for a container
// that is made and does not start.
var (
	pulls      = []string{"ErrImagePull", "ImagePullBackOff"}
	notStarted = []string{"CreateContainerError", "RunContainerError", "StartError", "ContainerCannotRun"}
)

// rules is the table: the first row that fits a symptom counts. A symptom that
// no row fits is transient: nothing unknown ends a rollout before its budget.
//
// The words of the kubelet are those of k8s.io/kubernetes 1.37, of which each
// row names the file.
var rules = []rule{
	// A registry or a network in trouble (containerd's and net's words): it may
	// come back at any time, however long it takes. Before the rows of definitive
	// pulls, since a message may quote several hosts.
	{source: onContainer, reasons: pulls, words: []string{
		"connection refused", "connection reset", "i/o timeout", "tls handshake timeout", "deadline exceeded", "unexpected eof",
		"no such host", "server misbehaving", "no route to host", "network is unreachable", "broken pipe", "timed out",
	}, outcome: transient, kind: kindImage},
	// What a registry answers while it is overloaded or restarts.
	{source: onContainer, reasons: pulls, words: []string{
		"toomanyrequests", "too many requests", "500 internal", "502 bad gateway", "503 service unavailable", "504 gateway",
		"status 500", "status 502", "status 503", "status 504", "internal server error", "service unavailable", "bad gateway",
	}, outcome: transient, kind: kindImage},
	// images/image_manager.go: the runtime says that the registry is away.
	{source: onContainer, reasons: []string{"RegistryUnavailable"}, outcome: transient, kind: kindImage},
	// crypto/x509 and net/http: the node does not trust the registry, or takes it for
	// one with TLS. Four times, over a minute: a proxy that restarts shows a
	// certificate of its own.
	{source: onContainer, reasons: pulls, words: []string{
		"x509: certificate signed by unknown authority", "x509: certificate is valid for", "x509: certificate has expired", "http response to https client",
	}, outcome: terminal, count: 4, kind: kindImage},
	// The registry refuses the credentials, or there are none. Twice, since a
	// registry that has just started, and a secret that is synced a moment late,
	// refuse once (krane took it back for that). Docker Hub and others say "denied"
	// and "insufficient_scope" of what does not exist, too.
	{source: onContainer, reasons: pulls, words: []string{
		"401 unauthorized", "unauthorized", "403 forbidden", "no basic auth", "authentication required", "access denied",
		"denied:", "access to the resource is denied", "insufficient_scope", "authorization failed", "invalid username/password", "incorrect username or password",
	}, outcome: terminal, count: 2, kind: kindCredentials},
	// The registry answers, and has no such image, or none for the node's
	// architecture. Twice, for an image that is pushed at the same time.
	{source: onContainer, reasons: pulls, words: []string{
		"not found", "manifest unknown", "name unknown", "manifest_unknown", "name_unknown", "does not exist", "no match for platform", "no matching manifest",
	}, outcome: terminal, count: 2, kind: kindImage},
	// images/image_manager.go: the name can't be parsed.
	{source: onContainer, reasons: []string{"InvalidImageName"}, outcome: terminal, kind: kindImage},
	// images/image_manager.go: imagePullPolicy Never, and the node has no such image.
	{source: onContainer, reasons: []string{"ErrImageNeverPull"}, outcome: terminal, kind: kindImage},
	// images/image_manager.go: the image's signature is not what the node's policy wants.
	{source: onContainer, reasons: []string{"SignatureValidationFailed"}, outcome: terminal, count: 2, kind: kindImage},

	// util/manager/watch_based_manager.go: "failed to sync secret cache: timed out
	// waiting for the condition": the kubelet has not read it yet.
	{source: onContainer, reasons: []string{"CreateContainerConfigError"}, words: []string{"failed to sync", "timed out waiting for the condition"}, outcome: transient, kind: kindSecret},
	// kubelet_pods.go: `secret "x" not found`, `couldn't find key k in Secret ns/x`.
	{source: onContainer, reasons: []string{"CreateContainerConfigError"}, words: []string{`secret "`, "in secret "}, outcome: terminal, age: grace, kind: kindSecret},
	// kubelet_pods.go: the same of a ConfigMap.
	{source: onContainer, reasons: []string{"CreateContainerConfigError"}, words: []string{`configmap "`, "in configmap "}, outcome: terminal, age: grace, kind: kindConfig},
	// kuberuntime/security_context.go: "container has runAsNonRoot and image will
	// run as root", or a user that is no number.
	{source: onContainer, reasons: []string{"CreateContainerConfigError"}, words: []string{"runasnonroot"}, outcome: terminal, kind: kindPolicy},
	// containerd: an image without ENTRYPOINT and CMD, and a recipe without a command.
	{source: onContainer, reasons: []string{"CreateContainerError"}, words: []string{"no command specified"}, outcome: terminal, kind: kindCommand},
	// The runtime's own programs are not on the node.
	{source: onContainer, reasons: notStarted, words: runtimes, outcome: transient, kind: kindNode},
	{source: onCrash, reasons: notStarted, words: runtimes, outcome: transient, kind: kindNode},
	// runc's and crun's words for a program that can't be run: it is not in the
	// image, may not be executed, or is built for another processor.
	{source: onContainer, reasons: notStarted, words: notExecutable, outcome: terminal, kind: kindCommand},
	{source: onCrash, reasons: notStarted, words: notExecutable, outcome: terminal, kind: kindCommand},

	// The kernel killed the container twice for its memory: it will a third time.
	{source: onCrash, reasons: []string{"OOMKilled"}, outcome: terminal, count: 2, kind: kindMemory},
	// A shell's exit codes for a command that is not there, or not executable.
	{source: onCrash, exitCode: 127, outcome: terminal, count: 2, kind: kindCommand},
	{source: onCrash, exitCode: 126, outcome: terminal, count: 2, kind: kindCommand},
	// kuberuntime/kuberuntime_manager.go: killed for its startup or liveness probe,
	// three times over. A model may come from a cache the second time.
	{source: onCrash, words: []string{"failed startup probe", "failed liveness probe"}, outcome: terminal, count: 3, kind: kindProbe},
	// The same exit code three times: the first crashes may be for something
	// that is not there yet, which the third start would find.
	{source: onCrash, outcome: terminal, count: 3, kind: kindCrash},
	// prober/prober.go: a server that loads its model fails its probes until it is done.
	{source: onProbe, outcome: progressing, kind: kindProbe},

	// scheduler/framework/plugins/volumebinding: the controller is about to make
	// the claim of an ephemeral volume.
	{source: onPod, reasons: []string{"Unschedulable"}, words: []string{"waiting for ephemeral volume controller"}, outcome: progressing, kind: kindVolume},
	// scheduler/framework/plugins/volumebinding: a claim that an undeploy has removed
	// and whose last pod is not gone yet.
	{source: onPod, reasons: []string{"Unschedulable"}, words: []string{"is being deleted"}, outcome: transient, kind: kindVolume},
	// scheduler/framework/plugins/volumebinding: nobody is going to make the claim.
	{source: onPod, reasons: []string{"Unschedulable"}, words: []string{`persistentvolumeclaim "`}, outcome: terminal, age: controllerGrace, kind: kindVolume},
	// The scheduler has no room: an autoscaler or the end of other pods may make some.
	{source: onPod, reasons: []string{"Unschedulable"}, outcome: progressing, kind: kindScheduling},
	// A gate that its owner, such as Kueue, takes away.
	{source: onPod, reasons: []string{"SchedulingGated"}, outcome: progressing, kind: kindQueue},
	// volumemanager: a Secret or ConfigMap that is mounted, and is not there.
	{source: onPod, reasons: []string{"FailedMount"}, words: []string{"failed to sync"}, outcome: transient, kind: kindVolume},
	{source: onPod, reasons: []string{"FailedMount"}, words: []string{`secret "`, "references non-existent secret key"}, outcome: terminal, age: grace, kind: kindSecret},
	{source: onPod, reasons: []string{"FailedMount"}, words: []string{`configmap "`, "references non-existent config key"}, outcome: terminal, age: grace, kind: kindConfig},
	// Anything else about volumes and sandboxes is a node, a network or a storage
	// at work: attached elsewhere still, a plugin not up yet.
	{source: onPod, reasons: blockingEvents, outcome: transient, kind: kindVolume},
	// kubelet_pods.go: a pull secret is not there. The image may be public, or on
	// the node: the pull decides.
	{source: onPod, reasons: []string{noPullSecret}, outcome: transient, kind: kindCredentials},
	// eviction/helpers.go: evicted because the pod itself uses more disk than it may.
	// The pod that replaces it downloads the same files and is evicted as well.
	{source: onPod, reasons: []string{evicted}, words: ownLimits, outcome: terminal, count: 3, kind: kindDisk},
	// Evicted, NodeLost, OutOfcpu, a node's admission: the controller makes another pod.
	{source: onPod, outcome: transient, kind: kindNode},

	// persistentvolume/pv_controller.go: no StorageClass of that name, or none at all.
	// A provisioner names the class, too, in all it says: failed to provision volume
	// with StorageClass "x".
	{source: onClaim, reasons: []string{"ProvisioningFailed"}, words: []string{`storageclass.storage.k8s.io "`}, outcome: terminal, age: controllerGrace, kind: kindVolume},
	{source: onClaim, reasons: []string{"FailedBinding"}, words: []string{"no storage class is set"}, outcome: terminal, age: controllerGrace, kind: kindVolume},
	// persistentvolume/pv_controller.go: the volume behind the claim is gone.
	{source: onClaim, reasons: []string{"Lost"}, outcome: terminal, kind: kindVolume},
	// A provisioner tries again.
	{source: onClaim, reasons: []string{"ProvisioningFailed"}, outcome: transient, kind: kindVolume},
	// Provisioning, WaitForFirstConsumer, ExternalProvisioning.
	{source: onClaim, outcome: progressing, kind: kindVolume},

	// apiserver: resourcequota's "exceeded quota". Others' pods may be about to end.
	{source: onWorkload, reasons: []string{"FailedCreate"}, words: []string{"exceeded quota", "insufficient quota"}, outcome: terminal, age: capacityGrace, kind: kindQuota},
	// apiserver/pkg/endpoints/handlers/responsewriters: a controller may not make
	// pods, in the eyes of an API server that has just started and has not read its
	// roles yet. No recipe takes that right away, and none gives it.
	{source: onWorkload, reasons: []string{"FailedCreate"}, words: []string{`is forbidden: user "`}, outcome: transient, kind: kindPolicy},
	// An admission webhook that is not up yet.
	{source: onWorkload, reasons: []string{"FailedCreate"}, words: []string{"failed calling webhook", "connection refused", "timeout", "etcdserver"}, outcome: transient, kind: kindPolicy},
	// apiserver: resourcequota has not counted yet what a new quota is for.
	{source: onWorkload, reasons: []string{"FailedCreate"}, words: []string{"status unknown for quota"}, outcome: transient, kind: kindQuota},
	// serviceaccount/admission.go: a controller makes the one of a new namespace.
	{source: onWorkload, reasons: []string{"FailedCreate"}, words: []string{"error looking up service account"}, outcome: terminal, age: controllerGrace, kind: kindPolicy},
	// apiserver: resourcequota wants each pod to say what it asks for.
	{source: onWorkload, reasons: []string{"FailedCreate"}, words: []string{"must specify"}, outcome: terminal, age: grace, kind: kindQuota},
	// Pod Security, a LimitRange, another admission's refusal, an invalid pod.
	{source: onWorkload, reasons: []string{"FailedCreate"}, words: []string{"forbidden", "denied the request", "is invalid"}, outcome: terminal, age: grace, kind: kindPolicy},
	// The same of older pods that can't be deleted, FailedDelete: the controller
	// tries again.
	{source: onWorkload, outcome: transient, kind: kindPolicy},
	// job/job_controller.go: BackoffLimitExceeded, DeadlineExceeded, PodFailurePolicy.
	{source: onJob, outcome: terminal, kind: kindJob},

	// kueue: a queue that is not there, or is stopped.
	{source: onQueue, reasons: []string{"Inadmissible"}, words: []string{"doesn't exist", "is inactive", "is stopped", "missing"}, outcome: terminal, age: capacityGrace, kind: kindQueue},
	// kueue: given up on.
	{source: onQueue, reasons: []string{"Deactivated", "RequeuingLimitExceeded", "MaximumExecutionTimeExceeded"}, outcome: terminal, kind: kindQueue},
	// In the queue: others go first. That a flavor has not the capacity at all, or
	// does not match, does not end it: kueue's scheduler/flavorassigner may go
	// through the flavors of a queue in several rounds, and tells of the last one.
	{source: onQueue, outcome: progressing, kind: kindQueue},
}

// notExecutable are the words of runc and crun about the program of a container.
// The kernel's alone, "no such file or directory" and "permission denied", are
// also said of mounts, devices and the libraries of a GPU's driver.
var notExecutable = []string{`exec: "`, "executable file", "exec format error", "open executable", "exec container process"}

// runtimes are those words about a program of the runtime's own.
var runtimes = []string{`exec: "runc"`, `exec: "crun"`, `exec: "containerd-shim`, `exec: "nvidia-container`}

// evicted is the reason of a pod that its kubelet has ended.
const evicted = "Evicted"

// ownLimits are the words of an eviction for a limit of the pod itself, not for
// what its node is short of.
var ownLimits = []string{"exceeds the total limit of containers", "exceeded its local ephemeral storage limit", "usage of emptydir volume"}

// classify returns the cause of a symptom, and what it means now: what is
// definitive only later is transient until then.
func classify(s symptom) (rule, outcome) {
	for _, r := range rules {
		if !r.matches(s) {
			continue
		}
		if r.outcome == terminal && (s.count < r.count || s.age < r.age) {
			return r, transient
		}
		return r, r.outcome
	}
	return rule{source: s.source, outcome: transient}, transient
}

func (r rule) matches(s symptom) bool {
	message := strings.ToLower(s.message)
	return r.source == s.source && (r.exitCode == 0 || r.exitCode == s.exit) &&
		(len(r.reasons) == 0 || slices.Contains(r.reasons, s.reason)) &&
		(len(r.words) == 0 || slices.ContainsFunc(r.words, func(w string) bool { return strings.Contains(message, w) }))
}
