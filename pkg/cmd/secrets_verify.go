package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

type secretsVerifyOptions struct {
	payload payloadOptions
	output  *cmdutil.Output

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

// verdict is what came of one login.
type verdict struct {
	Secret  string `json:"secret"`
	Server  string `json:"registry_server"`
	Result  string `json:"result"`
	Message string `json:"message,omitempty"`
}

func newSecretsVerify(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &secretsVerifyOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:   "verify NAME...|-f FILE",
		Short: "Log in to the registries of pull secrets with their credentials",
		Long: heredoc.Doc(`
			Log in to the registries of pull secrets with their credentials.

			NAME is a secret of the cluster; with -f it is those of a payload that need not
			be applied yet. The login is made from this machine: where a registry can't be
			reached from here, the cluster may still reach it.`),
		Example: cmdutil.Examples(`
			# Before applying a payload
			kubectl blueprint secrets verify -f payload.json

			# A secret of the cluster
			kubectl blueprint secrets verify ngc-pull`),
		RunE: func(cmd *cobra.Command, names []string) error { return o.run(cmd.Context(), names) },
	}
	o.payload.addFlags(cmd)
	o.output = cmdutil.NewOutput(cmd, "json", "yaml")
	return cmd
}

func (o *secretsVerifyOptions) run(ctx context.Context, names []string) error {
	if err := o.output.Validate(); err != nil {
		return err
	}
	if (len(names) == 0) == (len(o.payload.names) == 0) {
		return errors.New("name secrets of the cluster, or a payload with -f FILE")
	}
	logins, err := o.logins(ctx, names)
	if err != nil {
		return err
	}
	verdicts, failed := o.try(ctx, logins)
	if done, err := o.output.Structured(o.streams.Out, verdicts); err != nil {
		return err
	} else if !done {
		rows := make([][]string, len(verdicts))
		for i, v := range verdicts {
			rows[i] = []string{v.Secret, v.Server, v.Result, v.Message}
		}
		if err := cmdutil.PrintTable(o.streams.Out, []string{"SECRET", "REGISTRY", "RESULT", "MESSAGE"}, rows); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d logins did not succeed", failed, len(verdicts))
	}
	return nil
}

// login is the credentials of one registry in one secret.
type login struct {
	secret     string
	credential registry.Credential
	fault      *secrets.PullSecretError // of a pull secret that has none
}

func (o *secretsVerifyOptions) logins(ctx context.Context, names []string) ([]login, error) {
	var logins []login
	if len(o.payload.names) > 0 {
		operations, err := o.payload.read(ctx, o.streams)
		if err != nil {
			return nil, err
		}
		for _, op := range operations {
			for _, c := range op.Credentials() {
				logins = append(logins, login{secret: op.Name, credential: c})
			}
		}
		if len(logins) == 0 {
			return nil, fmt.Errorf("%s: has no container_registry secret to verify", strings.Join(o.payload.names, ", "))
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
	for _, name := range names {
		credentials, err := secrets.PullSecretCredentials(ctx, client, namespace, name)
		var fault *secrets.PullSecretError
		switch {
		case errors.As(err, &fault) && fault.NoLogin:
			logins = append(logins, login{secret: name, fault: fault})
		case err != nil:
			return nil, err
		}
		for _, c := range credentials {
			logins = append(logins, login{secret: name, credential: c})
		}
	}
	return logins, nil
}

// try logs in everywhere at once, and returns the verdicts in the order of
// logins.
func (o *secretsVerifyOptions) try(ctx context.Context, logins []login) (verdicts []verdict, failed int) {
	verdicts = make([]verdict, len(logins))
	var group sync.WaitGroup
	for i, l := range logins {
		if l.fault != nil {
			verdicts[i] = verdict{Secret: l.secret, Result: string(registry.NoLogin), Message: l.fault.Reason}
			continue
		}
		group.Go(func() {
			verdicts[i] = verdict{Secret: l.secret, Server: l.credential.Server, Result: "ok"}
			err := registry.Login(ctx, l.credential, registry.Options{})
			var fault *registry.Error
			switch {
			case errors.As(err, &fault):
				verdicts[i].Result, verdicts[i].Message = string(fault.Outcome), fault.Reason
			case err != nil:
				verdicts[i].Result, verdicts[i].Message = "interrupted", err.Error()
			}
		})
	}
	group.Wait()
	for _, v := range verdicts {
		if v.Result != "ok" {
			failed++
		}
	}
	return verdicts, failed
}
