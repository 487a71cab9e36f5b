package controlplane

import (
	"context"

	"github.com/spf13/pflag"
	"k8s.io/kubernetes/cmd/kube-controller-manager/app"
	"k8s.io/kubernetes/cmd/kube-controller-manager/app/options"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/cluster/pki"
)

// runControllerManager runs the stock controllers until ctx ends.
func runControllerManager(ctx context.Context, args []string) error {
	o, err := options.NewKubeControllerManagerOptions()
	if err != nil {
		return err
	}
	all, off, aliases := app.KnownControllers(), app.ControllersDisabledByDefault(), app.ControllerAliases()
	flags := o.Flags(all, off, aliases)
	fs := pflag.NewFlagSet("kube-controller-manager", pflag.ContinueOnError)
	for _, f := range flags.FlagSets {
		fs.AddFlagSet(f)
	}
	if err := fs.Parse(args); err != nil {
		return err
	}
	o.ParsedFlags = &flags
	if err := o.ComponentGlobalsRegistry.Set(); err != nil {
		return err
	}
	c, err := o.Config(ctx, all, off, aliases)
	if err != nil {
		return err
	}
	return app.Run(ctx, c.Complete())
}

func (c Config) controllerManagerArgs(kubeconfig string) []string {
	p := c.PKI
	return append([]string{
		"--kubeconfig=" + kubeconfig,
		"--leader-elect=false",
		"--secure-port=0",
		"--profiling=false",
		"--use-service-account-credentials=true",
		"--service-account-private-key-file=" + p.Key(pki.ServiceAccounts),
		"--root-ca-file=" + p.Cert(pki.CA),
		"--cluster-signing-cert-file=" + p.Cert(pki.CA),
		"--cluster-signing-key-file=" + p.Key(pki.CA),
		"--allocate-node-cidrs=true",
		"--cluster-cidr=" + c.PodCIDR,
		"--service-cluster-ip-range=" + c.ServiceCIDR,
		"--kube-api-qps=500",
		"--kube-api-burst=1000",
	}, c.ControllerManagerFlags...)
}
