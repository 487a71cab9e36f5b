package render

import (
	"strings"

	"helm.sh/helm/v3/pkg/releaseutil"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Masked returns m with the values of all Secrets masked, and reports whether there are
// any. The values are credentials in plain text in the recipe, which must not be printed.
func (m Manifests) Masked() (Manifests, bool) {
	masked := Manifests{sorted: make([]releaseutil.Manifest, len(m.sorted)), warnings: m.warnings}
	found := false
	for i, manifest := range m.sorted {
		masked.sorted[i] = manifest
		if manifest.Head == nil || manifest.Head.Kind != "Secret" {
			continue
		}
		found = true
		masked.sorted[i].Content = maskSecret(manifest.Content)
	}
	return masked, found
}

// maskSecret returns the manifest of a Secret with all values masked. It replaces a Secret
// that cannot be decoded by a comment.
func maskSecret(content string) string {
	secret, err := decode(content)
	if err != nil {
		return "# Secret omitted, because it cannot be decoded"
	}
	redact.MaskSecret(secret)
	text, err := source.PrintableYAML(secret.Object)
	if err != nil {
		return "# Secret omitted, because it cannot be decoded"
	}
	return strings.TrimSpace(string(text))
}
