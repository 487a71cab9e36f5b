package preflight

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
)

// quotas returns the ResourceQuotas that all objects together would exceed,
// beyond what their previous revision uses.
func (r *run) quotas(ctx context.Context) ([]Finding, error) {
	quotas, err := r.Client.CoreV1().ResourceQuotas(r.Namespace).List(ctx, metav1.ListOptions{})
	if r.skipped.forbids(err, "resourcequotas", "quotas") {
		return r.overQuota, nil
	}
	if err != nil || len(quotas.Items) == 0 {
		return nil, err
	}
	before, err := r.runningPods(ctx)
	if err != nil {
		return nil, err
	}
	objects := r.objectUse()
	var findings []Finding
	for _, quota := range quotas.Items {
		needed := corev1.ResourceList{}
		if !scoped(quota.Spec) {
			needed = objects.DeepCopy()
		}
		for _, release := range r.releases {
			add(needed, r.podsUse(quota.Spec, release.Name, before), 1)
		}
		if f := r.exceeded(quota, needed); f.Severity != "" {
			findings = append(findings, f)
		}
	}
	return findings, nil
}

// podsUse returns what the pods of a release need of a quota beyond the pods of its
// previous revision, some of which may have to run until new ones are
// ready.
func (r *run) podsUse(quota corev1.ResourceQuotaSpec, release string, before []corev1.Pod) corev1.ResourceList {
	needed, first, last := corev1.ResourceList{}, corev1.ResourceList{}, corev1.ResourceList{}
	surges := false
	for _, p := range r.pods {
		if p.release == release && covers(quota, p.admitted) {
			first = podUse(p.admitted)
			add(needed, first, p.copies)
			surges = r.surges(p)
		}
	}
	for _, p := range before {
		if p.Labels[ownership.InstanceLabel] == release && covers(quota, p.Spec) {
			last = podUse(p.Spec)
			add(needed, last, -1)
		}
	}
	if surges && len(last) > 0 {
		return peak(needed, first, last)
	}
	return needed
}

// exceeded returns a finding if the quota leaves less than needed.
func (r *run) exceeded(quota corev1.ResourceQuota, needed corev1.ResourceList) Finding {
	f := Finding{Rule: "quota-exceeded"}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(quota.Spec.Hard)) {
		hard, left, wanted := quota.Spec.Hard[name], quota.Spec.Hard[name].DeepCopy(), needed[name]
		left.Sub(quota.Status.Used[name])
		if wanted.Sign() <= 0 || wanted.Cmp(left) <= 0 {
			continue
		}
		if left.Sign() < 0 {
			left = resource.Quantity{}
		}
		parts = append(parts, fmt.Sprintf("requested %s, available %s of %s %s", wanted.String(), left.String(), hard.String(), name))
		if f.Field == "" {
			f.Field, f.Values = blame(name)
		}
		if set := toSet(name); set != "" {
			f.Set = append(f.Set, set)
		}
	}
	if len(parts) == 0 {
		return f
	}
	if len(r.releases) == 1 {
		f.Release = r.releases[0].Name
	}
	f.Severity, f.What = Error, fmt.Sprintf("exceeded quota %q: %s", quota.Name, strings.Join(parts, "; "))
	f.Fix = hint.Hint{Text: "ask an administrator to raise the quota", Command: hint.Kubectl("describe", "resourcequota", quota.Name, "-n", r.Namespace)}
	if len(f.Set) > 0 {
		f.Fix.Text = "reduce " + keysWord + " or " + f.Fix.Text
	}
	return f
}

// blame returns the part of an object that uses a resource of a quota.
func blame(name corev1.ResourceName) (of field.Path, holding []string) {
	if of = toSet(name); field.Resources.Covers(of) {
		holding = values(amount(name))
	}
	return of, holding
}

// toSet returns the field to change to use less of a resource of a quota, for
// Finding.Set. It returns "" for objects that every recipe creates.
func toSet(name corev1.ResourceName) field.Path {
	text := string(name)
	switch {
	case strings.HasSuffix(text, "storage") && !strings.HasSuffix(text, string(corev1.ResourceEphemeralStorage)), strings.HasSuffix(text, "persistentvolumeclaims"):
		return field.Claim
	case text == "pods" || text == "count/pods":
		return field.Replicas
	case strings.HasPrefix(text, "count/"), strings.HasPrefix(text, "services"), text == "configmaps", text == "secrets":
		return ""
	}
	return field.Resource(string(amount(name)))
}

// amount returns the resource that a quota limits.
func amount(name corev1.ResourceName) corev1.ResourceName {
	return corev1.ResourceName(strings.TrimPrefix(strings.TrimPrefix(string(name), "requests."), "limits."))
}

// values returns the values by which the recipe key of a resource is found: for a MIG
// device, its profile.
func values(name corev1.ResourceName) []string {
	if _, profile, ok := strings.Cut(string(name), "/mig-"); ok {
		plus := strings.Replace(profile, "gb.", "gb+", 1) // the spelling of recipes
		return []string{profile, plus, string(name)}
	}
	return []string{string(name)}
}

// runningPods returns the pods of the revisions that the releases replace,
// which the quota already counts.
func (r *run) runningPods(ctx context.Context) ([]corev1.Pod, error) {
	var names []string
	for _, release := range r.releases {
		if len(release.Previous) > 0 {
			names = append(names, release.Name)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	list, err := r.Client.CoreV1().Pods(r.Namespace).List(ctx, metav1.ListOptions{
		LabelSelector: ownership.InstanceLabel + " in (" + strings.Join(names, ",") + ")",
		FieldSelector: "status.phase!=Succeeded,status.phase!=Failed",
	})
	if r.skipped.forbids(err, "pods", "quota usage of the previous revision") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return list.Items, nil
}
