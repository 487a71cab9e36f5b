package cmd

import (
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

func newSecrets(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "secrets",
		Aliases: []string{"secret"},
		GroupID: secretsGroup,
		Short:   "Apply a batch of secrets, and look at what is there",
		Args:    noSuchCommand,
		RunE:    showHelp,
	}
	cmd.AddCommand(newSecretsApply(getter, streams), newSecretsList(getter, streams), newSecretsGet(getter, streams),
		newSecretsVerify(getter, streams))
	return cmd
}

// secretsClient returns what pkg/secrets works with. Protobuf spares both sides
// most of the encoding of large batches.
func secretsClient(getter genericclioptions.RESTClientGetter) (secrets.Client, error) {
	config, err := getter.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	config.WarningHandler = rest.NoWarnings{} // a webhook's warning may quote the value that it warns of
	config.ContentType = "application/vnd.kubernetes.protobuf"
	config.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	return corev1client.NewForConfig(config)
}
