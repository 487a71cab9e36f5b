// Package field names the fields of Kubernetes objects that keys of a recipe become. The
// chart's schema lists them for each key (x-kubernetes-fields). Preflight and rollout name
// the field that causes a failure, so that the line in the recipe can be found.
package field

import "strings"

// Path is a kind and the path of a field as in kubectl explain, without indices:
// Pod.spec.containers.image. A key of a map is in brackets, and may end with an asterisk:
// Pod.spec.nodeSelector[kubernetes.io/arch]. A kind alone represents the whole object.
//
// Pod is the pod template of a workload of any kind. containers are the recipe's
// containers; initContainers are the ones that the chart adds to copy data. The kind *
// matches every object.
type Path string

// The fields that failures refer to. Each is in the chart's schema.
const (
	Image            Path = "Pod.spec.containers.image"
	Command          Path = "Pod.spec.containers.command"
	Args             Path = "Pod.spec.containers.args"
	Env              Path = "Pod.spec.containers.env"
	EnvSecret        Path = "Pod.spec.containers.env.valueFrom.secretKeyRef"
	StartupProbe     Path = "Pod.spec.containers.startupProbe"
	LivenessProbe    Path = "Pod.spec.containers.livenessProbe"
	ReadinessProbe   Path = "Pod.spec.containers.readinessProbe"
	Resources        Path = "Pod.spec.containers.resources"
	Memory           Path = limits + "[memory]"
	EphemeralStorage Path = limits + "[ephemeral-storage]"

	CopyImage     Path = "Pod.spec.initContainers.image"
	CopyEnvSecret Path = "Pod.spec.initContainers.env.valueFrom.secretKeyRef"

	ImagePullSecrets Path = "Pod.spec.imagePullSecrets"
	NodeSelector     Path = "Pod.spec.nodeSelector"
	Tolerations      Path = "Pod.spec.tolerations"
	RuntimeClass     Path = "Pod.spec.runtimeClassName"
	RunAsNonRoot     Path = "Pod.spec.securityContext.runAsNonRoot"

	SecretVolume    Path = "Pod.spec.volumes.secret"
	ConfigMapVolume Path = "Pod.spec.volumes.configMap"
	ClaimVolume     Path = "Pod.spec.volumes.persistentVolumeClaim"
	EphemeralVolume Path = "Pod.spec.volumes.ephemeral"
	DiskVolume      Path = "Pod.spec.volumes.emptyDir.sizeLimit"
	MemoryVolume    Path = "Pod.spec.volumes.emptyDir.medium"
	HostPathVolume  Path = "Pod.spec.volumes.hostPath"
	NFSVolume       Path = "Pod.spec.volumes.nfs"

	Claim       Path = "PersistentVolumeClaim"
	Replicas    Path = "Deployment.spec.replicas"
	IngressHost Path = "Ingress.spec.rules.host"
	HTTPRoute   Path = "HTTPRoute"
	QueueName   Path = "Job.metadata.labels[kueue.x-k8s.io/queue-name]"
)

const (
	limits = Resources + ".limits"
	mig    = "/mig-"
)

// Resource returns the field for the amount of a resource that the recipe's container
// requests. All MIG profiles have the same field.
func Resource(name string) Path {
	if vendor, _, ok := strings.Cut(name, mig); ok {
		name = vendor + mig + "*"
	}
	return limits + Path("["+name+"]")
}

// Kind returns the path of all objects of a kind.
func Kind(kind string) Path { return Path(kind) }

// Covers reports whether o is the field of p or one below it.
func (p Path) Covers(o Path) bool {
	below, ok := strings.CutPrefix(string(o), string(p))
	return ok && p != "" && (below == "" || below[0] == '.' || below[0] == '[')
}

// Key returns the key of a map at the end of the path, or "".
func (p Path) Key() string {
	if i := strings.IndexByte(string(p), '['); i >= 0 && strings.HasSuffix(string(p), "]") {
		return string(p[i+1 : len(p)-1])
	}
	return ""
}

// Name returns the last part of the path, as people call the field.
func (p Path) Name() string {
	if key := p.Key(); key != "" {
		return strings.TrimSuffix(key, "*")
	}
	return string(p[strings.LastIndexByte(string(p), '.')+1:])
}

// HasKey reports whether the path ends with a key that matches the given one.
func (p Path) HasKey(key string) bool {
	own := p.Key()
	if prefix, ok := strings.CutSuffix(own, "*"); ok {
		return strings.HasPrefix(key, prefix)
	}
	return own != "" && own == key
}
