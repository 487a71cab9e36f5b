package secrets

import (
	"slices"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Warning is a likely mistake in a valid payload.
type Warning struct {
	*source.Error        // does not quote the value
	Rule          string // the ID of the rule
}

// rule checks one value.
type rule struct {
	name string
	find func(f field, text string) (message, hint string) // "" without a finding
}

func rules() []rule {
	return []rule{
		{"byte-order-mark", findByteOrderMark},
		{"utf-16", findUTF16},
		{"placeholder", findPlaceholder},
		{"whitespace", findWhitespace},
		{"quoted-value", findQuotes},
		{"env-assignment", findEnvLine},
		{"auth-scheme", findScheme},
		{"line-break", findLineBreak},
		{"base64-encoded", findBase64},
		{"nvcr-username", findNvcrUsername},
		{"nvcr-password", findNvcrPassword},
		{"ocir-username", findOcirUsername},
	}
}

// Lint returns likely mistakes in the values of ops, which were parsed from doc, in the
// order of the file. Of references that are not resolved it checks only the key.
func Lint(doc *source.Document, ops []Operation) []Warning {
	var all []Warning
	known := rules()
	for _, op := range ops {
		for _, f := range op.fields() {
			if isDockerConfig(f) {
				all = append(all, Warning{doc.ErrorAt(f.pointer, "the kubelet ignores this key in an opaque Secret").Hinted(
					"use type container_registry with registry_server, username and password"), "docker-config"})
			}
			if f.value().from != nil {
				continue
			}
			text := string(f.value().bytes())
			for _, rule := range known {
				if message, hint := rule.find(f, text); message != "" {
					warning := doc.ErrorAt(f.pointer, "%s", message)
					warning.Pointer, warning.Hint = f.shown, hint
					all = append(all, Warning{warning, rule.name})
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Warning) int { return a.Pos.Compare(b.Pos) })
	return all
}
