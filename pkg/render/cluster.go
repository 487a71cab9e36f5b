package render

import "helm.sh/helm/v3/pkg/chartutil"

// ClusterKey is the one key of the chart's values that describes the cluster. All
// others are those of a recipe.
const ClusterKey = "cluster"

// WithClusterValue returns a copy of values in which a value of the cluster is set.
func WithClusterValue(values map[string]any, key string, value any) map[string]any {
	return chartutil.CoalesceTables(map[string]any{ClusterKey: map[string]any{key: value}}, values)
}
