package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"helm.sh/helm/v3/pkg/strvals"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// clusterValues are --values and --set, which say as in Helm what is particular
// to a cluster.
type clusterValues struct {
	files, set []string
}

func (c *clusterValues) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&c.files, "values", nil, "A `FILE` with values of the cluster, as in Helm. Can be given several times.")
	cmd.Flags().StringArrayVar(&c.set, "set", nil, "A value of the cluster, as in Helm: cluster.`KEY=VALUE`. Can be given several times.")
}

// read merges the values and holds them against the schema.
func (c *clusterValues) read(ctx context.Context, schema *recipe.Schema, stdin io.Reader) (map[string]any, error) {
	if len(c.files)+len(c.set) == 0 {
		return nil, nil
	}
	merged, err := c.merge(ctx, stdin)
	if err != nil {
		return nil, fmt.Errorf("reading --values and --set: %w", err)
	}
	var others []string
	for key := range merged {
		if key != render.ClusterKey {
			others = append(others, key)
		}
	}
	if len(others) > 0 {
		slices.Sort(others)
		return nil, fmt.Errorf("--values and --set: %s is not theirs to set: only keys under %s are; what is about one workload belongs in its recipe", others[0], render.ClusterKey)
	}
	text, err := json.Marshal(merged)
	if err != nil {
		return nil, fmt.Errorf("reading --values and --set: %w", err)
	}
	doc, err := source.Parse("", text)
	if err != nil {
		return nil, err
	}
	faults := schema.ValidateKey(doc, render.ClusterKey)
	for _, fault := range faults {
		fault.File, fault.Pos = "--values and --set", source.Position{}
	}
	return merged, faults.Sorted()
}

// merge merges the values as Helm does: the last file and the last --set win.
func (c *clusterValues) merge(ctx context.Context, stdin io.Reader) (map[string]any, error) {
	merged := map[string]any{}
	for _, name := range c.files {
		text, err := readValues(ctx, name, stdin)
		if err != nil {
			return nil, err
		}
		var own map[string]any
		if err := yaml.Unmarshal(text, &own); err != nil {
			return nil, fmt.Errorf("failed to parse %s: %w", name, err)
		}
		override(merged, own)
	}
	for _, text := range c.set {
		if err := strvals.ParseInto(text, merged); err != nil {
			return nil, fmt.Errorf("failed parsing --set data: %w", err)
		}
	}
	return merged, nil
}

// readValues reads a file of values, which like a payload may be at a URL.
func readValues(ctx context.Context, name string, stdin io.Reader) ([]byte, error) {
	name, text, err := input.Read(ctx, name, stdin)
	if err == nil && len(text) > source.MaxBytes {
		err = fmt.Errorf("%s is larger than %d MiB", name, source.MaxBytes>>20)
	}
	return text, err
}

// override sets what from has in values, map by map.
func override(values, from map[string]any) {
	for key, value := range from {
		old, both := values[key].(map[string]any)
		if own, ok := value.(map[string]any); ok && both {
			override(old, own)
			continue
		}
		values[key] = value
	}
}
