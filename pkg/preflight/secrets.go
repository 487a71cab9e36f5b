package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// secretsAndImages are the Secrets that pods need, and the images that can't be
// pulled with them.
func (r *run) secretsAndImages(ctx context.Context) ([]Finding, error) {
	s, err := r.read(ctx)
	if err != nil {
		return nil, err
	}
	findings := r.secretFindings(s)
	images, err := r.imageFindings(ctx, s)
	if err != nil {
		return nil, err
	}
	findings = append(findings, images...)
	if names := s.unreadable(); len(names) > 0 {
		findings = append(findings, Finding{
			Severity: Warning, Rule: "unreadable",
			What: fmt.Sprintf("Secrets can't be read here, so it is not known whether there is what is needed of %s", strings.Join(names, ", ")),
			Fix:  "have somebody grant you 'get' on these Secrets, or ask who has it",
		})
	}
	return findings, nil
}

// secretFindings are the Secrets and the keys that pods need and that are not
// there: one for each object and Secret, or key.
func (r *run) secretFindings(s store) []Finding {
	var findings []Finding
	for _, needs := range byUse(needsOf(r.pods, kindSecret), func(name string) bool { return s.needed[name].missing }) {
		n := needs[0]
		live := s.needed[n.name]
		switch {
		case live.unreadable:
		case live.missing:
			f := found(needs, "secret-missing")
			f.What = live.isMissing(n.name, r.Namespace)
			f.Fix = "create it with this operation of a payload: " + opaque("create", n.name, needs).String()
			findings = append(findings, f)
		case n.key != "" && !slices.Contains(live.keys, n.key):
			f := found(needs, "key-missing")
			f.Values = []string{n.key, n.name}
			f.What, f.Fix = withoutKey(n, live.keys), live.keyFix(n)
			findings = append(findings, f)
		}
	}
	return findings
}

// where names the first of several places, and how many more there are.
func where(needs []need) string {
	first := needs[0].where
	if more := len(needs) - 1; more > 0 {
		return fmt.Sprintf("%s and %d more", first, more)
	}
	return first
}

// isMissing says that there is no such Secret, and where there is one.
func (s *secret) isMissing(name, namespace string) string {
	text := fmt.Sprintf("Secret %s does not exist in namespace %s", name, namespace)
	if len(s.elsewhere) > 0 {
		text += ", but in " + listed(s.elsewhere) + ": a pod can only use those of its own namespace"
	}
	return text
}

// withoutKey says that there is no such key, and which there are.
func withoutKey(n need, keys []string) string {
	text := fmt.Sprintf("%s %s has no key %s: it has ", n.kind, n.name, n.key)
	if len(keys) == 0 {
		return text + "none"
	}
	text += listed(keys)
	if near := source.Nearest(n.key, keys); near != "" && len(keys) > 1 {
		text += "; did you mean " + near + "?"
	}
	return text
}

// keyFix is how the Secret gets the key.
func (s *secret) keyFix(n need) string {
	switch {
	case s.rendered:
		return ""
	case s.kind != corev1.SecretTypeOpaque && s.kind != "":
		return fmt.Sprintf("name a key that it has: a Secret of type %s gets no others", s.kind)
	}
	return "name a key that it has, or add this one with this operation of a payload: " + opaque("update", n.name, []need{n}).String()
}

// listed joins names, but not too many of them.
func listed(names []string) string {
	const most = 8
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
