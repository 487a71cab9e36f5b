package cmd

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
)

// starters are recipes to begin with, each with the payload of its secrets.
//
//go:embed starters
var starters embed.FS

// starterNames are the recipes, in the order in which they are told of.
var starterNames = []string{"nim", "huggingface", "registry", "job"}

func newInit(streams genericiooptions.IOStreams) *cobra.Command {
	return &cobra.Command{
		Use:     "init " + strings.Join(starterNames, "|") + " [NAME]",
		GroupID: recipesGroup,
		Short:   "Write a commented recipe to begin with, and the payload of its secrets",
		Long: heredoc.Doc(`
			Write a commented recipe to begin with, and the payload of its secrets, as two
			files in the current directory. Files that are there are not written over.
			NAME is the deployment_name and the beginning of the file names; the default
			is that of the kind.

			nim is an NVIDIA NIM, huggingface a model of the Hugging Face Hub served by
			vLLM, registry a service whose image is in a private registry, and job a job
			that runs once on a GPU.`),
		Example: cmdutil.Examples(`
			# From nothing to a running NIM
			kubectl blueprint init nim
			export NGC_API_KEY=...
			kubectl blueprint deploy nim.yaml --secrets nim-secrets.yaml

			# A second one beside it
			kubectl blueprint init nim llama`),
		Args: cmdutil.Args(1, 2),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return starterNames, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			return writeStarter(streams, args[0], args[len(args)-1])
		},
	}
}

// writeStarter writes both files of a starter, or none.
func writeStarter(streams genericiooptions.IOStreams, kind, name string) error {
	if !slices.Contains(starterNames, kind) {
		return fmt.Errorf("there is no recipe %q to begin with: want %s", kind, strings.Join(starterNames, ", "))
	}
	if len(validation.IsDNS1123Label(name)) > 0 {
		return fmt.Errorf("invalid NAME %q: must be lower-case letters, digits and dashes", name)
	}
	files := []string{name + ".yaml", name + "-secrets.yaml"}
	for _, file := range files {
		if _, err := os.Lstat(file); err == nil {
			return fmt.Errorf("%s is there already, and nothing was written: move it away, or go to another directory", file)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for i, suffix := range []string{".yaml", "-secrets.yaml"} {
		text, err := starters.ReadFile("starters/" + kind + suffix)
		if err == nil {
			err = replaceFile(files[i], renamed(text, kind, name))
		}
		if err != nil {
			return errors.Join(err, remove(files[:i]))
		}
	}
	for _, file := range files {
		if err := cmdutil.PrintLine(streams.Out, "%s created", file); err != nil {
			return err
		}
	}
	cmdutil.Report(streams.ErrOut, "next: read both, then: %s", hint.Blueprint("deploy", files[0], "--secrets", files[1]))
	return nil
}

// renamed returns a starter with another deployment_name, in whose comments the
// files have its names.
func renamed(text []byte, kind, name string) []byte {
	return []byte(strings.NewReplacer(
		"deployment_name: "+kind+"\n", "deployment_name: "+yamlScalar(name)+"\n",
		kind+".yaml", name+".yaml",
		kind+"-secrets.yaml", name+"-secrets.yaml",
	).Replace(string(text)))
}

// yamlScalar quotes a name that YAML would not take for text, such as 1e3 or no.
func yamlScalar(name string) string {
	var value any
	if err := yaml.Unmarshal([]byte(name), &value); err == nil && value == name {
		return name
	}
	return strconv.Quote(name)
}

func remove(files []string) error {
	var failed error
	for _, file := range files {
		failed = errors.Join(failed, os.Remove(file))
	}
	return failed
}
