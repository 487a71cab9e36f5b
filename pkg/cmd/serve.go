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
		Short:   "Serve the /secrets HTTP API on this machine",
		Long: heredoc.Doc(`
			Serve the /secrets HTTP API on this machine, for clients written for it.

			  GET  /secrets/         the secrets of a namespace: names, types, keys, never values
			  GET  /secrets/NAME/    one of them
			  POST /secrets/         a payload, with the rules of 'kubectl blueprint secrets apply':
			                         200 where every operation succeeded, else 400

			As in the public API, a delete does not ask who uses the secret. Each request
			takes ?namespace=NAME; without it, it is that of -n or the context. Every
			request has to bring the header "Authorization: Token …", with a token that is
			made and printed at the start, or read from a file. The server does what your
			kubeconfig lets you do, and whoever has the token can do it too.

			Ctrl-C stops it; requests under way may finish.`),
		Example: cmdutil.Examples(`
			# On 127.0.0.1:8640, with a token of its own
			kubectl blueprint serve

			# With a token that stays the same
			(umask 077; openssl rand -hex 32 > token)
			kubectl blueprint serve --token-file token

			# Apply a payload
			curl -H "Authorization: Token $(cat token)" -d @payload.json http://127.0.0.1:8640/secrets/`),
		Args: cmdutil.Args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().StringVar(&o.address, "address", defaultAddress, "The `HOST:PORT` to listen on. Port 0 takes any that is free.")
	cmd.Flags().StringVar(&o.tokenFile, "token-file", "", "The `FILE` with the token that requests have to bring.")
	return cmd
}

func (o *serveOptions) run(ctx context.Context) error {
	host, _, err := net.SplitHostPort(o.address)
	if err != nil {
		return fmt.Errorf("--address: want HOST:PORT, such as %s", defaultAddress)
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
		return fmt.Errorf("%w: --address takes another HOST:PORT", err)
	}
	defer listener.Close() //nolint:errcheck // closed already when all went well
	if err := o.announce(listener.Addr().(*net.TCPAddr).AddrPort(), namespace, token); err != nil {
		return err
	}
	logger := log.New(o.streams.ErrOut, "", log.LstdFlags)
	handler := serve.New(serve.Options{Secrets: client, Namespace: namespace, Token: token, Host: host, Log: logger})
	return serve.Run(ctx, listener, handler, logger)
}

// token returns that of the file, or a new one.
func (o *serveOptions) token(ctx context.Context) (string, error) {
	if o.tokenFile == "" {
		return serve.NewToken(), nil
	}
	token, err := serve.ReadToken(ctx, o.tokenFile)
	if err == nil && input.WorldReadable(o.tokenFile) {
		cmdutil.Warn(o.streams.ErrOut, "%s can be read by every user of this machine: %s", o.tokenFile, hint.Command{"chmod", "o=", hint.File(o.tokenFile)})
	}
	return token, err
}

// announce says where the server is, and what its token is where nobody else
// knows it.
func (o *serveOptions) announce(address netip.AddrPort, namespace, token string) error {
	if err := cmdutil.PrintLine(o.streams.Out, "Serving the secrets of namespace %s at %s", namespace, serve.LocalURL(address)); err != nil {
		return err
	}
	if o.tokenFile == "" {
		cmdutil.Report(o.streams.ErrOut, "Authorization: Token %s", token)
	}
	if !address.Addr().Unmap().IsLoopback() {
		cmdutil.Warn(o.streams.ErrOut, "%s can be reached from other machines, and requests to it are not encrypted: put TLS in front of it, or use an ssh tunnel to a loopback address", address)
	}
	return nil
}
