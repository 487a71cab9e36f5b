package cmd

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

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
		Use:     "init " + strings.Join(starterNames, "|"),
		GroupID: recipesGroup,
		Short:   "Write a commented recipe to begin with, and the payload of its secrets",
		Long: heredoc.Doc(`
			Write a commented recipe to begin with, and the payload of its secrets, as two
			files in the current directory. Files that are there are not written over.

			nim is an NVIDIA NIM, huggingface a model of the Hugging Face Hub served by
			vLLM, registry a service whose image is in a private registry, and job a job
			that runs once on a GPU.`),
		Example: examples(`
			# From nothing to a running NIM
			kubectl blueprint init nim
			export NGC_API_KEY=...
			kubectl blueprint deploy nim.yaml --secrets nim-secrets.yaml`),
		Args:      operands(1, 1),
		ValidArgs: starterNames,
		RunE: func(_ *cobra.Command, args []string) error {
			return writeStarter(streams, args[0])
		},
	}
}

// writeStarter writes both files of a starter, or none.
func writeStarter(streams genericiooptions.IOStreams, name string) error {
	if !slices.Contains(starterNames, name) {
		return fmt.Errorf("there is no recipe %q to begin with: want %s", name, strings.Join(starterNames, ", "))
	}
	recipe, payload := name+".yaml", name+"-secrets.yaml"
	for _, file := range []string{recipe, payload} {
		if _, err := os.Lstat(file); err == nil {
			return fmt.Errorf("%s is there already, and nothing was written: move it away, or go to another directory", file)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, file := range []string{recipe, payload} {
		text, err := starters.ReadFile("starters/" + file)
		if err != nil {
			return err
		}
		if err := os.WriteFile(file, text, 0o600); err != nil {
			return err
		}
		if err := printLine(streams.Out, "%s created", file); err != nil {
			return err
		}
	}
	sayTo(streams.ErrOut)("next: read both, then: %s", hint.Blueprint("deploy", recipe, "--secrets", payload))
	return nil
}
