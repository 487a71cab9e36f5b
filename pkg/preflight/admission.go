package preflight

import (
	"context"
	"errors"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
)

// admission sends one pod of each template to the server as a dry run. The
// server accepts an object whatever its pod template holds, and refuses only
// the pods that a controller creates from it: for Pod Security, a LimitRange, a
// policy or a quota, or because a ServiceAccount, PriorityClass or RuntimeClass
// is missing. The admission of the server checks all of these and returns the
// pod with its defaults.
func (r *run) admission(ctx context.Context) ([]Finding, error) {
	findings := make([][]Finding, len(r.pods))
	indices := make([]int, len(r.pods))
	for i := range indices {
		indices[i] = i
	}
	err := each(ctx, indices, func(ctx context.Context, i int) (err error) {
		findings[i], err = r.admit(ctx, r.pods[i])
		return err
	})
	var all []Finding
	seen := map[string]bool{}
	for _, f := range findings {
		for _, f := range f {
			if f.Rule == ruleQuota { // the quota check counts all pods
				r.overQuota = append(r.overQuota, f)
				continue
			}
			if key := f.Release + "\n" + f.Object + "\n" + f.What; !seen[key] { // leader and workers are mostly refused for the same
				seen[key] = true
				all = append(all, f)
			}
		}
	}
	return all, err
}

// admit creates one pod as a dry run and returns why the server refuses it.
func (r *run) admit(ctx context.Context, p *pod) ([]Finding, error) {
	made, err := r.Client.CoreV1().Pods(r.Namespace).Create(ctx, p.sample(r.Namespace), metav1.CreateOptions{
		DryRun: []string{metav1.DryRunAll}, FieldManager: ownership.FieldManager,
	})
	var status apierrors.APIStatus
	switch {
	case err == nil:
		p.admitted = made.Spec
		return nil, nil
	case dryrun.IsMissingNamespace(err) || !errors.As(err, &status):
		return nil, err // it would be the same for every other pod
	case apierrors.IsForbidden(err) && strings.Contains(err.Error(), `cannot create resource "pods"`):
		r.skipped.add("pods by a dry run of their creation", "whether Pod Security, LimitRanges and policies admit them")
		return nil, nil
	}
	f := r.refusal(p, err)
	switch f.Rule {
	case "":
		return nil, nil
	case ruleLimitRange:
		ranges, err := r.limitRanges()
		if err != nil {
			return nil, err
		}
		f.limitRange(ranges, r.Namespace)
	case ruleNeedsLimits:
		f.needsLimits(p)
	}
	return []Finding{f}, nil
}

// sample returns a pod of the template as its controller would create it. It
// has an owner because some policies refuse pods without one.
func (p *pod) sample(namespace string) *corev1.Pod {
	sample := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			GenerateName: p.owner.GetName() + "-", Namespace: namespace,
			Labels: p.meta.Labels, Annotations: p.meta.Annotations, Finalizers: p.meta.Finalizers,
		},
		Spec: *p.spec.DeepCopy(),
	}
	if p.owner.GetKind() != "Pod" {
		controller := true
		sample.OwnerReferences = []metav1.OwnerReference{{
			APIVersion: p.owner.GetAPIVersion(), Kind: p.owner.GetKind(), Name: p.owner.GetName(),
			UID: types.UID("00000000-0000-4000-8000-000000000000"), Controller: &controller,
		}}
	}
	return sample
}

// refusedPod matches the start of a refusal, which contains the generated name
// of the pod.
var refusedPod = regexp.MustCompile(`^(pods "[^"]*" is forbidden: |Pod "[^"]*" is invalid: )(pod rejected: )?`)

// refusal returns why the server refuses the pod. The finding has no severity
// if there is nothing to report.
func (r *run) refusal(p *pod, err error) Finding {
	words := refusedPod.ReplaceAllString(err.Error(), "")
	f := p.found(Error, "pod-rejected", "")
	f.What = "its pods would be refused: " + words
	for _, reason := range refusals {
		if !strings.Contains(words, reason.words) {
			continue
		}
		if f.Rule = reason.rule; reason.rule == "" {
			return Finding{}
		}
		if reason.severity != "" {
			f.Severity = reason.severity
		}
		f.Field, f.Fix = reason.field, reason.fix
		break
	}
	switch f.Rule {
	case rulePodSecurity:
		f.podSecurity(words)
	case ruleServiceAccount:
		f.Fix.Command = hint.Kubectl("create", "serviceaccount", p.spec.ServiceAccountName, "-n", r.Namespace)
	case ruleQuota:
		f.Fix.Command = hint.Kubectl("describe", "resourcequotas", "-n", r.Namespace)
	}
	return f
}

// Rules that more than one place knows.
const (
	rulePodSecurity    = "pod-security-violation"
	ruleNeedsLimits    = "quota-limits-required"
	ruleLimitRange     = "limit-range-violation"
	ruleServiceAccount = "service-account-missing"
	ruleQuota          = "quota-exceeded"
)

// refusals maps parts of admission messages to findings. The first match
// counts.
var refusals = []struct {
	words, rule string
	severity    Severity
	field       field.Path
	fix         hint.Hint
}{
	{words: "violates PodSecurity", rule: rulePodSecurity},
	// The pods of the last revision, which may go first, count here as well.
	{words: "exceeded quota:", rule: ruleQuota, severity: Warning, field: field.Resources, fix: hint.Hint{Text: "ask an administrator for the quotas of the namespace"}},
	{words: "failed quota:", rule: ruleNeedsLimits, field: field.Resources},
	{words: `serviceaccount "default" not found`}, // a controller is about to make it in a new namespace
	{
		words: "error looking up service account", rule: ruleServiceAccount, // which no key of a recipe names
		fix: hint.Hint{Text: "create the ServiceAccount"},
	},
	{words: "no PriorityClass with name", rule: "priority-class-missing", fix: hint.Hint{Text: "choose one of", Command: hint.Kubectl("get", "priorityclasses")}},
	{words: "RuntimeClass", rule: "runtime-class-missing", field: field.RuntimeClass, fix: hint.Hint{Text: "choose one of", Command: hint.Kubectl("get", "runtimeclasses")}},
	{words: "usage per ", rule: ruleLimitRange, field: field.Resources},
	{words: "max limit to request ratio", rule: ruleLimitRange, field: field.Resources},
	{words: "does not support dry run", rule: "not-checked", severity: Note},
	{words: "failed calling webhook", rule: "not-checked", severity: Warning, fix: hint.Hint{Text: "see to the server of the webhook"}},
	// A policy may make a difference between the user and a controller.
	{words: "denied the request", rule: "policy-denied", severity: Warning, fix: hint.Hint{Text: "change what the policy names, or ask who made it"}}, // of a webhook
	{words: "denied request", rule: "policy-denied", severity: Warning, fix: hint.Hint{Text: "change what the policy names, or ask who made it"}},     // in the API server
}

// podSecurity sets how to meet the Pod Security level of the namespace.
func (f *Finding) podSecurity(words string) {
	switch {
	case strings.Contains(words, "hostPath"):
		f.Field = field.HostPathVolume
		f.Fix.Text = "use a volume in place of a directory of the node, or another namespace"
	case strings.Contains(words, "restricted volume types"):
		f.Field = field.NFSVolume
		f.Fix.Text = "have a PersistentVolumeClaim in place of the volume, or use another namespace"
	case strings.Contains(words, `"restricted:`):
		f.Fix.Text = "--set cluster.podSecurity=restricted; the image then runs as a user without rights"
	default:
		f.Fix.Text = "use a namespace whose Pod Security level allows it"
	}
}
