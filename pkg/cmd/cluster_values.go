package cmd

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"helm.sh/helm/v3/pkg/cli"
	"helm.sh/helm/v3/pkg/cli/values"
	"helm.sh/helm/v3/pkg/getter"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// clusterKey is the one block of the chart's values that is about the cluster
// and not about the recipe.
const clusterKey = "cluster"

// clusterValues are --values and --set, which say as in Helm what is particular
// to a cluster.
type clusterValues struct {
	options values.Options
}

func (c *clusterValues) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&c.options.ValueFiles, "values", nil, "A `FILE` with values of the cluster, as in Helm. Can be given several times.")
	cmd.Flags().StringArrayVar(&c.options.Values, "set", nil, "A value of the cluster, as in Helm: cluster.`KEY=VALUE`. Can be given several times.")
}

// read merges the values and holds them against the schema.
func (c *clusterValues) read(schema *recipe.Schema) (map[string]any, error) {
	if len(c.options.ValueFiles)+len(c.options.Values) == 0 {
		return nil, nil
	}
	merged, err := c.options.MergeValues(getter.All(cli.New()))
	if err != nil {
		return nil, fmt.Errorf("reading --values and --set: %w", err)
	}
	var others []string
	for key := range merged {
		if key != clusterKey {
			others = append(others, key)
		}
	}
	if len(others) > 0 {
		slices.Sort(others)
		return nil, fmt.Errorf("--values and --set: %s is not theirs to set: only keys under %s are; what is about one workload belongs in its recipe", others[0], clusterKey)
	}
	text, err := json.Marshal(merged)
	if err != nil {
		return nil, fmt.Errorf("reading --values and --set: %w", err)
	}
	doc, err := source.Parse("", text)
	if err != nil {
		return nil, err
	}
	faults := schema.ValidateKey(doc, clusterKey)
	for _, fault := range faults {
		fault.File, fault.Pos = "--values and --set", source.Position{}
	}
	return merged, faults.Sorted()
}
