package diff

import (
	"encoding/json"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// pods are what an object runs: so many of each template.
type pods struct {
	unit      string // what replicas counts
	replicas  int64
	templates []template
	ended     bool // a Job that runs no more
	suspended bool // a Job that waits until it may
}

// template is one of an object's pods, of which each replica has Count.
type template struct {
	corev1.PodTemplateSpec
	Count int64 // exported to be compared
}

// total is the number of pods.
func (p *pods) total() int64 {
	var each int64
	for _, t := range p.templates {
		each += t.Count
	}
	return p.replicas * each
}

// workload is what the kinds that run pods have in common.
type workload struct {
	Spec struct {
		Replicas    *int64                  `json:"replicas"`
		Parallelism *int64                  `json:"parallelism"`
		Completions *int64                  `json:"completions"`
		Suspend     bool                    `json:"suspend"`
		Template    *corev1.PodTemplateSpec `json:"template"`

		Strategy appsv1.DeploymentStrategy `json:"strategy"`

		LeaderWorkerTemplate struct { // of a LeaderWorkerSet
			Size           *int64                  `json:"size"`
			LeaderTemplate *corev1.PodTemplateSpec `json:"leaderTemplate"`
			WorkerTemplate *corev1.PodTemplateSpec `json:"workerTemplate"`
		} `json:"leaderWorkerTemplate"`
	} `json:"spec"`
	Status batchv1.JobStatus `json:"status"`
}

// read decodes an object that may run pods.
func read(o *unstructured.Unstructured) (*workload, bool) {
	switch o.GetKind() {
	case "Deployment", "StatefulSet", "DaemonSet", "Job", "LeaderWorkerSet":
	default:
		return nil, false
	}
	w := &workload{}
	text, err := o.MarshalJSON()
	if err != nil || json.Unmarshal(text, w) != nil {
		return nil, false // the server would not have it
	}
	return w, true
}

// podsOf returns what an object runs, or nil.
func podsOf(o *unstructured.Unstructured) *pods {
	if o == nil {
		return nil
	}
	w, ok := read(o)
	if !ok {
		return nil
	}
	p := &pods{unit: "replicas", replicas: or(w.Spec.Replicas, 1)}
	switch o.GetKind() {
	case "Job":
		p.unit, p.replicas = "parallel pods", or(w.Spec.Parallelism, 1)
		p.replicas = min(p.replicas, or(w.Spec.Completions, p.replicas))
		p.ended, p.suspended = ended(w.Status), w.Spec.Suspend
	case "DaemonSet": // as many as there are nodes
		p.replicas, _, _ = unstructured.NestedInt64(o.Object, "status", "desiredNumberScheduled")
	case "LeaderWorkerSet":
		p.unit = "groups"
		leader, workers := w.Spec.LeaderWorkerTemplate.LeaderTemplate, w.Spec.LeaderWorkerTemplate.WorkerTemplate
		size := or(w.Spec.LeaderWorkerTemplate.Size, 1)
		if leader != nil {
			p.add(leader, 1)
			size--
		}
		p.add(workers, size)
		return p
	}
	p.add(w.Spec.Template, 1)
	return p
}

func (p *pods) add(t *corev1.PodTemplateSpec, count int64) {
	if t != nil {
		p.templates = append(p.templates, template{*t, count})
	}
}

func ended(status batchv1.JobStatus) bool {
	for _, c := range status.Conditions {
		if (c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed) && c.Status == corev1.ConditionTrue {
			return true
		}
	}
	return false
}

func or(value *int64, otherwise int64) int64 {
	if value == nil {
		return otherwise
	}
	return *value
}

// images are those of an object's containers, by their names.
func (p *pods) images() map[string]string {
	all := map[string]string{}
	for i, t := range p.templates {
		for _, c := range append(t.Spec.InitContainers, t.Spec.Containers...) {
			name := c.Name
			if i > 0 {
				name += " of the workers"
			}
			all[name] = c.Image
		}
	}
	return all
}
