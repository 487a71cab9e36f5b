package cmdutil

import (
	"github.com/spf13/cobra"
	kcmdutil "k8s.io/kubectl/pkg/cmd/util"
)

// CompleteFiles completes arguments with recipe and payload files.
func CompleteFiles(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return []cobra.Completion{"json", "yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
}

// CompleteDirectories completes the value of a flag with directories.
func CompleteDirectories(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// CompleteNothing completes nothing, for arguments and values without a finite set.
func CompleteNothing(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// AddDryRunFlag adds kubectl's --dry-run with its completion.
func AddDryRunFlag(cmd *cobra.Command) {
	kcmdutil.AddDryRunFlag(cmd)
	CompleteFlag(cmd, "dry-run", "none", "client", "server")
}

// CompleteFlag completes the value of a flag with fixed values.
func CompleteFlag(cmd *cobra.Command, flag string, values ...string) {
	CompleteFlagFunc(cmd, flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

// CompleteFlagFunc completes the value of a flag. The flag must exist.
func CompleteFlagFunc(cmd *cobra.Command, flag string, complete cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err) // a mistake in the code of the command, found by any test of it
	}
}
