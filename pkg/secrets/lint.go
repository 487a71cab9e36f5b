package secrets

import (
	"slices"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Warning is something in a payload that is allowed and most likely wrong.
type Warning struct {
	*source.Error        // where, what, and the fix; never the value
	Rule          string // its name
}

// rule looks at one value. It returns what is wrong, or nothing.
type rule struct {
	name string
	find func(f field, text string) string
	hint string // the fix, where the message has none
}

func rules() []rule {
	return []rule{
		{"byte-order-mark", findByteOrderMark, ""},
		{"utf-16", findUTF16, "save it as UTF-8"},
		{"placeholder", findPlaceholder, ""},
		{"blank", findBlank, ""},
		{"quotes", findQuotes, "remove the quotes, which belong to the .env file or the shell"},
		{"env-line", findEnvLine, "keep only what stands behind the equals sign"},
		{"scheme", findScheme, "keep only the token: the program that reads it adds the word"},
		{"broken-token", findBrokenToken, "put the token on one line"},
		{"base64", findBase64, "give the text itself (base64 -d)"},
		{"registry-server", findRewrittenServer, ""},
		{"nvcr-username", findNvcrUsername, ""},
		{"nvcr-password", findNvcrPassword, ""},
		{"ocir-username", findOcirUsername, ""},
	}
}

// Lint returns what is most likely wrong with the values of ops, which were
// parsed from doc, in the order of the file. It passes over values by reference
// until Resolve filled them in, but for the names of their keys.
func Lint(doc *source.Document, ops []Operation) []Warning {
	var all []Warning
	known := rules()
	for _, op := range ops {
		for _, f := range op.fields() {
			if message := findDockerConfig(f); message != "" {
				all = append(all, Warning{doc.ErrorAt(f.pointer, "%s", message), "docker-config"})
			}
			if f.value().from != nil {
				continue
			}
			text := string(f.value().bytes())
			for _, rule := range known {
				if message := rule.find(f, text); message != "" {
					warning := doc.ErrorAt(f.pointer, "%s", message)
					warning.Pointer, warning.Hint = f.shown, rule.hint
					all = append(all, Warning{warning, rule.name})
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Warning) int { return a.Pos.Compare(b.Pos) })
	return all
}
