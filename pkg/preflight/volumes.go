package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

const kindClaim = "PersistentVolumeClaim"

// claim is a PersistentVolumeClaim that the deploy creates.
type claim struct {
	name    string // "" for an ephemeral claim
	finding Finding
	spec    corev1.PersistentVolumeClaimSpec
}

// storage holds the claims of the namespace, and the classes and volumes of the
// cluster.
type storage struct {
	claims  []corev1.PersistentVolumeClaim
	classes []storagev1.StorageClass
	volumes []corev1.PersistentVolume

	// Whether they could be read.
	knowsClaims, knowsClasses, knowsVolumes bool
}

// volumes returns the claims that pods use and that do not exist, and the
// claims that cannot be bound or changed.
func (r *run) volumes(ctx context.Context) ([]Finding, error) {
	wanted := r.wantedClaims()
	if len(wanted) == 0 && !slices.ContainsFunc(r.pods, func(p *pod) bool { return len(p.claimNames()) > 0 }) {
		return nil, nil
	}
	s, err := r.storage(ctx, len(wanted) > 0)
	if err != nil {
		return nil, err
	}
	findings := r.missingClaims(wanted, s)
	for _, c := range wanted {
		f := c.finding
		if live := s.has(c.name); live != nil {
			if f.What, f.Fix.Text = s.unchangeable(live, c.spec); f.What != "" {
				f.Rule, f.Severity, f.Set = "pvc-immutable", Error, []field.Path{f.Field}
				findings = append(findings, f)
			}
			continue
		}
		if !s.knowsClasses {
			continue
		}
		if f.What, f.Fix = s.unbindable(c.spec); f.What != "" {
			f.Rule, f.Severity = "pvc-unbound", Error
			if !s.knowsVolumes {
				f.Severity = Warning
			}
			findings = append(findings, f)
		}
	}
	return findings, nil
}

// wantedClaims returns the claims among the objects and the ephemeral claims of
// pods.
func (r *run) wantedClaims() []claim {
	var all []claim
	for _, release := range r.releases {
		for _, o := range release.Objects {
			if spec, ok := claimOf(o); ok {
				name := o.GetName()
				f := Finding{Release: release.Name, Object: objref.ID(o), Field: field.Claim, Values: []string{strings.TrimPrefix(name, release.Name+"-"), name}}
				all = append(all, claim{name: name, finding: f, spec: spec})
			}
		}
	}
	for _, p := range r.pods {
		all = append(all, p.ephemeralClaims()...)
	}
	return all
}

func claimOf(o *unstructured.Unstructured) (spec corev1.PersistentVolumeClaimSpec, ok bool) {
	if o.GetKind() != kindClaim || o.GetAPIVersion() != "v1" {
		return spec, false
	}
	fields, _, _ := unstructured.NestedMap(o.Object, "spec")
	return spec, runtime.DefaultUnstructuredConverter.FromUnstructured(fields, &spec) == nil
}

// ephemeralClaims returns the claims that are created with each pod.
func (p *pod) ephemeralClaims() []claim {
	var all []claim
	for _, v := range p.spec.Volumes {
		if v.Ephemeral != nil && v.Ephemeral.VolumeClaimTemplate != nil {
			f := p.found("", "", "volume "+v.Name)
			f.Field = field.EphemeralVolume
			all = append(all, claim{finding: f, spec: v.Ephemeral.VolumeClaimTemplate.Spec})
		}
	}
	return all
}

// claimNames returns the names of the claims that the pod uses, by volume.
func (p *pod) claimNames() map[string]string {
	names := map[string]string{}
	for _, v := range p.spec.Volumes {
		if v.PersistentVolumeClaim != nil {
			names[v.Name] = v.PersistentVolumeClaim.ClaimName
		}
	}
	return names
}

// missingClaims returns the claims that pods use and that neither exist nor are
// among the objects.
func (r *run) missingClaims(wanted []claim, s storage) []Finding {
	var findings []Finding
	for _, p := range r.pods {
		names := p.claimNames()
		for _, v := range p.spec.Volumes {
			name := names[v.Name]
			if name == "" || slices.ContainsFunc(wanted, func(c claim) bool { return c.name == name }) {
				continue
			}
			f := p.found(Error, "pvc-missing", "volume "+v.Name)
			f.Field, f.Values = field.ClaimVolume, []string{name}
			switch live := s.has(name); {
			case !s.knowsClaims:
				continue
			case live == nil:
				f.What = fmt.Sprintf("PersistentVolumeClaim %q not found in namespace %s", name, r.Namespace)
				f.Fix = hint.Hint{Text: "create it, or use an existing claim", Command: hint.Kubectl("get", "pvc", "-n", r.Namespace)}
				if near := source.Nearest(name, s.claimNames()); near != "" {
					f.What += fmt.Sprintf(" (did you mean %q?)", near)
				}
			case live.Status.Phase == corev1.ClaimLost:
				f.What = fmt.Sprintf("PersistentVolumeClaim %q has lost its volume", name)
				f.Fix = hint.Hint{Text: "show its events", Command: hint.Kubectl("describe", "pvc", name, "-n", r.Namespace)}
			case live.DeletionTimestamp != nil:
				f.Severity, f.What = Warning, fmt.Sprintf("PersistentVolumeClaim %q is being deleted", name)
			default:
				continue
			}
			findings = append(findings, f)
		}
	}
	return findings
}

// storage reads claims, classes and volumes, once each. It reads classes and
// volumes only if there are claims to create.
func (r *run) storage(ctx context.Context, wanted bool) (storage, error) {
	s := storage{knowsClaims: true, knowsClasses: true, knowsVolumes: true}
	claims, err := r.Client.CoreV1().PersistentVolumeClaims(r.Namespace).List(ctx, metav1.ListOptions{})
	switch {
	case err == nil:
		s.claims = claims.Items
	case r.skipped.forbids(err, "persistentvolumeclaims", "claims of the pods"):
		s.knowsClaims = false
	default:
		return s, err
	}
	if !wanted {
		return s, nil
	}
	classes, err := r.Client.StorageV1().StorageClasses().List(ctx, metav1.ListOptions{})
	switch {
	case err == nil:
		s.classes = classes.Items
	case r.skipped.forbids(err, "storageclasses", "binding of claims"):
		s.knowsClasses = false
		return s, nil
	default:
		return s, err
	}
	volumes, err := r.Client.CoreV1().PersistentVolumes().List(ctx, metav1.ListOptions{ResourceVersion: "0"})
	switch {
	case err == nil:
		s.volumes = volumes.Items
	case r.skipped.forbids(err, "persistentvolumes", "existing volumes for claims"):
		s.knowsVolumes = false
	default:
		return s, err
	}
	return s, nil
}

func (s storage) has(name string) *corev1.PersistentVolumeClaim {
	for i := range s.claims {
		if s.claims[i].Name == name {
			return &s.claims[i]
		}
	}
	return nil
}

func (s storage) claimNames() []string {
	var names []string
	for _, c := range s.claims {
		names = append(names, c.Name)
	}
	return names
}
