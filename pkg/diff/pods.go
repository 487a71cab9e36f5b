package diff

import (
	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
)

// pods are the pods that an object runs.
type pods struct {
	podspec.Pods
	unit      string // what Replicas counts
	ended     bool   // a Job that starts no more pods
	suspended bool   // a Job that waits until it may start
}

// unitOf returns what the replicas of a kind are, or "" for kinds that do not run
// their pods at once.
func unitOf(kind string) string {
	switch kind {
	case "Deployment", "StatefulSet", "DaemonSet":
		return "replicas"
	case "Job":
		return "parallel pods"
	case "LeaderWorkerSet":
		return "groups"
	}
	return ""
}

// podsOf returns the pods that an object runs, or nil.
func podsOf(o *unstructured.Unstructured) *pods {
	if o == nil {
		return nil
	}
	p := &pods{unit: unitOf(o.GetKind())}
	if p.unit == "" {
		return nil
	}
	var err error
	if p.Pods, err = podspec.Of(o); err != nil {
		return nil // the server rejects the object
	}
	if o.GetKind() == "Job" {
		p.ended = ended(o)
		p.suspended, _, _ = unstructured.NestedBool(o.Object, "spec", "suspend")
	}
	return p
}

func ended(job *unstructured.Unstructured) bool {
	var status batchv1.JobStatus
	fields, _, _ := unstructured.NestedMap(job.Object, "status")
	return runtime.DefaultUnstructuredConverter.FromUnstructured(fields, &status) == nil && podspec.JobEnded(status)
}

// images returns the images of the containers by name.
func (p *pods) images() map[string]string {
	all := map[string]string{}
	for _, t := range p.Templates {
		for _, c := range podspec.Containers(&t.Spec) {
			name := c.Name
			if t.Role == "workerTemplate" {
				name += " (workers)"
			}
			all[name] = c.Image
		}
	}
	return all
}
