package cmd

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"helm.sh/helm/v3/pkg/chartutil"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// recipeOptions are the flags of commands that take recipes.
type recipeOptions struct {
	sample  string
	cluster clusterValues
}

func (o *recipeOptions) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.sample, "sample", "", "The sample to take from a catalogue file, by its name or its number.")
	o.cluster.addFlags(cmd)
}

// recipes are those of a command line: rendered, and free of faults.
type recipes struct {
	schema   *recipe.Schema
	sets     []*recipe.Set
	rendered []*render.Rendered // in the order of the sets and their levels
}

// read takes all recipes in the named files and directories through schema and
// chart. The error has every fault of every file; warnings go to stderr.
func (o *recipeOptions) read(ctx context.Context, b *blueprint, names []string, namespace string, stdin io.Reader, stderr io.Writer) (*recipes, error) {
	stdin = input.Stdin(ctx, stdin)
	values, err := o.cluster.read(ctx, b.schema, stdin)
	if err != nil {
		return nil, err
	}
	inputs, err := load(ctx, names, stdin)
	if err != nil {
		return nil, err
	}
	r := &recipes{schema: b.schema}
	for _, in := range inputs {
		if in.doc != nil {
			o.pick(b, in)
			r.sets = append(r.sets, in.sets...)
		}
	}
	r.rendered = b.renderer(namespace, values).Render(r.sets)
	faults, warnings := judge(inputs, r.rendered)
	cmdutil.PrintWarnings(stderr, warnings)
	return r, faults.Sorted()
}

// pick takes the one set that is meant out of a file.
func (o *recipeOptions) pick(b *blueprint, in *recipeFile) {
	if fault := noRecipe(in.doc); fault != nil {
		in.faults = source.Errors{fault}
		return
	}
	sets, faults := b.reader.Load(in.doc)
	in.faults = faults
	if len(sets) == 0 {
		return
	}
	set, fault := recipe.Select(in.doc, sets, o.sample)
	if fault != nil {
		in.faults = append(in.faults, fault)
		return
	}
	in.sets = []*recipe.Set{set}
	in.faults = slices.DeleteFunc(in.faults, func(e *source.Error) bool { // those of other samples
		return !strings.HasPrefix(e.Pointer+"/", set.Pointer+"/")
	})
}

// noRecipe says of a file that is another kind of file what it is for.
func noRecipe(doc *source.Document) *source.Error {
	version, kind := doc.Root.Member("apiVersion"), doc.Root.Member("kind")
	switch {
	case looksLikePayload(doc.Root):
		return doc.ErrorAt("", "is a secrets payload, not a recipe: %s", hint.Blueprint("secrets", "apply", "-f", doc.Name))
	case version == nil || kind == nil:
		return nil
	case diff.IsPlanKind(version.Text(), kind.Text()):
		return doc.ErrorAt("", "is a plan, not a recipe: %s", hint.Blueprint("deploy", "--plan", doc.Name))
	}
	return doc.ErrorAt("", "is a Kubernetes manifest, not a recipe: it is for kubectl without blueprint")
}

// judge gathers what is wrong with the files and with the recipes in them.
func judge(inputs []*recipeFile, rendered []*render.Rendered) (faults, warnings source.Errors) {
	for _, in := range inputs {
		faults = append(faults, in.faults...)
	}
	for _, r := range rendered {
		faults, warnings = append(faults, r.Faults...), append(warnings, r.Warnings...)
	}
	return faults, warnings
}

// workload is a recipe that is to be deployed or removed.
type workload struct {
	file      string
	group     string // the group of which it is a member, or ""
	needed    bool   // by other members
	values    map[string]any
	manifests render.Manifests
	objects   []*unstructured.Unstructured
	recipe    *recipe.Recipe
	schema    *recipe.Schema

	// What is there, once the cluster was asked.
	existing *release.Release // nil where none is
	outcomes []dryrun.Outcome // of a dry run
}

// workloads decodes what the recipes of one file became, level by level: each
// needs only those of levels before it.
func (r *recipes) workloads() ([][]*workload, error) {
	var levels [][]*workload
	rest := r.rendered
	for _, set := range r.sets {
		needed := map[*recipe.Recipe]bool{}
		for _, member := range set.Recipes {
			for _, to := range member.Dependencies() {
				needed[to] = true
			}
		}
		for _, level := range set.DeployWaves() {
			workloads, err := r.decoded(set.Group, rest[:len(level)])
			if err != nil {
				return nil, err
			}
			for _, w := range workloads {
				w.needed = needed[w.recipe]
			}
			levels, rest = append(levels, workloads), rest[len(level):]
		}
	}
	return levels, nil
}

func (r *recipes) decoded(group string, level []*render.Rendered) ([]*workload, error) {
	all := make([]*workload, len(level))
	for i, rendered := range level {
		w := &workload{group: group, file: rendered.Recipe.Doc.Name, values: rendered.Values, manifests: rendered.Manifests, recipe: rendered.Recipe, schema: r.schema}
		var err error
		if w.objects, err = w.manifests.Objects(); err != nil {
			return nil, fmt.Errorf("%s: %w", w.file, err)
		}
		if len(w.objects) == 0 {
			return nil, fmt.Errorf("%s: the recipe makes no objects", w.file)
		}
		all[i] = w
	}
	return all, nil
}

// set renders the workload anew with another value of the cluster.
func (w *workload) set(b *blueprint, key string, value any) error {
	w.values = chartutil.CoalesceTables(map[string]any{clusterKey: map[string]any{key: value}}, w.values)
	var err error
	if w.manifests, err = b.chart.Render(w.values); err != nil {
		return fmt.Errorf("%s: %w", w.file, err)
	}
	w.objects, err = w.manifests.Objects()
	return err
}

// at is where its file says what became a field of a Kubernetes object, as
// file:line:col, or "" where it doesn't. Values are what the field holds, the first
// to blame most.
func (w *workload) at(of field.Path, values ...string) string {
	if w.recipe == nil { // it is known from its release only
		return ""
	}
	pos := w.schema.Locate(w.recipe, of, values...)
	if pos == (source.Position{}) {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d", w.file, pos.Line, pos.Column)
}

// key is the key of the recipe that becomes a field of a Kubernetes object,
// whether the recipe has it or not. It is "" where none does.
func (w *workload) key(of field.Path) string {
	if w.recipe == nil {
		return ""
	}
	return w.schema.KeyOf(of)
}

// blamed is the line to fix for a failure and the key that stands there. The line
// is "" if the recipe lacks the key, and the key is "" if none is to blame.
func (w *workload) blamed(a rollout.Remediation) (line, key string) {
	if w.recipe == nil {
		return "", ""
	}
	v := a.Values
	values := []string{v.Secret, v.Key, v.ConfigMap, v.Image}
	if line = w.at(a.Field, values...); line != "" {
		return line, w.recipe.KeyAt(w.schema.Locate(w.recipe, a.Field, values...))
	}
	return "", w.key(a.Field)
}

// name is the workload's name: that of its release, its objects' common label.
func (w *workload) name() string { return instanceOf(w.objects) }

// path is the name of the file, "" where it can't be read again.
func (w *workload) path() string {
	if w.file == "-" {
		return ""
	}
	return w.file
}

// deploymentName is the name as the recipe spells it.
func (w *workload) deploymentName() string { return deploymentName(w.objects) }

func deploymentName(objects []*unstructured.Unstructured) string {
	if len(objects) == 0 {
		return ""
	}
	return objects[0].GetAnnotations()[render.DeploymentNameAnnotation]
}
