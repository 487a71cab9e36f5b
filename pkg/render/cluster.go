package render

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"

	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/strvals"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// ClusterKey is the key of the chart's values that describes the cluster. All other keys
// belong to a recipe.
const ClusterKey = "cluster"

// WithClusterValue returns a copy of values in which a value of the cluster is set.
func WithClusterValue(values map[string]any, key string, value any) map[string]any {
	return chartutil.CoalesceTables(map[string]any{ClusterKey: map[string]any{key: value}}, values)
}

// ClusterValues are values of the cluster in the form of Helm's flags. Only keys under
// ClusterKey are allowed.
type ClusterValues struct {
	Files []string // --values: files, URLs, or "-" for standard input; the last one wins
	Set   []string // --set: KEY=VALUE, which wins over files
}

// Read merges the values and checks them against the schema.
func (c ClusterValues) Read(ctx context.Context, schema *recipe.Schema, stdin io.Reader) (map[string]any, error) {
	if len(c.Files)+len(c.Set) == 0 {
		return nil, nil
	}
	merged, err := c.merge(ctx, stdin)
	if err != nil {
		return nil, err
	}
	var others []string
	for key := range merged {
		if key != ClusterKey {
			others = append(others, key)
		}
	}
	if len(others) > 0 {
		slices.Sort(others)
		return nil, hint.Text(fmt.Errorf("--values and --set cannot set %s, only keys under %s", others[0], ClusterKey), "set keys of a workload in its recipe")
	}
	text, err := json.Marshal(merged)
	if err != nil {
		return nil, fmt.Errorf("invalid --values or --set: %w", err)
	}
	doc, err := source.Parse("", text)
	if err != nil {
		return nil, err
	}
	problems := schema.ValidateKey(doc, ClusterKey)
	for _, problem := range problems {
		problem.File, problem.Pos = "--values and --set", source.Position{}
	}
	return merged, problems.Sorted()
}

// merge merges the values as Helm does: later files and later --set values win.
func (c ClusterValues) merge(ctx context.Context, stdin io.Reader) (map[string]any, error) {
	merged := map[string]any{}
	for _, name := range c.Files {
		own, err := readValues(ctx, name, stdin)
		if err != nil {
			return nil, err
		}
		override(merged, own)
	}
	for _, text := range c.Set {
		if err := strvals.ParseInto(text, merged); err != nil {
			return nil, fmt.Errorf("invalid --values or --set: %w", err)
		}
	}
	return merged, nil
}

// readValues reads a values file, which may be a URL, or empty as for Helm.
func readValues(ctx context.Context, name string, stdin io.Reader) (map[string]any, error) {
	name, text, err := input.Read(ctx, name, stdin)
	if err != nil {
		return nil, fmt.Errorf("invalid --values or --set: %w", err)
	}
	if isBlank(text) {
		return nil, nil
	}
	doc, err := source.ParseContext(ctx, name, text)
	if err != nil {
		return nil, err
	}
	if kind := doc.Root.Kind; kind != source.Object && kind != source.Null {
		return nil, source.Errors{doc.ErrorAt("", "must be an object with key %s, not of type %s", ClusterKey, kind)}
	}
	values, _ := doc.Root.Decode(func(literal string) any {
		f, _ := strconv.ParseFloat(literal, 64) // a parsed literal is a number
		return f
	}).(map[string]any)
	return values, nil
}

// isBlank reports whether a YAML text has only comments.
func isBlank(text []byte) bool {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return false
		}
	}
	return true
}

// override merges from into values. Values in from win.
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
