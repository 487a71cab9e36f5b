package rollout

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/distribution/reference"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
)

// Remediation says what to fix, and how.
type Remediation struct {
	// Field is the Kubernetes field that caused the failure, or "" if no field is the
	// cause.
	Field  field.Path  `json:"field,omitempty"`
	Values Values      `json:"values,omitzero"`
	Hints  []hint.Hint `json:"hints,omitempty"`
}

// Values identify the entry of a field, such as one variable of env. Those that do
// not apply are "".
type Values struct {
	ConfigMap string `json:"configMap,omitempty"` // name
	Image     string `json:"image,omitempty"`
	Key       string `json:"key,omitempty"` // in the Secret
	Memory    string `json:"memory,omitempty"`
	Secret    string `json:"secret,omitempty"` // name
}

// The kubelet's messages about missing objects and keys. See makeEnvironmentVariables
// in https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kubelet_pods.go.
var (
	missingObject = regexp.MustCompile(`(?i)(?:secret|configmap) "([^"]+)" not found`)
	missingKey    = regexp.MustCompile(`couldn't find key (\S+) in (?:Secret|ConfigMap) [^/]+/(\S+)`)
)

// commands builds commands for a namespace of the cluster that the flags select.
type commands struct {
	flags     []string
	namespace string
}

// kubectl returns a command on objects of the namespace.
func (c commands) kubectl(args ...string) hint.Command {
	return c.anywhere("-n", c.namespace).With(args...)
}

// anywhere returns a command on cluster-scoped objects.
func (c commands) anywhere(args ...string) hint.Command {
	return hint.Kubectl(c.flags...).With(args...)
}

// blueprint returns a command of this plugin, with subcommands before flags.
func (c commands) blueprint(subcommand string, args ...string) hint.Command {
	return hint.Blueprint(strings.Fields(subcommand)...).With(c.flags...).With("-n", c.namespace).With(args...)
}

// apply returns the command that applies a secrets payload from standard input.
func (c commands) apply() hint.Command { return c.blueprint("secrets apply", "-f", "-") }

// suggest sets the remediation of a failure. It does not suggest to fix the recipe and
// deploy it again, which helps with every failure.
func (f *Failure) suggest(run commands) {
	rule, _ := classify(f.symptom)
	r := &f.Remediation
	container := f.container()
	if f.match != nil {
		f.suggestFix(run)
		return
	}
	if rule.kind == kindJob || rule.kind == "" && f.Container != "" {
		rule.kind = kindCrash
	}
	switch rule.kind {
	case kindImage:
		r.Field, r.Values.Image = f.mainField(field.Image), container.Image
	case kindCredentials:
		f.suggestCredentials(run, container.Image)
	case kindSecret, kindConfig:
		f.suggestReference(run, rule.kind)
	case kindCommand:
		r.Field, r.Values.Image = f.mainField(field.Command), container.Image
	case kindMemory:
		r.Field, r.Values.Memory = f.mainField(field.Memory), container.Resources.Limits.Memory().String()
		f.suggestLogs(run)
	case kindProbe:
		r.Field = f.mainField(probeField(f.symptom.message))
		f.suggestLogs(run)
	case kindCrash:
		f.suggestLogs(run)
	case kindScheduling:
		r.Field = resourceField(f.symptom.message)
		r.suggest("list the resources of the nodes", run.anywhere("get", "nodes", "-o", `custom-columns=NAME:.metadata.name,CPU:.status.allocatable.cpu,MEMORY:.status.allocatable.memory,NVIDIA:.status.allocatable.nvidia\.com/gpu,AMD:.status.allocatable.amd\.com/gpu`))
	case kindDisk:
		r.Field = f.diskField()
	case kindNodeDisk:
		r.suggest("free disk space on the node, or use another node", run.anywhere("describe", "node", f.Node))
	case kindDriver:
		r.Field, r.Values.Image = f.mainField(field.Image), container.Image
		r.suggest("use an image for an older CUDA version, or a node with a newer driver", run.anywhere("describe", "node", f.Node))
	case kindRateLimit:
		f.suggestLogin(run, container.Image)
	case kindVolume:
		r.Field = field.Claim
		r.suggest("list the StorageClasses", run.anywhere("get", "storageclasses"))
		r.suggest("list the PersistentVolumeClaims", run.kubectl("get", "pvc"))
	case kindQuota:
		r.Field = resourceField(f.symptom.message)
		r.suggest("show the quotas and their usage", run.kubectl("describe", "resourcequota"))
	case kindPolicy:
		f.suggestPolicy(run)
	case kindQueue:
		r.Field = field.QueueName
		r.suggest("list the ClusterQueues", run.anywhere("get", "clusterqueues"))
		r.suggest("list the LocalQueues", run.kubectl("get", "localqueues"))
	}
}

func (r *Remediation) suggest(text string, command hint.Command) {
	r.Hints = append(r.Hints, hint.Hint{Text: text, Command: command})
}

// suggestCredentials distinguishes pull secrets that are missing, not referenced,
// or rejected by the registry.
func (f *Failure) suggestCredentials(run commands, image string) {
	r := &f.Remediation
	r.Field, r.Values.Image = field.ImagePullSecrets, image
	missing := latest(f.pod.events, "", noPullSecret)
	for _, ref := range f.pod.Spec.ImagePullSecrets {
		r.Values.Secret = cmp.Or(r.Values.Secret, ref.Name)
		if missing == nil || !strings.Contains(missing.message, ref.Name) {
			r.suggest("check its credentials", run.blueprint("secrets verify", ref.Name))
		}
	}
	if len(r.Hints) == 0 {
		name := cmp.Or(r.Values.Secret, "pull-secret")
		r.Hints = append(r.Hints, hint.PullSecret("create", name, registryOf(image)).Hint(fmt.Sprintf("create Secret %q, then run deploy again", name), run.apply()))
	}
}

// suggestLogin suggests a pull secret to a pod without one, because registries limit
// anonymous pulls more.
func (f *Failure) suggestLogin(run commands, image string) {
	r := &f.Remediation
	r.Values.Image = image
	if f.pod == nil || len(f.pod.Spec.ImagePullSecrets) > 0 {
		return
	}
	r.Field = field.ImagePullSecrets
	r.Hints = append(r.Hints, hint.PullSecret("create", "pull-secret", registryOf(image)).Hint(`log in to raise the limit: create Secret "pull-secret" and add it to the recipe`, run.apply()))
}

// registryOf returns the registry of an image.
func registryOf(image string) string {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return "REGISTRY"
	}
	return reference.Domain(named)
}

// suggestReference finds the reference to a missing Secret, ConfigMap or key.
func (f *Failure) suggestReference(run commands, missing kind) {
	r, name, key := &f.Remediation, "", ""
	if match := missingKey.FindStringSubmatch(f.symptom.message); match != nil {
		key, name = match[1], match[2]
	} else if match := missingObject.FindStringSubmatch(f.symptom.message); match != nil {
		name = match[1]
	}
	if missing == kindConfig {
		r.Values.ConfigMap = name
		r.suggest("list the ConfigMaps", run.kubectl("get", "configmaps"))
		return
	}
	r.Field, r.Values.Secret = field.SecretVolume, name
	for _, v := range f.container().Env {
		if v.ValueFrom == nil || v.ValueFrom.SecretKeyRef == nil || v.ValueFrom.SecretKeyRef.Name != name {
			continue
		}
		if ref := v.ValueFrom.SecretKeyRef; key == "" || key == ref.Key {
			r.Field, key = field.EnvSecret, ref.Key
			break
		}
	}
	if f.mainField("") != "" || f.Container != "" && f.Container != f.pod.defaultContainer() {
		r.Field = field.CopyEnvSecret
	}
	r.Values.Key = key
	f.suggestSecret(run, missingKey.MatchString(f.symptom.message))
}

// suggestSecret suggests to create the missing Secret with all keys that the pod needs,
// or to add the missing key.
func (f *Failure) suggestSecret(run commands, exists bool) {
	r := &f.Remediation
	var env, files []string
	for _, ref := range podspec.SecretRefs(&f.pod.Spec) {
		switch {
		case ref.Name != r.Values.Secret || ref.Key == "" || exists && ref.Key != r.Values.Key:
		case ref.Use == podspec.Env:
			env = append(env, ref.Key)
		default:
			files = append(files, ref.Key)
		}
	}
	action, text := "create", fmt.Sprintf("create Secret %q, then run deploy again", r.Values.Secret)
	if exists {
		action, text = "update", fmt.Sprintf("add key %q to Secret %q, then run deploy again", r.Values.Key, r.Values.Secret)
	}
	r.Hints = append(r.Hints, hint.OpaqueSecret(action, r.Values.Secret, env, files).Hint(text, run.apply()))
}

func (f *Failure) suggestLogs(run commands) {
	if f.pod == nil || f.Container == "" || !f.pod.ran(f.Container) {
		return // there is no log
	}
	command := run.kubectl("logs", f.pod.Name, "-c", f.Container)
	if f.pod.crashedBefore(f.Container) {
		command = command.With("--previous")
	}
	f.Remediation.suggest("show the whole log", command)
}

// suggestPolicy distinguishes Pod Security from LimitRanges.
func (f *Failure) suggestPolicy(run commands) {
	r := &f.Remediation
	switch message := f.symptom.message; {
	case strings.Contains(message, "PodSecurity"), strings.Contains(message, "runAsNonRoot"):
		r.Field = field.RunAsNonRoot
		r.suggest("show the Pod Security level of the namespace", run.anywhere("get", "namespace", run.namespace, "--show-labels"))
	case strings.Contains(message, "per Container is"), strings.Contains(message, "per Pod is"):
		r.Field = resourceField(message)
		r.suggest("show the LimitRanges", run.kubectl("describe", "limitrange"))
	}
}

// mainField returns of if the recipe's own container failed, and "" if it was one
// of those that copy its data.
func (f *Failure) mainField(of field.Path) field.Path {
	if f.pod != nil && f.Container == f.pod.defaultContainer() {
		return of
	}
	return ""
}

// container returns the spec of the container that failed.
func (f *Failure) container() corev1.Container {
	if f.pod == nil {
		return corev1.Container{}
	}
	for _, c := range podspec.Containers(&f.pod.Spec) {
		if c.Name == f.Container {
			return c
		}
	}
	return corev1.Container{}
}

// probeField returns the field of the probe that a message names.
func probeField(message string) field.Path {
	message = strings.ToLower(message)
	switch {
	case strings.Contains(message, "startup probe"):
		return field.StartupProbe
	case strings.Contains(message, "liveness probe"):
		return field.LivenessProbe
	case strings.Contains(message, "readiness probe"):
		return field.ReadinessProbe
	}
	return ""
}

// emptyDir matches the volume in the kubelet's eviction message.
var emptyDir = regexp.MustCompile(`EmptyDir volume "([^"]+)"`)

// diskField returns the field of the limit that an evicted pod exceeded.
func (f *Failure) diskField() field.Path {
	match := emptyDir.FindStringSubmatch(f.symptom.message)
	if match == nil {
		return field.EphemeralStorage
	}
	for _, v := range f.pod.Spec.Volumes {
		if v.Name == match[1] && v.EmptyDir != nil && v.EmptyDir.Medium == corev1.StorageMediumMemory {
			return field.MemoryVolume
		}
	}
	return field.DiskVolume
}

// resourceField returns the field of the resource that the scheduler, a quota or a
// LimitRange rejected.
func resourceField(message string) field.Path {
	for _, name := range []string{"nvidia.com/gpu", "amd.com/gpu", "nvidia.com/mig-", "ephemeral-storage", "memory", "cpu"} {
		if strings.Contains(message, name) {
			return field.Resource(name)
		}
	}
	if strings.Contains(message, "node affinity/selector") {
		return field.NodeSelector
	}
	return ""
}
