package cmd

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/netip"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/serve"
)

// defaultAddress has a port that nothing well-known uses.
const defaultAddress = "127.0.0.1:8640"

type serveOptions struct {
	address   string
	tokenFile string

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

func newServe(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &serveOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:     "serve",
		GroupID: secretsGroup,
		Short:   "Serve the /secrets HTTP API",
		Long: heredoc.Doc(`
			Serve the /secrets HTTP API of OCI AI Blueprints on this machine.

			  GET  /secrets/         list the Secrets of a namespace: names, types and keys
			  GET  /secrets/NAME/    get one Secret
			  POST /secrets/         apply a payload with the rules of 'secrets apply';
			                         200 if all operations succeeded, otherwise 400

			?namespace=NAME selects a namespace other than that of -n or the context. As in
			the public API, a delete does not check whether the Secret is in use.

			Requests must send the header "Authorization: Token …". The token is generated
			and printed at startup, or read from --token-file. Anyone with the token can do
			what your kubeconfig allows. Ctrl-C stops the server after the requests in
			progress.`),
		Example: cmdutil.Examples(`
			# Serve on 127.0.0.1:8640 with a generated token
			kubectl blueprint serve

			# Serve with a permanent token
			(umask 077; openssl rand -hex 32 > token)
			kubectl blueprint serve --token-file token

			# Apply a payload
			curl -H "Authorization: Token $(cat token)" -d @payload.json http://127.0.0.1:8640/secrets/`),
		ValidArgsFunction: cmdutil.CompleteNothing,
		Args:              cmdutil.Args(0, 0),
		RunE:              func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().StringVar(&o.address, "address", defaultAddress, "Listen on `HOST:PORT`. Port 0 selects a free port.")
	cmdutil.CompleteFlagFunc(cmd, "address", cmdutil.CompleteNothing)
	cmd.Flags().StringVar(&o.tokenFile, "token-file", "", "Read the API token from `FILE`.")
	return cmd
}

func (o *serveOptions) run(ctx context.Context) error {
	host, _, err := net.SplitHostPort(o.address)
	if err != nil {
		return fmt.Errorf("--address must be HOST:PORT, such as %s", defaultAddress)
	}
	namespace, err := kube.Namespace(o.getter)
	if err != nil {
		return err
	}
	client, err := kube.SecretsClient(o.getter)
	if err != nil {
		return err
	}
	token, err := o.token(ctx)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.address)
	if err != nil {
		return hint.Text(err, "use --address to listen on another address or port")
	}
	defer listener.Close() //nolint:errcheck // closed already when all went well
	if err := o.announce(listener.Addr().(*net.TCPAddr).AddrPort(), namespace, token); err != nil {
		return err
	}
	logger := log.New(o.streams.ErrOut, "", log.LstdFlags)
	handler := serve.New(serve.Options{Secrets: client, Namespace: namespace, Token: token, Host: host, Log: logger})
	return serve.Run(ctx, listener, handler, logger)
}

// token returns the token in the file, or a new one.
func (o *serveOptions) token(ctx context.Context) (string, error) {
	if o.tokenFile == "" {
		return serve.NewToken(), nil
	}
	token, err := serve.ReadToken(ctx, o.tokenFile)
	if err == nil && input.WorldReadable(o.tokenFile) {
		printer.Warn(o.streams.ErrOut, "%s: contains the API token and is world-readable", o.tokenFile)
		printer.PrintHint(o.streams.ErrOut, hint.Hint{Command: hint.Command{"chmod", "o=", hint.File(o.tokenFile)}})
	}
	return token, err
}

// announce prints the address of the server and a generated token.
func (o *serveOptions) announce(address netip.AddrPort, namespace, token string) error {
	if err := printer.PrintLine(o.streams.Out, "Serving the secrets of namespace %s at %s", namespace, serve.LocalURL(address)); err != nil {
		return err
	}
	if o.tokenFile == "" {
		printer.Report(o.streams.ErrOut, "Authorization: Token %s", token)
	}
	if !address.Addr().Unmap().IsLoopback() {
		printer.Warn(o.streams.ErrOut, "%s is reachable from other machines without encryption", address)
		printer.PrintHint(o.streams.ErrOut, hint.Hint{Text: "use a TLS proxy, or an SSH tunnel to a loopback address"})
	}
	return nil
}
