package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Secret is what a preflight needs to know of a Secret: everything but its
// values.
type Secret struct {
	Type corev1.SecretType
	Keys []string // sorted
}

// Secrets returns a Secret of the namespace by its name, or the server's error.
type Secrets func(ctx context.Context, name string) (Secret, error)

// Finding is something that pods will wait for in vain.
type Finding struct {
	Object string // kind.group/name
	Place  string // where in the pod, such as "container main: env HF_TOKEN"
	What   string // what is missing; never a value
	Fix    string // what to do about it
}

// String reads "object: place: what; fix".
func (f Finding) String() string {
	return f.Object + ": " + f.Place + ": " + f.What + "; " + f.Fix
}

// MissingSecrets finds the Secrets and keys that the pods of objects refer to
// and that are not there, and pull secrets that no kubelet would read. What
// objects bring themselves counts as there. Secrets that the user may not read
// are returned by name: they are neither there nor missing.
func MissingSecrets(ctx context.Context, secrets Secrets, objects []*unstructured.Unstructured) (findings []Finding, unreadable []string, err error) {
	s := survey{secrets: secrets, known: brought(objects)}
	for _, o := range objects {
		specs, err := podSpecs(o)
		if err != nil {
			return nil, nil, err
		}
		for _, spec := range specs {
			for _, need := range needs(spec) {
				finding, err := s.judge(ctx, need)
				if err != nil {
					return nil, nil, err
				}
				if finding != nil {
					finding.Object = id(o)
					findings = append(findings, *finding)
				}
			}
		}
	}
	slices.Sort(s.unreadable)
	return distinct(findings), s.unreadable, nil
}

// survey asks for each Secret once.
type survey struct {
	secrets    Secrets
	known      map[string]*Secret // by name; nil for one that is missing
	unreadable []string
}

// judge holds one need against what is there.
func (s *survey) judge(ctx context.Context, n need) (*Finding, error) {
	secret, asked := s.known[n.secret]
	if !asked {
		found, err := s.secrets(ctx, n.secret)
		switch {
		case err == nil:
			secret = &found
		case apierrors.IsForbidden(err):
			s.unreadable = append(s.unreadable, n.secret)
			secret = &Secret{}
		case !apierrors.IsNotFound(err):
			return nil, fmt.Errorf("looking for Secret %s: %w", n.secret, err)
		}
		s.known[n.secret] = secret
	}
	finding := Finding{Place: n.place}
	switch {
	case slices.Contains(s.unreadable, n.secret):
		return nil, nil
	case secret == nil:
		finding.What, finding.Fix = fmt.Sprintf("Secret %s does not exist", n.secret), "create it with 'kubectl blueprint secrets apply'"
	case n.pull && secret.Type != corev1.SecretTypeDockerConfigJson && secret.Type != corev1.SecretTypeDockercfg:
		finding.What, finding.Fix = fmt.Sprintf("Secret %s is of type %s, which no kubelet reads for pulling", n.secret, secret.Type), "create one of type container_registry"
	case n.key != "" && !slices.Contains(secret.Keys, n.key):
		finding.What, finding.Fix = fmt.Sprintf("Secret %s has no key %s", n.secret, n.key), "its keys are "+list(secret.Keys)
	default:
		return nil, nil
	}
	return &finding, nil
}

func list(keys []string) string {
	if len(keys) == 0 {
		return "none"
	}
	return strings.Join(keys, ", ")
}

func distinct(findings []Finding) []Finding {
	seen := map[Finding]bool{}
	return slices.DeleteFunc(findings, func(f Finding) bool {
		twice := seen[f]
		seen[f] = true
		return twice
	})
}

// brought are the Secrets among objects.
func brought(objects []*unstructured.Unstructured) map[string]*Secret {
	known := map[string]*Secret{}
	for _, o := range objects {
		if o.GetKind() != "Secret" || o.GroupVersionKind().Group != "" {
			continue
		}
		secret := &Secret{}
		kind, _, _ := unstructured.NestedString(o.Object, "type")
		secret.Type = corev1.SecretType(kind)
		for _, field := range []string{"data", "stringData"} {
			values, _ := o.Object[field].(map[string]any)
			for key := range values {
				secret.Keys = append(secret.Keys, key)
			}
		}
		known[o.GetName()] = secret
	}
	return known
}
