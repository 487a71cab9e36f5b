package rollout

import (
	"slices"
	"strings"
	"time"
)

// verdict is what a symptom means for the rollout.
type verdict int

const (
	waits      verdict = iota // nothing is wrong: it takes its time
	transient                 // may mend by itself; only a budget ends it
	definitive                // won't mend: the rollout has failed
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
	on      source
	reason  string
	message string
	exit    int32         // of a crash
	count   int           // how often it happened, as far as is known
	age     time.Duration // since it was first seen
}

// cause is a row of the table: which symptoms have it, and what it means.
type cause struct {
	on       source
	reasons  []string // any of them; none: any reason
	words    []string // any of them is in the message, in lower case; none: any message
	verdict  verdict
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
	grace       = 3 * time.Second  // a Secret beside the deploy
	makersGrace = 15 * time.Second // what a controller makes: volumes, queues
	roomGrace   = 30 * time.Second // room in a quota, while pods of others end
)

// The kubelet's reasons for an image that does not come, and for a container
// that is made and does not start.
var (
	pulls      = []string{"ErrImagePull", "ImagePullBackOff"}
	notStarted = []string{"CreateContainerError", "RunContainerError", "StartError", "ContainerCannotRun"}
)

// causes is the table: the first row that fits a symptom counts. A symptom that
// no row fits is transient: nothing unknown ends a rollout before its budget.
//
// The words of the kubelet are those of k8s.io/kubernetes 1.37, of which each
// row names the file.
var causes = []cause{
	// A registry or a network in trouble (containerd's and net's words): it may
	// come back at any time, however long it takes. Before the rows of definitive
	// pulls, since a message may quote several hosts.
	{on: onContainer, reasons: pulls, words: []string{
		"connection refused", "connection reset", "i/o timeout", "tls handshake timeout", "deadline exceeded", "unexpected eof",
		"no such host", "server misbehaving", "no route to host", "network is unreachable", "broken pipe", "timed out",
	}, verdict: transient, kind: kindImage},
	// What a registry answers while it is overloaded or restarts.
	{on: onContainer, reasons: pulls, words: []string{
		"toomanyrequests", "too many requests", "500 internal", "502 bad gateway", "503 service unavailable", "504 gateway",
		"status 500", "status 502", "status 503", "status 504", "internal server error", "service unavailable", "bad gateway",
	}, verdict: transient, kind: kindImage},
	// images/image_manager.go: the runtime says that the registry is away.
	{on: onContainer, reasons: []string{"RegistryUnavailable"}, verdict: transient, kind: kindImage},
	// crypto/x509 and net/http: the node does not trust the registry, or takes it for
	// one with TLS. Four times, over a minute: a proxy that restarts shows a
	// certificate of its own.
	{on: onContainer, reasons: pulls, words: []string{
		"x509: certificate signed by unknown authority", "x509: certificate is valid for", "x509: certificate has expired", "http response to https client",
	}, verdict: definitive, count: 4, kind: kindImage},
	// The registry refuses the credentials, or there are none. Twice, since a
	// registry that has just started, and a secret that is synced a moment late,
	// refuse once (krane took it back for that). Docker Hub and others say "denied"
	// and "insufficient_scope" of what does not exist, too.
	{on: onContainer, reasons: pulls, words: []string{
		"401 unauthorized", "unauthorized", "403 forbidden", "no basic auth", "authentication required", "access denied",
		"denied:", "access to the resource is denied", "insufficient_scope", "authorization failed", "invalid username/password", "incorrect username or password",
	}, verdict: definitive, count: 2, kind: kindCredentials},
	// The registry answers, and has no such image, or none for the node's
	// architecture. Twice, for an image that is pushed at the same time.
	{on: onContainer, reasons: pulls, words: []string{
		"not found", "manifest unknown", "name unknown", "manifest_unknown", "name_unknown", "does not exist", "no match for platform", "no matching manifest",
	}, verdict: definitive, count: 2, kind: kindImage},
	// images/image_manager.go: the name can't be parsed.
	{on: onContainer, reasons: []string{"InvalidImageName"}, verdict: definitive, kind: kindImage},
	// images/image_manager.go: imagePullPolicy Never, and the node has no such image.
	{on: onContainer, reasons: []string{"ErrImageNeverPull"}, verdict: definitive, kind: kindImage},
	// images/image_manager.go: the image's signature is not what the node's policy wants.
	{on: onContainer, reasons: []string{"SignatureValidationFailed"}, verdict: definitive, count: 2, kind: kindImage},

	// util/manager/watch_based_manager.go: "failed to sync secret cache: timed out
	// waiting for the condition": the kubelet has not read it yet.
	{on: onContainer, reasons: []string{"CreateContainerConfigError"}, words: []string{"failed to sync", "timed out waiting for the condition"}, verdict: transient, kind: kindSecret},
	// kubelet_pods.go: `secret "x" not found`, `couldn't find key k in Secret ns/x`.
	{on: onContainer, reasons: []string{"CreateContainerConfigError"}, words: []string{`secret "`, "in secret "}, verdict: definitive, age: grace, kind: kindSecret},
	// kubelet_pods.go: the same of a ConfigMap.
	{on: onContainer, reasons: []string{"CreateContainerConfigError"}, words: []string{`configmap "`, "in configmap "}, verdict: definitive, age: grace, kind: kindConfig},
	// kuberuntime/security_context.go: "container has runAsNonRoot and image will
	// run as root", or a user that is no number.
	{on: onContainer, reasons: []string{"CreateContainerConfigError"}, words: []string{"runasnonroot"}, verdict: definitive, kind: kindPolicy},
	// containerd: an image without ENTRYPOINT and CMD, and a recipe without a command.
	{on: onContainer, reasons: []string{"CreateContainerError"}, words: []string{"no command specified"}, verdict: definitive, kind: kindCommand},
	// The runtime's own programs are not on the node.
	{on: onContainer, reasons: notStarted, words: runtimes, verdict: transient, kind: kindNode},
	{on: onCrash, reasons: notStarted, words: runtimes, verdict: transient, kind: kindNode},
	// runc's and crun's words for a program that can't be run: it is not in the
	// image, may not be executed, or is built for another processor.
	{on: onContainer, reasons: notStarted, words: notExecutable, verdict: definitive, kind: kindCommand},
	{on: onCrash, reasons: notStarted, words: notExecutable, verdict: definitive, kind: kindCommand},

	// The kernel killed the container twice for its memory: it will a third time.
	{on: onCrash, reasons: []string{"OOMKilled"}, verdict: definitive, count: 2, kind: kindMemory},
	// A shell's exit codes for a command that is not there, or not executable.
	{on: onCrash, exitCode: 127, verdict: definitive, count: 2, kind: kindCommand},
	{on: onCrash, exitCode: 126, verdict: definitive, count: 2, kind: kindCommand},
	// kuberuntime/kuberuntime_manager.go: killed for its startup or liveness probe,
	// three times over. A model may come from a cache the second time.
	{on: onCrash, words: []string{"failed startup probe", "failed liveness probe"}, verdict: definitive, count: 3, kind: kindProbe},
	// The same exit code three times: the first crashes may be for something
	// that is not there yet, which the third start would find.
	{on: onCrash, verdict: definitive, count: 3, kind: kindCrash},
	// prober/prober.go: a server that loads its model fails its probes until it is done.
	{on: onProbe, verdict: waits, kind: kindProbe},

	// scheduler/framework/plugins/volumebinding: the controller is about to make
	// the claim of an ephemeral volume.
	{on: onPod, reasons: []string{"Unschedulable"}, words: []string{"waiting for ephemeral volume controller"}, verdict: waits, kind: kindVolume},
	// scheduler/framework/plugins/volumebinding: a claim that an undeploy has removed
	// and whose last pod is not gone yet.
	{on: onPod, reasons: []string{"Unschedulable"}, words: []string{"is being deleted"}, verdict: transient, kind: kindVolume},
	// scheduler/framework/plugins/volumebinding: nobody is going to make the claim.
	{on: onPod, reasons: []string{"Unschedulable"}, words: []string{`persistentvolumeclaim "`}, verdict: definitive, age: makersGrace, kind: kindVolume},
	// The scheduler has no room: an autoscaler or the end of other pods may make some.
	{on: onPod, reasons: []string{"Unschedulable"}, verdict: waits, kind: kindScheduling},
	// A gate that its owner, such as Kueue, takes away.
	{on: onPod, reasons: []string{"SchedulingGated"}, verdict: waits, kind: kindQueue},
	// volumemanager: a Secret or ConfigMap that is mounted, and is not there.
	{on: onPod, reasons: []string{"FailedMount"}, words: []string{"failed to sync"}, verdict: transient, kind: kindVolume},
	{on: onPod, reasons: []string{"FailedMount"}, words: []string{`secret "`, "references non-existent secret key"}, verdict: definitive, age: grace, kind: kindSecret},
	{on: onPod, reasons: []string{"FailedMount"}, words: []string{`configmap "`, "references non-existent config key"}, verdict: definitive, age: grace, kind: kindConfig},
	// Anything else about volumes and sandboxes is a node, a network or a storage
	// at work: attached elsewhere still, a plugin not up yet.
	{on: onPod, reasons: heldBy, verdict: transient, kind: kindVolume},
	// kubelet_pods.go: a pull secret is not there. The image may be public, or on
	// the node: the pull decides.
	{on: onPod, reasons: []string{noPullSecret}, verdict: transient, kind: kindCredentials},
	// eviction/helpers.go: evicted because the pod itself uses more disk than it may.
	// The pod that replaces it downloads the same files and is evicted as well.
	{on: onPod, reasons: []string{evicted}, words: ownLimits, verdict: definitive, count: 3, kind: kindDisk},
	// Evicted, NodeLost, OutOfcpu, a node's admission: the controller makes another pod.
	{on: onPod, verdict: transient, kind: kindNode},

	// persistentvolume/pv_controller.go: no StorageClass of that name, or none at all.
	// A provisioner names the class, too, in all it says: failed to provision volume
	// with StorageClass "x".
	{on: onClaim, reasons: []string{"ProvisioningFailed"}, words: []string{`storageclass.storage.k8s.io "`}, verdict: definitive, age: makersGrace, kind: kindVolume},
	{on: onClaim, reasons: []string{"FailedBinding"}, words: []string{"no storage class is set"}, verdict: definitive, age: makersGrace, kind: kindVolume},
	// persistentvolume/pv_controller.go: the volume behind the claim is gone.
	{on: onClaim, reasons: []string{"Lost"}, verdict: definitive, kind: kindVolume},
	// A provisioner tries again.
	{on: onClaim, reasons: []string{"ProvisioningFailed"}, verdict: transient, kind: kindVolume},
	// Provisioning, WaitForFirstConsumer, ExternalProvisioning.
	{on: onClaim, verdict: waits, kind: kindVolume},

	// apiserver: resourcequota's "exceeded quota". Others' pods may be about to end.
	{on: onWorkload, reasons: []string{"FailedCreate"}, words: []string{"exceeded quota", "insufficient quota"}, verdict: definitive, age: roomGrace, kind: kindQuota},
	// apiserver/pkg/endpoints/handlers/responsewriters: a controller may not make
	// pods, in the eyes of an API server that has just started and has not read its
	// roles yet. No recipe takes that right away, and none gives it.
	{on: onWorkload, reasons: []string{"FailedCreate"}, words: []string{`is forbidden: user "`}, verdict: transient, kind: kindPolicy},
	// An admission webhook that is not up yet.
	{on: onWorkload, reasons: []string{"FailedCreate"}, words: []string{"failed calling webhook", "connection refused", "timeout", "etcdserver"}, verdict: transient, kind: kindPolicy},
	// apiserver: resourcequota has not counted yet what a new quota is for.
	{on: onWorkload, reasons: []string{"FailedCreate"}, words: []string{"status unknown for quota"}, verdict: transient, kind: kindQuota},
	// serviceaccount/admission.go: a controller makes the one of a new namespace.
	{on: onWorkload, reasons: []string{"FailedCreate"}, words: []string{"error looking up service account"}, verdict: definitive, age: makersGrace, kind: kindPolicy},
	// apiserver: resourcequota wants each pod to say what it asks for.
	{on: onWorkload, reasons: []string{"FailedCreate"}, words: []string{"must specify"}, verdict: definitive, age: grace, kind: kindQuota},
	// Pod Security, a LimitRange, another admission's refusal, an invalid pod.
	{on: onWorkload, reasons: []string{"FailedCreate"}, words: []string{"forbidden", "denied the request", "is invalid"}, verdict: definitive, age: grace, kind: kindPolicy},
	// The same of older pods that can't be deleted, FailedDelete: the controller
	// tries again.
	{on: onWorkload, verdict: transient, kind: kindPolicy},
	// job/job_controller.go: BackoffLimitExceeded, DeadlineExceeded, PodFailurePolicy.
	{on: onJob, verdict: definitive, kind: kindJob},

	// kueue: a queue that is not there, or is stopped.
	{on: onQueue, reasons: []string{"Inadmissible"}, words: []string{"doesn't exist", "is inactive", "is stopped", "missing"}, verdict: definitive, age: roomGrace, kind: kindQueue},
	// kueue: given up on.
	{on: onQueue, reasons: []string{"Deactivated", "RequeuingLimitExceeded", "MaximumExecutionTimeExceeded"}, verdict: definitive, kind: kindQueue},
	// In the queue: others go first. That a flavor has not the capacity at all, or
	// does not match, does not end it: kueue's scheduler/flavorassigner may go
	// through the flavors of a queue in several rounds, and tells of the last one.
	{on: onQueue, verdict: waits, kind: kindQueue},
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
func classify(s symptom) (cause, verdict) {
	for _, c := range causes {
		if !c.fits(s) {
			continue
		}
		if c.verdict == definitive && (s.count < c.count || s.age < c.age) {
			return c, transient
		}
		return c, c.verdict
	}
	return cause{on: s.on, verdict: transient}, transient
}

func (c cause) fits(s symptom) bool {
	message := strings.ToLower(s.message)
	return c.on == s.on && (c.exitCode == 0 || c.exitCode == s.exit) &&
		(len(c.reasons) == 0 || slices.Contains(c.reasons, s.reason)) &&
		(len(c.words) == 0 || slices.ContainsFunc(c.words, func(w string) bool { return strings.Contains(message, w) }))
}
