package cmd

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/color"
)

// TestCommandTree checks the help of every command and the completion of every
// argument and flag.
func TestCommandTree(t *testing.T) {
	t.Parallel()
	mode := color.Never
	root, _ := newRoot(t.Context(), &mode, genericiooptions.IOStreams{In: new(bytes.Buffer), Out: new(bytes.Buffer), ErrOut: new(bytes.Buffer)})
	commands := 0
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		commands++
		t.Run(c.CommandPath(), func(t *testing.T) {
			checkHelp(t, c)
			checkExamples(t, root, c)
			checkCompletion(t, c)
		})
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
	if commands < 20 {
		t.Errorf("walked %d commands", commands)
	}
}

func checkHelp(t *testing.T, c *cobra.Command) {
	if len(c.Short) > 55 || c.Short == "" || strings.HasSuffix(c.Short, ".") {
		t.Errorf("Short must be a phrase of at most 55 characters: %q", c.Short)
	}
	if c.Runnable() && !c.HasSubCommands() && c.Example == "" {
		t.Error("there are no examples")
	}
	help := c.Long + c.Example + c.UsageString()
	if strings.Contains(help, "kubectl-blueprint") {
		t.Error("the help has the name of the binary instead of 'kubectl blueprint'")
	}
	c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		if f.Usage == "" || !strings.HasSuffix(f.Usage, ".") && !strings.HasSuffix(f.Usage, "].") && f.Name != "help" {
			t.Errorf("--%s: the description must be a sentence: %q", f.Name, f.Usage)
		}
	})
}

// checkExamples parses the commands in the examples of c.
func checkExamples(t *testing.T, root, c *cobra.Command) {
	for line := range strings.Lines(c.Example) {
		for _, command := range regexp.MustCompile(`kubectl blueprint ([^|<>;&]+)`).FindAllStringSubmatch(line, -1) {
			args := strings.Fields(strings.SplitN(command[1], " || ", 2)[0])
			found, rest, err := root.Find(args)
			if err != nil || found == root {
				t.Errorf("example %q: %v", line, err)
				continue
			}
			for _, arg := range rest {
				if name, _, _ := strings.Cut(arg, "="); strings.HasPrefix(name, "-") && name != "-" && lookup(found, name) == nil {
					t.Errorf("example %q: %q has no flag %s", line, found.Name(), name)
				}
			}
		}
	}
}

// lookup returns a flag by its name with dashes.
func lookup(c *cobra.Command, name string) *pflag.Flag {
	if long, ok := strings.CutPrefix(name, "--"); ok {
		if f := c.Flags().Lookup(long); f != nil {
			return f
		}
		return c.InheritedFlags().Lookup(long)
	}
	short := strings.TrimPrefix(name, "-")[:1]
	if f := c.Flags().ShorthandLookup(short); f != nil {
		return f
	}
	return c.InheritedFlags().ShorthandLookup(short)
}

// checkCompletion requires that arguments and values complete. Files complete where a
// file is expected, and only there.
func checkCompletion(t *testing.T, c *cobra.Command) {
	if c.Runnable() && !c.HasSubCommands() && c.ValidArgsFunction == nil && c.ValidArgs == nil {
		t.Error("arguments have no completion")
	}
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		file := f.Annotations[cobra.BashCompFilenameExt] != nil || slices.Contains(fileFlags, f.Name)
		if _, found := c.GetFlagCompletionFunc(f.Name); !found && !file && f.Value.Type() != "bool" {
			t.Errorf("the value of --%s has no completion", f.Name)
		}
	})
}

// fileFlags are flags whose values are files of any kind, which a shell completes.
var fileFlags = []string{"cache-dir", "certificate-authority", "client-certificate", "client-key", "kubeconfig", "plan", "save-plan", "secrets", "template", "token-file"}
