package preflight

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// surges reports whether a Deployment replaces its pods one after the other and
// may miss none meanwhile: then a new one has to be there before an old one goes.
func (r *run) surges(p *pod) bool {
	if p.owner.GetKind() != "Deployment" || p.copies == 0 || !r.changes(p) {
		return false
	}
	var strategy appsv1.DeploymentStrategy
	fields, _, _ := unstructured.NestedMap(p.owner.Object, "spec", "strategy")
	if runtime.DefaultUnstructuredConverter.FromUnstructured(fields, &strategy) != nil || strategy.Type == appsv1.RecreateDeploymentStrategyType {
		return false
	}
	unavailable := intstr.FromString("25%") // Kubernetes' own default
	if rolling := strategy.RollingUpdate; rolling != nil && rolling.MaxUnavailable != nil {
		unavailable = *rolling.MaxUnavailable
	}
	away, err := intstr.GetScaledValueFromIntOrPercent(&unavailable, int(p.copies), false)
	return err == nil && away == 0
}

// changes reports whether the last revision has other pods than p.
func (r *run) changes(p *pod) bool {
	for _, release := range r.releases {
		before := release.PreviousOf(p.owner)
		if release.Name != p.release || before == nil {
			continue
		}
		was, err := podsOf([]*unstructured.Unstructured{before})
		return err == nil && len(was) == 1 && !equality.Semantic.DeepEqual([]any{was[0].meta, was[0].spec}, []any{p.meta, p.spec})
	}
	return false
}

// newTemplate reports whether no ReplicaSet of the last revision has pods like p.
func (r *run) newTemplate(p *pod) bool {
	for _, release := range r.releases {
		if release.Name == p.release && release.PreviousOf(p.owner) != nil {
			return r.changes(p)
		}
	}
	return true
}

// peak is what pods need of a quota beyond what it counts already, where the
// last old one goes when all new ones are there. At the start all old ones are
// there, beside the first new one.
func peak(needed, first, last corev1.ResourceList) corev1.ResourceList {
	most := cloned(needed)
	add(most, last, 1)
	for name, quantity := range first {
		if total := most[name]; quantity.Cmp(total) > 0 {
			most[name] = quantity
		}
	}
	return most
}
