package rollout

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
)

// Serving counts the ready pods of a service whose rollout failed. It is zero for
// Jobs, which serve nothing.
type Serving struct {
	Previous int64 // ready pods of previous revisions
	Newest   int64 // ready pods of the newest revision
	Desired  int64
}

// serving counts the ready pods of the release.
func (v view) serving() Serving {
	var s Serving
	for _, w := range v.workloads {
		if w.live == nil || w.live.GroupVersionKind().GroupKind() == job {
			continue
		}
		if pods, err := podspec.Of(w.live.Unstructured); err == nil {
			s.Desired += pods.Total()
		}
		for _, p := range w.pods {
			switch ready := p.condition(corev1.PodReady); {
			case p.DeletionTimestamp != nil || ready == nil || ready.Status != corev1.ConditionTrue:
			case p.old:
				s.Previous++
			default:
				s.Newest++
			}
		}
	}
	return s
}
