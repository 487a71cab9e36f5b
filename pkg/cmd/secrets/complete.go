package secrets

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

// completeSecrets completes arguments with the names of Secrets, each once. An error
// completes nothing.
func completeSecrets(getter genericclioptions.RESTClientGetter, directive cobra.ShellCompDirective) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, prefix string) ([]cobra.Completion, cobra.ShellCompDirective) {
		namespace, err := kube.Namespace(getter)
		if err != nil {
			return nil, directive
		}
		client, err := kube.SecretsClient(getter)
		if err != nil {
			return nil, directive
		}
		entries, err := secrets.List(cmd.Context(), client, namespace, "")
		if err != nil {
			return nil, directive
		}
		var names []string
		for _, e := range entries {
			if strings.HasPrefix(e.Name, prefix) && !slices.Contains(args, e.Name) {
				names = append(names, e.Name)
			}
		}
		return names, directive
	}
}
