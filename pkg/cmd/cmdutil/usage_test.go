package cmdutil_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
)

// newTree returns a root with a group, two commands and a flag for all.
func newTree() *cobra.Command {
	root := &cobra.Command{Use: "plugin", Args: cmdutil.NoSubcommand, RunE: cmdutil.ShowHelp, SilenceErrors: true, SilenceUsage: true}
	root.PersistentFlags().String("kubeconfig", "", "Path to the kubeconfig.")
	root.AddGroup(&cobra.Group{ID: "recipes", Title: "Recipes:"})
	deploy := &cobra.Command{Use: "deploy FILE", GroupID: "recipes", Short: "Deploy a recipe", Args: cmdutil.Args(1, 1),
		Example: cmdutil.Examples(`
			# A recipe
			plugin deploy nim.json`),
		RunE: func(*cobra.Command, []string) error { return nil }}
	deploy.Flags().Bool("wait", true, "Wait until it is ready.")
	root.AddCommand(deploy, &cobra.Command{Use: "render FILE...", Short: "Print manifests", Args: cmdutil.Args(1, 0), RunE: func(*cobra.Command, []string) error { return nil }})
	cmdutil.SetUsage(root)
	return root
}

// TestUsage prints help pages, which leave out the flags of all commands.
func TestUsage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args      string
		has, lack []string
	}{
		{"", []string{"Usage:\n  plugin COMMAND\n", "\nRecipes:\n  deploy      Deploy a recipe\n", "\nOther commands:\n", "  render      Print manifests\n", `Use "plugin options" for a list of global`}, []string{"--kubeconfig"}},
		{"deploy --help", []string{"Usage:\n  plugin deploy FILE", "\nExamples:\n  # A recipe\n  plugin deploy nim.json\n", "\nFlags:\n    --wait=true:\n"}, []string{"--kubeconfig", "--help"}},
	} {
		var out bytes.Buffer
		root := newTree()
		root.SetArgs(strings.Fields(tt.args))
		root.SetOut(&out)
		if err := root.Execute(); err != nil {
			t.Fatal(err)
		}
		for _, text := range tt.has {
			if !strings.Contains(out.String(), text) {
				t.Errorf("%q: no %q in\n%s", tt.args, text, out.String())
			}
		}
		for _, text := range tt.lack {
			if strings.Contains(out.String(), text) {
				t.Errorf("%q: %q in\n%s", tt.args, text, out.String())
			}
		}
	}
}

// TestUsageErrors gives commands arguments and flags that they don't take.
func TestUsageErrors(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"deploy":           "error: requires at least 1 argument\nSee 'plugin deploy --help' for usage.\n",
		"deploy a b":       "error: unexpected argument \"b\"\nSee 'plugin deploy --help' for usage.\n",
		"render":           "error: requires at least 1 argument\nSee 'plugin render --help' for usage.\n",
		"render a b c":     "",
		"deploy a --color": "error: unknown flag: --color\nSee 'plugin deploy --help' for usage.\n",
		"deplyo":           "error: unknown command \"deplyo\" for \"plugin\"; did you mean \"deploy\"?\n",
		"frobnicate":       "error: unknown command \"frobnicate\" for \"plugin\"\nSee 'plugin --help' for usage.\n",
	} {
		var got bytes.Buffer
		root := newTree()
		root.SetArgs(strings.Fields(args))
		if err := root.Execute(); err != nil {
			printer.PrintError(&got, err, nil)
		}
		if got.String() != want {
			t.Errorf("%q: got %q, want %q", args, got.String(), want)
		}
	}
}
