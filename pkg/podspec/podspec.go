// Package podspec reads the pods out of Kubernetes objects: their templates, how
// many pods of each run at a time, how many of them an update may stop, and the
// Secrets and ConfigMaps that they refer to. It supports every kind that has a pod
// template, custom resources included, so that all packages agree on what the pods
// of an object are. It sends no request and reads no Secret.
package podspec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Pods are the pods of an object.
type Pods struct {
	Replicas  int64 // groups of a LeaderWorkerSet, parallel pods of a Job
	Templates []Template
}

// Template is one of the pod templates of an object.
type Template struct {
	corev1.PodTemplateSpec
	Role  string // the field that holds it if the object has several, such as leaderTemplate
	Count int64  // pods per replica
}

// Total returns the number of pods.
func (p Pods) Total() int64 {
	var perReplica int64
	for _, t := range p.Templates {
		perReplica += t.Count
	}
	return p.Replicas * perReplica
}

// Of returns the pods of an object. An object without pod templates has none.
func Of(o *unstructured.Unstructured) (Pods, error) {
	var p Pods
	if err := p.collect(o.Object, ""); err != nil {
		return Pods{}, fmt.Errorf("%s/%s: %w", strings.ToLower(o.GroupVersionKind().GroupKind().String()), o.GetName(), err)
	}
	if len(p.Templates) == 0 {
		return Pods{}, nil
	}
	p.Replicas = replicas(o)
	if o.GetKind() == "LeaderWorkerSet" {
		p.countGroup(number(o, 1, "spec", "leaderWorkerTemplate", "size"))
	}
	if len(p.Templates) == 1 {
		p.Templates[0].Role = ""
	}
	return p, nil
}

// collect adds the pod templates in value in alphabetical order of their fields.
// It recognizes them by their containers. Key is the field that holds value.
func (p *Pods) collect(value map[string]any, key string) error {
	if spec, ok := value["spec"].(map[string]any); ok {
		if containers, ok := spec["containers"].([]any); ok && len(containers) > 0 {
			t := Template{Role: key, Count: 1}
			err := runtime.DefaultUnstructuredConverter.FromUnstructured(value, &t.PodTemplateSpec)
			p.Templates = append(p.Templates, t)
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(value)) {
		if inner, ok := value[name].(map[string]any); ok {
			if err := p.collect(inner, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// countGroup sets the counts for groups of size pods. If a LeaderWorkerSet has no
// leaderTemplate, the leaders are made from workerTemplate.
func (p *Pods) countGroup(size int64) {
	if len(p.Templates) > 1 {
		size--
	}
	for i := range p.Templates {
		if t := &p.Templates[i]; t.Role == "workerTemplate" {
			t.Count = size
		}
	}
}

// replicas returns how many replicas of its templates an object runs at a time. A
// DaemonSet has one per node, and counts as one until its controller has counted
// the nodes.
func replicas(o *unstructured.Unstructured) int64 {
	switch o.GetKind() {
	case "DaemonSet":
		return number(o, 1, "status", "desiredNumberScheduled")
	case "Job":
		return jobPods(o, "spec")
	case "CronJob":
		return jobPods(o, "spec", "jobTemplate", "spec")
	}
	return number(o, 1, "spec", "replicas")
}

// jobPods returns how many pods a Job runs at a time.
func jobPods(o *unstructured.Unstructured, spec ...string) int64 {
	parallelism := number(o, 1, append(slices.Clone(spec), "parallelism")...)
	return min(parallelism, number(o, parallelism, append(slices.Clone(spec), "completions")...))
}

// number returns an integer field of an object, or standard if it is not set.
func number(o *unstructured.Unstructured, standard int64, path ...string) int64 {
	value, _, _ := unstructured.NestedFieldNoCopy(o.Object, path...)
	switch n := value.(type) {
	case int64:
		return n
	case float64: // as YAML is decoded
		return int64(n)
	}
	return standard
}

// MaxUnavailable returns how many of the replicas of a Deployment an update may stop
// before it starts others.
func MaxUnavailable(deployment *unstructured.Unstructured, replicas int64) (int64, error) {
	var strategy appsv1.DeploymentStrategy
	fields, _, _ := unstructured.NestedMap(deployment.Object, "spec", "strategy")
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(fields, &strategy); err != nil {
		return 0, err
	}
	if strategy.Type == appsv1.RecreateDeploymentStrategyType {
		return replicas, nil
	}
	share := intstr.FromString("25%") // the server's default
	if rolling := strategy.RollingUpdate; rolling != nil && rolling.MaxUnavailable != nil {
		share = *rolling.MaxUnavailable
	}
	n, err := intstr.GetScaledValueFromIntOrPercent(&share, int(replicas), false)
	return int64(n), err
}

// JobEnded reports whether a Job has completed or failed, so that it starts no more
// pods.
func JobEnded(status batchv1.JobStatus) bool {
	return slices.ContainsFunc(status.Conditions, func(c batchv1.JobCondition) bool {
		return (c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed) && c.Status == corev1.ConditionTrue
	})
}

// Containers returns all containers of a pod in the order in which they start, init
// containers first.
func Containers(spec *corev1.PodSpec) []corev1.Container {
	all := slices.Concat(spec.InitContainers, spec.Containers)
	for _, c := range spec.EphemeralContainers {
		all = append(all, corev1.Container(c.EphemeralContainerCommon))
	}
	return all
}

// DefaultContainer returns the name of the container that kubectl logs and exec
// select by default, or "" for a pod without containers.
func DefaultContainer(annotations map[string]string, spec *corev1.PodSpec) string {
	if name := annotations["kubectl.kubernetes.io/default-container"]; name != "" {
		return name
	}
	if len(spec.Containers) == 0 {
		return ""
	}
	return spec.Containers[0].Name
}

// IsSidecar reports whether an init container keeps running while later ones start.
// See https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers.
func IsSidecar(init corev1.Container) bool {
	return init.RestartPolicy != nil && *init.RestartPolicy == corev1.ContainerRestartPolicyAlways
}
