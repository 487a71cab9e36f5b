package rollout

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
)

// Advice is what to mend, and how to go on.
type Advice struct {
	// Field is the Kubernetes field that caused the failure, in the words of the
	// chart's schema (x-kubernetes), or "" where none is to blame.
	Field string `json:"field,omitempty"`
	// Values tell which entry of the field it is: secret, key, image, memory.
	Values map[string]string `json:"values,omitempty"`
	Next   []string          `json:"next,omitempty"` // commands
}

// The words in which the kubelet names what is missing.
var (
	missingObject = regexp.MustCompile(`(?i)(?:secret|configmap) "([^"]+)" not found`)
	missingKey    = regexp.MustCompile(`couldn't find key (\S+) in (?:Secret|ConfigMap) [^/]+/(\S+)`)
)

// commands makes commands for a namespace of the cluster that the flags choose.
type commands struct {
	flags     []string
	namespace string
}

// kubectl returns a command on objects of the namespace.
func (c commands) kubectl(args ...string) hint.Command {
	return c.anywhere("-n", c.namespace).With(args...)
}

// anywhere returns a command on objects that have no namespace.
func (c commands) anywhere(args ...string) hint.Command {
	return hint.Kubectl(c.flags...).With(args...)
}

// blueprint returns a command of this plugin; subcommands come before flags.
func (c commands) blueprint(subcommand string, args ...string) hint.Command {
	return hint.Blueprint(strings.Fields(subcommand)...).With(c.flags...).With("-n", c.namespace).With(args...)
}

// apply returns the command that makes secrets.
func (c commands) apply() hint.Command { return c.blueprint("secrets apply", "-f", "PAYLOAD") }

// redeploy returns the command to run after the recipe was mended, and the one
// whose preflight says which operation of a payload makes a Secret.
func (c commands) redeploy(file string) hint.Command {
	return c.blueprint("deploy", hint.File(cmp.Or(file, "RECIPE")))
}

// advise fills the advice in, on a release that the recipe in file made.
func (f *Failure) advise(run commands, file string) {
	c, _ := classify(f.symptom)
	a := &f.Advice
	a.Values = map[string]string{}
	container := f.container()
	if c.kind == kindJob || c.kind == "" && f.Container != "" {
		c.kind = kindCrash
	}
	switch c.kind {
	case kindImage:
		a.set(f.mainField("containers[0].image"), "image", container.Image)
		a.next(run.redeploy(file))
	case kindCredentials:
		f.adviseCredentials(run, file, container.Image)
	case kindSecret, kindConfig:
		f.adviseReference(run, file, c.kind)
	case kindCommand:
		a.set(f.mainField("containers[0].command"), "image", container.Image)
		a.next(run.redeploy(file))
	case kindMemory:
		a.set(f.mainField("containers[0].resources memory"), "memory", container.Resources.Limits.Memory().String())
		f.adviseLog(run)
	case kindProbe:
		a.Field = f.mainField(probeField(f.symptom.message))
		f.adviseLog(run)
	case kindCrash:
		f.adviseLog(run)
	case kindScheduling:
		a.Field = resourceField(f.symptom.message)
		a.next(run.anywhere("get", "nodes", "-o", `custom-columns=NAME:.metadata.name,CPU:.status.allocatable.cpu,MEMORY:.status.allocatable.memory,NVIDIA:.status.allocatable.nvidia\.com/gpu,AMD:.status.allocatable.amd\.com/gpu`))
	case kindDisk:
		a.Field = f.diskField()
		a.next(run.redeploy(file))
	case kindVolume:
		a.Field = "PersistentVolumeClaim"
		a.next(run.anywhere("get", "storageclasses"), run.kubectl("get", "pvc"))
	case kindQuota:
		a.Field = resourceField(f.symptom.message)
		a.next(run.kubectl("describe", "resourcequota"))
	case kindPolicy:
		f.advisePolicy(run)
	case kindQueue:
		a.Field = "Job label kueue.x-k8s.io/queue-name"
		a.next(run.anywhere("get", "clusterqueues"), run.kubectl("get", "localqueues"))
	}
}

func (a *Advice) set(field, name, value string) {
	a.Field = field
	if value != "" {
		a.Values[name] = value
	}
}

func (a *Advice) next(commands ...hint.Command) {
	for _, c := range commands {
		a.Next = append(a.Next, c.String())
	}
}

// adviseCredentials tells the pull secret apart that is not there, that is not
// named, and that does not open the image.
func (f *Failure) adviseCredentials(run commands, file, image string) {
	a := &f.Advice
	a.set("imagePullSecrets", "image", image)
	missing := latest(f.about.events, "", noPullSecret)
	for _, ref := range f.about.Spec.ImagePullSecrets {
		a.Values["secret"] = cmp.Or(a.Values["secret"], ref.Name)
		if missing == nil || !strings.Contains(missing.message, ref.Name) {
			a.next(run.blueprint("secrets verify", ref.Name))
		}
	}
	if len(a.Next) == 0 {
		a.next(run.apply(), run.redeploy(file))
	}
}

// adviseReference finds the reference to a Secret or ConfigMap that is not
// there, or to a key that it has not.
func (f *Failure) adviseReference(run commands, file string, missing kind) {
	a, name, key := &f.Advice, "", ""
	if match := missingKey.FindStringSubmatch(f.symptom.message); match != nil {
		key, name = match[1], match[2]
	} else if match := missingObject.FindStringSubmatch(f.symptom.message); match != nil {
		name = match[1]
	}
	if missing == kindConfig {
		a.set("", "configmap", name)
		a.next(run.kubectl("get", "configmaps"))
		return
	}
	a.set("volumes[].secret", "secret", name)
	for _, v := range f.container().Env {
		if v.ValueFrom == nil || v.ValueFrom.SecretKeyRef == nil || v.ValueFrom.SecretKeyRef.Name != name {
			continue
		}
		if ref := v.ValueFrom.SecretKeyRef; key == "" || key == ref.Key {
			a.Field, key = "containers[0].env[].valueFrom.secretKeyRef", ref.Key
			break
		}
	}
	if f.mainField("") != "" || f.Container != "" && f.Container != defaultContainer(f.about.Pod) {
		a.Field = "initContainers[].env[].valueFrom.secretKeyRef"
	}
	if key != "" {
		a.Values["key"] = key
	}
	a.next(run.apply(), run.redeploy(file))
}

func (f *Failure) adviseLog(run commands) {
	if f.about == nil || f.Container == "" {
		return
	}
	command := run.kubectl("logs", f.about.Name, "-c", f.Container)
	if f.about.crashedBefore(f.Container) {
		command = command.With("--previous")
	}
	f.Advice.next(command)
}

// advisePolicy tells Pod Security from a LimitRange.
func (f *Failure) advisePolicy(run commands) {
	a := &f.Advice
	switch message := f.symptom.message; {
	case strings.Contains(message, "PodSecurity"), strings.Contains(message, "runAsNonRoot"):
		a.Field = "securityContext"
		a.next(run.anywhere("get", "namespace", run.namespace, "--show-labels"))
	case strings.Contains(message, "per Container is"), strings.Contains(message, "per Pod is"):
		a.Field = resourceField(message)
		a.next(run.kubectl("describe", "limitrange"))
	}
}

// mainField is field where the failure is of the container that the field is
// of: the recipe's own, not one of those that copy its data.
func (f *Failure) mainField(field string) string {
	if f.about != nil && f.Container == defaultContainer(f.about.Pod) {
		return field
	}
	return ""
}

// container is the spec of the container that failed.
func (f *Failure) container() corev1.Container {
	if f.about == nil {
		return corev1.Container{}
	}
	for _, c := range slices.Concat(f.about.Spec.InitContainers, f.about.Spec.Containers) {
		if c.Name == f.Container {
			return c
		}
	}
	return corev1.Container{}
}

func probeField(message string) string {
	for _, name := range []string{"Startup", "Liveness", "Readiness"} {
		if strings.Contains(message, name+" probe") || strings.Contains(message, strings.ToLower(name)+" probe") {
			return "containers[0]." + strings.ToLower(name) + "Probe"
		}
	}
	return ""
}

// emptyDir is how the kubelet names the volume that is too full.
var emptyDir = regexp.MustCompile(`EmptyDir volume "([^"]+)"`)

// diskField is the field of the limit for which a pod was evicted.
func (f *Failure) diskField() string {
	match := emptyDir.FindStringSubmatch(f.symptom.message)
	if match == nil {
		return "containers[0].resources ephemeral-storage"
	}
	for _, v := range f.about.Spec.Volumes {
		if v.Name == match[1] && v.EmptyDir != nil && v.EmptyDir.Medium == corev1.StorageMediumMemory {
			return "volumes[].emptyDir, medium Memory, at /dev/shm"
		}
	}
	return "volumes[].ephemeral or emptyDir"
}

// resourceField is the field of the resource that a scheduler, a quota or a
// LimitRange has not enough of.
func resourceField(message string) string {
	for _, r := range [][2]string{
		{"nvidia.com/gpu", "nvidia.com/gpu, tolerations"}, {"amd.com/gpu", "amd.com/gpu, tolerations"}, {"nvidia.com/mig-", "nvidia.com/mig-PROFILE: 1"},
		{"ephemeral-storage", "ephemeral-storage"}, {"memory", "memory"}, {"cpu", "cpu"},
	} {
		if strings.Contains(message, r[0]) {
			return "containers[0].resources " + r[1]
		}
	}
	if strings.Contains(message, "node affinity/selector") {
		return "nodeSelector"
	}
	return ""
}
