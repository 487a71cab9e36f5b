package secrets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

type verifyOptions struct {
	payload PayloadOptions
	output  *printer.Output

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

func newVerify(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &verifyOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:   "verify (NAME | FILE)...",
		Short: "Verify registry credentials and model tokens",
		Long: heredoc.Doc(`
			Verify the registry credentials in pull secrets, and Hugging Face tokens and NGC
			API keys in other Secrets, by logging in to the services.

			NAME is a Secret in the cluster. FILE is a payload; it does not have to be
			applied first. Logs in from this machine, so a service that only the cluster
			can reach is reported as unreachable. Tokens are recognized by hf_, nvapi- or
			the names HF_TOKEN, HUGGING_FACE_HUB_TOKEN, NGC_API_KEY and NGC_CLI_API_KEY.`),
		Example: cmdutil.Examples(`
			# Verify the credentials in a payload
			kubectl blueprint secrets verify payload.json

			# Verify a pull secret and a token in the cluster
			kubectl blueprint secrets verify ngc-pull hf-secret`),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(o.payload.Names) > 0 {
				return nil
			}
			return cmdutil.Args(1, 0)(cmd, args)
		},
		ValidArgsFunction: completeSecrets(getter, cobra.ShellCompDirectiveDefault),
		RunE:              func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args) },
	}
	o.payload.addFlags(cmd)
	o.output = printer.NewOutput(cmd, "json", "yaml")
	return cmd
}

func (o *verifyOptions) run(ctx context.Context, args []string) error {
	if err := o.output.Validate(); err != nil {
		return err
	}
	var names []string
	for _, arg := range args {
		if input.IsPath(arg) { // or a URL
			o.payload.Complete([]string{arg})
		} else {
			names = append(names, arg)
		}
	}
	if len(names) > 0 && len(o.payload.Names) > 0 {
		return errors.New("NAME and FILE cannot be used together")
	}
	logins, err := o.logins(ctx, names)
	if err != nil {
		return err
	}
	results := secrets.Verify(ctx, logins)
	if err := o.print(results); err != nil {
		return err
	}
	failed := slices.DeleteFunc(slices.Clone(results), secrets.LoginResult.OK)
	if len(failed) > 0 {
		return fmt.Errorf("%d of %d logins failed", len(failed), len(results))
	}
	return nil
}

// logins returns the logins of the payload, or of Secrets in the cluster.
func (o *verifyOptions) logins(ctx context.Context, names []string) ([]secrets.Login, error) {
	if len(o.payload.Names) > 0 {
		operations, err := o.payload.Read(ctx, o.streams)
		if err != nil {
			return nil, err
		}
		logins := secrets.Logins(operations)
		if len(logins) == 0 {
			return nil, fmt.Errorf("no registry credentials or model tokens in %s", strings.Join(o.payload.Names, ", "))
		}
		return logins, nil
	}
	namespace, err := kube.Namespace(o.getter)
	if err != nil {
		return nil, err
	}
	client, err := kube.SecretsClient(o.getter)
	if err != nil {
		return nil, err
	}
	return secrets.LoginsOf(ctx, client, namespace, names)
}

// verifyItem is one login in the JSON and YAML of verify.
type verifyItem struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	secrets.LoginResult
}

func (o *verifyOptions) print(results []secrets.LoginResult) error {
	items := make([]verifyItem, len(results))
	for i, v := range results {
		items[i] = verifyItem{objref.APIVersion, "RegistryLogin", v}
	}
	if done, err := o.output.Structured(o.streams.Out, printer.NewList("RegistryLoginList", items)); done {
		return err
	}
	rows := make([][]string, len(results))
	for i, v := range results {
		rows[i] = []string{v.Secret, v.Key, v.Server, v.Result, v.Message}
	}
	return printer.PrintTable(o.streams.Out, []string{"SECRET", "KEY", "SERVER", "RESULT", "MESSAGE"}, rows)
}
