package preflight

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// secretFindings are the Secrets and the keys that pods need and that are not
// there: one for each object and Secret, or key.
func (c Check) secretFindings(pods []pod, s store) []Finding {
	var findings []Finding
	for _, needs := range byUse(pods, s) {
		n := needs[0]
		live := s.needed[n.secret]
		f := Finding{Severity: Error, Object: n.object, Where: where(needs)}
		switch {
		case live.unreadable:
			continue
		case live.missing:
			f.Rule, f.What = "secret-missing", live.isMissing(n.secret, c.Namespace)
			f.Fix = "create it with this operation of a payload: " + opaque("create", n.secret, needs).String()
		case n.key != "" && !slices.Contains(live.keys, n.key):
			f.Rule, f.What, f.Fix = "key-missing", withoutKey(n, live), live.keyFix(n)
		default:
			continue
		}
		findings = append(findings, f)
	}
	return findings
}

// byUse gathers needs that one finding is about.
func byUse(pods []pod, s store) [][]need {
	var uses [][]need
	index := map[need]int{}
	for _, p := range pods {
		for _, n := range p.needs() {
			use := need{object: n.object, secret: n.secret, key: n.key}
			if s.needed[n.secret].missing {
				use.key = "" // all keys at once
			}
			i, known := index[use]
			if !known {
				i = len(uses)
				index[use] = i
				uses = append(uses, nil)
			}
			uses[i] = append(uses[i], n)
		}
	}
	return uses
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

func withoutKey(n need, live *secret) string {
	text := fmt.Sprintf("Secret %s has no key %s: it has ", n.secret, n.key)
	if len(live.keys) == 0 {
		return text + "none"
	}
	text += listed(live.keys)
	if near := source.Nearest(n.key, live.keys); near != "" && len(live.keys) > 1 {
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
	return "name a key that it has, or add this one with this operation of a payload: " + opaque("update", n.secret, []need{n}).String()
}

// listed joins names, but not too many of them.
func listed(names []string) string {
	const most = 8
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
