package cmd

import (
	"fmt"
	"io"
	"strings"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/explain"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

func newExplain(streams genericiooptions.IOStreams) *cobra.Command {
	return &cobra.Command{
		Use:     "explain [FIELD[.FIELD...]]",
		GroupID: recipesGroup,
		Short:   "Explain a field of recipes, groups or payloads",
		Long: heredoc.Doc(`
			Explain a field of recipes, groups or payloads, as 'kubectl explain' does
			for objects. Lists are passed through: recipe_configmaps.default_mode is a
			field of each of the list's items. Without FIELD, the fields of a recipe
			are listed.`),
		Example: cmdutil.Examples(`
			# A key of a recipe, and one inside
			kubectl blueprint explain recipe_configmaps
			kubectl blueprint explain recipe_configmaps.default_mode

			# What is set for a cluster, a group and a batch of secrets
			kubectl blueprint explain cluster.objectStorage
			kubectl blueprint explain deployment_group.deployments
			kubectl blueprint explain secrets_payload.data`),
		Args: cmdutil.Args(0, 1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return completeField(typed)
		},
		RunE: func(_ *cobra.Command, args []string) error {
			kinds, err := explainedKinds()
			switch {
			case err != nil:
				return err
			case len(args) == 0:
				return printKinds(streams.Out, kinds)
			}
			kind, err := kinds.of(args[0])
			if err != nil {
				return err
			}
			field, err := kind.Find(args[0])
			if err != nil {
				return err
			}
			return printField(streams.Out, kind, field)
		},
	}
}

// explained are the kinds of file, that of recipes first. The others are known
// by the one key that their files begin with.
type explained struct {
	recipe *explain.Field
	others map[string]*explain.Field
}

// The keys by which the other kinds of file are known.
func otherKinds() []string { return []string{"deployment_group", "secrets_payload"} }

func explainedKinds() (*explained, error) {
	kinds := &explained{others: map[string]*explain.Field{}}
	for key, name := range map[string]string{"": "recipe", "deployment_group": "group", "secrets_payload": "secrets"} {
		text, err := schemaOf(name)
		if err != nil {
			return nil, err
		}
		field, err := explain.Parse(text)
		if err != nil {
			return nil, err
		}
		if key == "" {
			kinds.recipe = field
		} else {
			kinds.others[key] = field
		}
	}
	return kinds, nil
}

// of returns the kind of file that has the path's first element.
func (e *explained) of(path string) (*explain.Field, error) {
	first, _, _ := strings.Cut(path, ".")
	first = strings.TrimSuffix(first, "[]")
	if kind, found := e.others[first]; found {
		return kind, nil
	}
	if _, err := e.recipe.Find(first); err != nil {
		if near := source.Nearest(first, otherKinds()); near != "" {
			return nil, fmt.Errorf("there is no field %q at the top level: did you mean %s?", first, near)
		}
	}
	return e.recipe, nil
}

// completeField completes the last element of a path. What has fields of its
// own is followed by no blank, as a dot may come.
func completeField(typed string) ([]string, cobra.ShellCompDirective) {
	directive := cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	kinds, err := explainedKinds()
	if err != nil {
		return nil, directive
	}
	var fields []*explain.Field
	dot := strings.LastIndex(typed, ".")
	if dot < 0 {
		fields = kinds.topLevel()
	} else if kind, err := kinds.of(typed); err == nil {
		if parent, err := kind.Find(typed[:dot]); err == nil {
			fields = parent.Fields()
		}
	}
	var found []string
	for _, f := range fields {
		if name := typed[:dot+1] + f.Name; strings.HasPrefix(name, typed) {
			found = append(found, name+"\t"+firstSentence(f.Description))
		}
	}
	return found, directive
}

// topLevel are the fields of a recipe and the keys of the other kinds.
func (e *explained) topLevel() []*explain.Field {
	return append(e.recipe.Fields(), e.otherKeys()...)
}

func (e *explained) otherKeys() []*explain.Field {
	var all []*explain.Field
	for _, key := range otherKinds() {
		if field, err := e.others[key].Find(key); err == nil {
			all = append(all, field)
		}
	}
	return all
}

// printKinds lists the fields of recipes, and the keys of the other kinds of
// file, with the first sentence of each.
func printKinds(out io.Writer, kinds *explained) error {
	var b strings.Builder
	fmt.Fprintf(&b, "KIND:       %s\n\n", kinds.recipe.Title)
	writeText(&b, "DESCRIPTION", firstSentence(kinds.recipe.Description))
	writeFields(&b, "FIELDS", kinds.recipe.Fields(), firstSentence)
	writeFields(&b, "OTHER FILES", kinds.otherKeys(), firstSentence)
	_, err := io.WriteString(out, b.String())
	return err
}
