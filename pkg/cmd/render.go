package cmd

import (
	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
)

func newRender(streams genericiooptions.IOStreams) *cobra.Command {
	return &cobra.Command{
		Use:     "render FILE...",
		GroupID: recipesGroup,
		Short:   "Print the manifests that recipes become, without a cluster",
		Long: heredoc.Doc(`
			Print the manifests that recipes become, without a cluster.

			The output is byte for byte that of 'helm template' with the embedded
			chart and the recipe as its values file. FILE may be JSON or YAML; a
			dash reads standard input.`),
		Example: examples(`
			# Review a recipe
			kubectl blueprint render nim.json

			# Apply it without Helm
			kubectl blueprint render nim.json | kubectl apply -f -`),
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			b, err := loadBlueprint()
			if err != nil {
				return err
			}
			return renderFiles(b, files, streams)
		},
	}
}

// renderFiles prints nothing unless every file is good.
func renderFiles(b *blueprint, files []string, streams genericiooptions.IOStreams) error {
	var manifests []byte
	for _, file := range files {
		w, err := b.read(file, streams.In, streams.ErrOut)
		if err != nil {
			return err
		}
		manifests = append(manifests, w.manifests.YAML()...)
	}
	_, err := streams.Out.Write(manifests)
	return err
}
