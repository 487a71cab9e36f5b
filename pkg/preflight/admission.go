package preflight

import (
	"context"
	"errors"
	"regexp"
	"slices"
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

// admission sends one pod of each template to the server as a dry run. The server
// does not validate pod templates against Pod Security, LimitRanges, policies or
// quotas, nor for existing ServiceAccounts, PriorityClasses or RuntimeClasses. It
// rejects only the pods that a controller creates later. The dry run of a pod reveals
// this, and returns the pod with its defaults.
func (r *run) admission(ctx context.Context) ([]Finding, error) {
	findings, err := collect(ctx, r.pods, r.admit)
	var all []Finding
	seen := map[string]bool{}
	for _, f := range slices.Concat(findings...) {
		if f.Rule == ruleQuota { // the quota check counts all pods
			r.overQuota = append(r.overQuota, f)
			continue
		}
		if key := f.Release + "\n" + f.Object + "\n" + f.What; !seen[key] { // leader and workers often share a reason
			seen[key] = true
			all = append(all, f)
		}
	}
	return all, err
}

// admit creates one pod as a dry run and returns why the server rejects it.
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
		return nil, err // every other pod has the same error
	case apierrors.IsForbidden(err) && strings.Contains(err.Error(), `cannot create resource "pods"`):
		r.skipped.add("creation of pods", "admission by Pod Security, LimitRanges and policies")
		return nil, nil
	}
	f := r.rejection(p, err)
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
// has an owner because some policies reject pods without one.
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

// rejectedPod matches the start of a rejection, which contains the generated name
// of the pod.
var rejectedPod = regexp.MustCompile(`^(pods "[^"]*" is forbidden: |Pod "[^"]*" is invalid: )(pod rejected: )?`)

// rejection returns why the server rejects the pod. The finding has no severity
// if there is nothing to report.
func (r *run) rejection(p *pod, err error) Finding {
	words := rejectedPod.ReplaceAllString(err.Error(), "")
	f := p.found(Error, "pod-rejected", "")
	f.What = rejected + ": " + words
	for _, reason := range rejections {
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

// rejected is the start of the message about pods that the server rejects.
const rejected = "pods would be rejected"

// The rules that are used in several places.
const (
	rulePodSecurity    = "pod-security-violation"
	ruleNeedsLimits    = "quota-limits-required"
	ruleLimitRange     = "limit-range-violation"
	ruleServiceAccount = "service-account-missing"
	ruleQuota          = "quota-exceeded"
)

// rejections maps parts of admission messages to findings. The first match
// applies.
var rejections = []struct {
	words, rule string
	severity    Severity
	field       field.Path
	fix         hint.Hint
}{
	{words: "violates PodSecurity", rule: rulePodSecurity},
	// This also counts the pods of the previous revision, which may stop first.
	{words: "exceeded quota:", rule: ruleQuota, severity: Warning, field: field.Resources, fix: hint.Hint{Text: "show the quotas and their usage"}},
	{words: "failed quota:", rule: ruleNeedsLimits, field: field.Resources},
	{words: `serviceaccount "default" not found`}, // a controller creates it in a new namespace
	{
		words: "error looking up service account", rule: ruleServiceAccount, // no recipe key sets it
		fix: hint.Hint{Text: "create the ServiceAccount"},
	},
	{words: "no PriorityClass with name", rule: "priority-class-missing", fix: hint.Hint{Text: "choose an existing PriorityClass", Command: hint.Kubectl("get", "priorityclasses")}},
	{words: "RuntimeClass", rule: "runtime-class-missing", field: field.RuntimeClass, fix: hint.Hint{Text: "choose an existing RuntimeClass", Command: hint.Kubectl("get", "runtimeclasses")}},
	{words: "usage per ", rule: ruleLimitRange, field: field.Resources},
	{words: "max limit to request ratio", rule: ruleLimitRange, field: field.Resources},
	{words: "does not support dry run", rule: "not-checked", severity: Note},
	{words: "failed calling webhook", rule: "not-checked", severity: Warning, fix: hint.Hint{Text: "check that the server of the webhook is running"}},
	// A policy may treat the user and a controller differently.
	{words: "denied the request", rule: "policy-denied", severity: Warning, fix: hint.Hint{Text: "comply with the policy, or ask an administrator to change it"}}, // of a webhook
	{words: "denied request", rule: "policy-denied", severity: Warning, fix: hint.Hint{Text: "comply with the policy, or ask an administrator to change it"}},     // in the API server
}

// podSecurity sets how to meet the Pod Security level of the namespace.
func (f *Finding) podSecurity(words string) {
	switch {
	case strings.Contains(words, "hostPath"):
		f.Field = field.HostPathVolume
		f.Fix.Text = "use a volume instead of a directory of the node, or another namespace"
	case strings.Contains(words, "restricted volume types"):
		f.Field = field.NFSVolume
		f.Fix.Text = "use a PersistentVolumeClaim instead, or another namespace"
	case strings.Contains(words, `"restricted:`):
		f.Fix.Text = "add --set cluster.podSecurity=restricted, which runs the image as an unprivileged user"
	default:
		f.Fix.Text = "use a namespace whose Pod Security level allows it"
	}
}
