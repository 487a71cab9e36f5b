package secrets

import (
	"slices"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// IsPayload reports whether a document is a payload rather than a recipe.
func IsPayload(root *source.Node) bool {
	if root.Kind == source.Array {
		return len(root.Items) == 0 || root.Items[0].Member("action") != nil || root.Items[0].Member("data") != nil
	}
	wrapper := func(m source.Member) bool { return source.Nearest(m.Key, []string{"secrets_payload"}) != "" }
	return root.Member("recipe_mode") == nil && (root.Member("action") != nil || slices.ContainsFunc(root.Members, wrapper))
}
