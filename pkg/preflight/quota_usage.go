package preflight

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	podresources "k8s.io/component-helpers/resource"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
)

// podUse returns what one pod uses of a quota.
func podUse(spec corev1.PodSpec) corev1.ResourceList {
	one := *resource.NewQuantity(1, resource.DecimalSI)
	use := corev1.ResourceList{corev1.ResourcePods: one, "count/pods": one}
	p := &corev1.Pod{Spec: spec}
	for name, quantity := range podresources.PodRequests(p, podresources.PodResourcesOptions{}) {
		use["requests."+name] = quantity
		if native(name) {
			use[name] = quantity
		}
	}
	for name, quantity := range podresources.PodLimits(p, podresources.PodResourcesOptions{}) {
		if native(name) {
			use["limits."+name] = quantity
		}
	}
	return use
}

func native(name corev1.ResourceName) bool { return !strings.Contains(string(name), "/") }

// objectUse returns what the objects use of a quota beyond the previous revision:
// their number, and the size of claims. The Helm release record counts as one object.
func (r *run) objectUse() corev1.ResourceList {
	use := corev1.ResourceList{}
	one := *resource.NewQuantity(1, resource.DecimalSI)
	for _, release := range r.releases {
		if r.Records != "" {
			add(use, corev1.ResourceList{corev1.ResourceName(r.Records): one, corev1.ResourceName("count/" + r.Records): one}, 1)
		}
		for _, o := range release.Objects {
			if release.PreviousOf(o) == nil {
				add(use, r.useOf(o), 1)
			}
		}
		for _, o := range release.Previous {
			if (dryrun.Release{Previous: release.Objects}).PreviousOf(o) == nil && !ownership.IsKept(o) {
				add(use, r.useOf(o), -1)
			}
		}
	}
	for _, p := range r.pods {
		if p.owner.GetKind() == "Deployment" && r.newTemplate(p) { // the previous ReplicaSet remains
			add(use, corev1.ResourceList{"count/replicasets.apps": one}, 1)
		}
		for _, claim := range p.ephemeralClaims() {
			add(use, claimUse(claim.spec), p.copies)
		}
	}
	return use
}

func (r *run) useOf(o *unstructured.Unstructured) corev1.ResourceList {
	gvk := o.GroupVersionKind()
	mapping, err := r.Mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if err != nil {
		return nil // the apis check reports it
	}
	one := *resource.NewQuantity(1, resource.DecimalSI)
	use := corev1.ResourceList{corev1.ResourceName("count/" + mapping.Resource.GroupResource().String()): one}
	if gvk.Group == "" {
		use[corev1.ResourceName(mapping.Resource.Resource)] = one
	}
	if claim, ok := claimOf(o); ok {
		add(use, claimUse(claim), 1)
		use[corev1.ResourcePersistentVolumeClaims] = one
	}
	if gvk.Group == "" && gvk.Kind == "Service" {
		add(use, serviceUse(o), 1)
	}
	return use
}

// serviceUse returns what a Service uses of a quota besides its number: a node
// port for each port, unless the load balancer disables them.
func serviceUse(o *unstructured.Unstructured) corev1.ResourceList {
	ports, _, _ := unstructured.NestedSlice(o.Object, "spec", "ports")
	nodePorts := *resource.NewQuantity(int64(len(ports)), resource.DecimalSI)
	switch kind, _, _ := unstructured.NestedString(o.Object, "spec", "type"); corev1.ServiceType(kind) {
	case corev1.ServiceTypeNodePort:
		return corev1.ResourceList{corev1.ResourceServicesNodePorts: nodePorts}
	case corev1.ServiceTypeLoadBalancer:
		use := corev1.ResourceList{corev1.ResourceServicesLoadBalancers: *resource.NewQuantity(1, resource.DecimalSI)}
		if allocate, found, _ := unstructured.NestedBool(o.Object, "spec", "allocateLoadBalancerNodePorts"); allocate || !found {
			use[corev1.ResourceServicesNodePorts] = nodePorts
		}
		return use
	}
	return nil
}

func claimUse(claim corev1.PersistentVolumeClaimSpec) corev1.ResourceList {
	one, size := *resource.NewQuantity(1, resource.DecimalSI), claim.Resources.Requests[corev1.ResourceStorage]
	use := corev1.ResourceList{corev1.ResourcePersistentVolumeClaims: one, corev1.ResourceRequestsStorage: size}
	if class := claim.StorageClassName; class != nil && *class != "" {
		of := corev1.ResourceName(*class + ".storageclass.storage.k8s.io/")
		use[of+"persistentvolumeclaims"], use[of+"requests.storage"] = one, size
	}
	return use
}

func scoped(quota corev1.ResourceQuotaSpec) bool {
	return len(quota.Scopes) > 0 || quota.ScopeSelector != nil
}

// covers reports whether a quota counts pods like this one.
func covers(quota corev1.ResourceQuotaSpec, spec corev1.PodSpec) bool {
	for _, scope := range quota.Scopes {
		if !inScope(spec, corev1.ScopedResourceSelectorRequirement{ScopeName: scope, Operator: corev1.ScopeSelectorOpExists}) {
			return false
		}
	}
	return quota.ScopeSelector == nil || !slices.ContainsFunc(quota.ScopeSelector.MatchExpressions, func(r corev1.ScopedResourceSelectorRequirement) bool {
		return !inScope(spec, r)
	})
}

// inScope reports whether a pod is in the scope of a quota. It supports the
// scopes of pods that recipes can create.
func inScope(spec corev1.PodSpec, r corev1.ScopedResourceSelectorRequirement) bool {
	requests := podresources.PodRequests(&corev1.Pod{Spec: spec}, podresources.PodResourcesOptions{})
	limits := podresources.PodLimits(&corev1.Pod{Spec: spec}, podresources.PodResourcesOptions{})
	sized := !requests.Cpu().IsZero() || !requests.Memory().IsZero() || !limits.Cpu().IsZero() || !limits.Memory().IsZero()
	switch r.ScopeName {
	case corev1.ResourceQuotaScopeTerminating:
		return spec.ActiveDeadlineSeconds != nil
	case corev1.ResourceQuotaScopeNotTerminating:
		return spec.ActiveDeadlineSeconds == nil
	case corev1.ResourceQuotaScopeBestEffort:
		return !sized
	case corev1.ResourceQuotaScopeNotBestEffort:
		return sized
	case corev1.ResourceQuotaScopePriorityClass:
		has := labels.Set{}
		if spec.PriorityClassName != "" {
			has["class"] = spec.PriorityClassName
		}
		operator := map[corev1.ScopeSelectorOperator]selection.Operator{
			corev1.ScopeSelectorOpIn: selection.In, corev1.ScopeSelectorOpNotIn: selection.NotIn,
			corev1.ScopeSelectorOpExists: selection.Exists, corev1.ScopeSelectorOpDoesNotExist: selection.DoesNotExist,
		}[r.Operator]
		is, err := labels.NewRequirement("class", operator, r.Values)
		return err == nil && is.Matches(has)
	}
	return false
}

// add adds use to sum, multiplied by times.
func add(sum, use corev1.ResourceList, times int64) {
	for name, quantity := range use {
		total, more := sum[name], quantity.DeepCopy()
		more.Mul(times)
		total.Add(more)
		sum[name] = total
	}
}

// surges reports whether a Deployment updates its pods one by one and keeps all
// of them available: then a new pod has to start before an old one stops.
func (r *run) surges(p *pod) bool {
	if p.owner.GetKind() != "Deployment" || p.copies == 0 || !r.changes(p) {
		return false
	}
	unavailable, err := podspec.MaxUnavailable(p.owner, p.copies)
	return err == nil && unavailable == 0
}

// changes reports whether the pod template differs from the previous revision.
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

// newTemplate reports whether no ReplicaSet of the previous revision has this
// pod template.
func (r *run) newTemplate(p *pod) bool {
	for _, release := range r.releases {
		if release.Name == p.release && release.PreviousOf(p.owner) != nil {
			return r.changes(p)
		}
	}
	return true
}

// peak returns what pods need of a quota beyond what it already counts, if the
// last old pod stops after all new ones have started. At the start, all old
// pods run beside the first new one.
func peak(needed, first, last corev1.ResourceList) corev1.ResourceList {
	most := needed.DeepCopy()
	add(most, last, 1)
	for name, quantity := range first {
		if total := most[name]; quantity.Cmp(total) > 0 {
			most[name] = quantity
		}
	}
	return most
}
