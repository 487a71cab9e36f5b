// Package cmdutil holds what command definitions share: the layout of help pages, errors
// of usage, and the files of a command line. It knows no command and
// does no work itself.
package cmdutil

import (
	"bytes"
	"fmt"
	"strings"
	"text/template"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/kubectl/pkg/util/templates"
	"k8s.io/kubectl/pkg/util/term"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/color"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// usageTemplate is cobra's own without the twenty flags of the cluster, which
// would hide the few of the command: those are in `kubectl blueprint options`.
const usageTemplate = `Usage:
  {{if .HasAvailableSubCommands}}{{.CommandPath}} COMMAND{{else}}{{.UseLine}}{{end}}
{{- if .HasExample}}

Examples:
{{.Example}}{{end}}
{{- if .HasAvailableSubCommands}}{{$commands := .Commands}}
{{- range $group := .Groups}}

{{$group.Title}}{{range $commands}}{{if and .IsAvailableCommand (eq .GroupID $group.ID)}}
  {{printf "%-*s" .NamePadding .Name}} {{.Short}}{{end}}{{end}}{{end}}
{{- if not .AllChildCommandsHaveGroup}}

{{if .Groups}}Other commands:{{else}}Commands:{{end}}{{range $commands}}{{if and .IsAvailableCommand (eq .GroupID "")}}
  {{printf "%-*s" .NamePadding .Name}} {{.Short}}{{end}}{{end}}{{end}}{{end}}
{{- if .HasParent}}{{with flags .LocalFlags}}

Flags:
{{.}}{{end}}{{end}}
{{if .HasAvailableSubCommands}}
Use "{{.CommandPath}} COMMAND --help" for more information about a command.{{end}}
Use "{{.Root.CommandPath}} options" for a list of global command-line options (applies to all commands).
`

// SetUsage gives root and all commands below it one layout of help pages, wrapped to the
// width of the terminal, and adds the command for help to errors of usage.
func SetUsage(root *cobra.Command) {
	root.SetUsageFunc(func(c *cobra.Command) error {
		usage, err := template.New("usage").Funcs(template.FuncMap{"flags": FlagUsages}).Parse(usageTemplate)
		if err != nil {
			return err
		}
		return usage.Execute(c.OutOrStderr(), c)
	})
	root.SetHelpFunc(func(c *cobra.Command, _ []string) {
		out := term.NewResponsiveWriter(color.Stream(c.OutOrStdout()))
		text := c.Long
		if text == "" {
			text = c.Short
		}
		_, _ = fmt.Fprintf(out, "%s\n\n%s", strings.TrimSpace(text), c.UsageString())
	})
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError(c, err)
	})
}

// FlagUsages lists flags as kubectl does, as wide as the terminal.
func FlagUsages(flags *pflag.FlagSet) string {
	width, err := term.GetWordWrapperLimit()
	if err != nil || width == 0 { // no terminal, or a narrow one
		width = 80
	}
	var text bytes.Buffer
	printer := templates.NewHelpFlagPrinter(&text, width)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		shown := *f
		_, shown.Usage = pflag.UnquoteUsage(f)
		printer.PrintHelpFlag(&shown)
	})
	return strings.TrimRight(text.String(), "\n")
}

// usageError returns err with kubectl's line about the help.
func usageError(c *cobra.Command, err error) error {
	return printer.WithLines(err, fmt.Sprintf("See '%s --help' for usage.", c.CommandPath()))
}

// Args requires from least to most arguments, or least and more if most is
// smaller.
func Args(least, most int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return usageError(c, fmt.Errorf("requires at least %s", source.Count(least, "argument")))
		case len(args) > most && most >= least:
			return usageError(c, fmt.Errorf("unexpected argument %q", args[most]))
		}
		return nil
	}
}

// NoSubcommand refuses arguments of a command that only holds others, and
// suggests the nearest of these.
func NoSubcommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	c.SuggestionsMinimumDistance = 2 // cobra's own default, which it sets too late for us
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		return fmt.Errorf("unknown command %q for %q; did you mean %q?", args[0], c.CommandPath(), near[0])
	}
	return usageError(c, fmt.Errorf("unknown command %q for %q", args[0], c.CommandPath()))
}

// Examples indents the examples of a help page.
func Examples(text string) string {
	lines := strings.Split(strings.TrimSpace(heredoc.Doc(text)), "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = "  " + line
		}
	}
	return strings.Join(lines, "\n")
}

// ShowHelp prints the help of a command that only holds others.
func ShowHelp(c *cobra.Command, _ []string) error { return c.Help() }
