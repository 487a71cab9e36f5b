package cmd

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
)

// releaseVersion is set by the linker, in a release built by hack/dist.
var releaseVersion string

func newVersion(streams genericiooptions.IOStreams) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of the plugin and of the Helm inside it",
		Args:  cmdutil.Args(0, 0),
		RunE: func(*cobra.Command, []string) error {
			info, ok := debug.ReadBuildInfo()
			if !ok {
				return fmt.Errorf("this binary carries no build information")
			}
			_, err := fmt.Fprintf(streams.Out, "kubectl blueprint %s\nhelm %s\n%s\n",
				pluginVersion(info), moduleVersion(info, "helm.sh/helm/v3"), info.GoVersion)
			return err
		},
	}
}

// pluginVersion is the release's, or what `go install` of a version recorded.
func pluginVersion(info *debug.BuildInfo) string {
	if releaseVersion != "" {
		return releaseVersion
	}
	return info.Main.Version
}

func moduleVersion(info *debug.BuildInfo, path string) string {
	for _, m := range info.Deps {
		if m.Path == path {
			return m.Version
		}
	}
	return "unknown"
}
