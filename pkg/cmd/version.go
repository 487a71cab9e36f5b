package cmd

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
)

// releaseVersion is set by the linker in releases, see hack/dist.
var releaseVersion string

// versions is the JSON and YAML of version.
type versions struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Version    string `json:"version"` // of the plugin
	Helm       string `json:"helm"`
	Kubernetes string `json:"kubernetes"` // version of the client libraries
	Go         string `json:"go"`
}

func newVersion(streams genericiooptions.IOStreams) *cobra.Command {
	var output *printer.Output
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print version information",
		Example: cmdutil.Examples(`
			# Print the version of the plugin and of its libraries
			kubectl blueprint version -o json`),
		Args:              cmdutil.Args(0, 0),
		ValidArgsFunction: cmdutil.CompleteNothing,
		RunE: func(*cobra.Command, []string) error {
			if err := output.Validate(); err != nil {
				return err
			}
			v := versions{APIVersion: objref.APIVersion, Kind: "Version", Version: pluginVersion()}
			if info, ok := debug.ReadBuildInfo(); ok {
				v.Helm, v.Kubernetes, v.Go = moduleVersion(info, "helm.sh/helm/v3"), moduleVersion(info, "k8s.io/client-go"), info.GoVersion
			}
			if done, err := output.Structured(streams.Out, v); done {
				return err
			}
			_, err := fmt.Fprintf(streams.Out, "kubectl blueprint %s\nhelm %s\n%s\n", v.Version, v.Helm, v.Go)
			return err
		},
	}
	output = printer.NewOutput(cmd, "json", "yaml")
	return cmd
}

// pluginVersion returns the version of the release, or the one that 'go install'
// recorded.
func pluginVersion() string {
	if releaseVersion != "" {
		return releaseVersion
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
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
