package controlplane

import (
	"context"
	"net"

	"github.com/spf13/pflag"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/cluster/pki"
)

// runAPIServer serves on an open listener, so that port 0 is no race, until
// ctx ends. The component's own command is no use here: it installs a signal
// handler, which may be done once in a process.
func runAPIServer(ctx context.Context, ln net.Listener, args []string) error {
	o := options.NewServerRunOptions()
	fs := pflag.NewFlagSet("kube-apiserver", pflag.ContinueOnError)
	for _, f := range o.Flags().FlagSets {
		fs.AddFlagSet(f)
	}
	if err := fs.Parse(args); err != nil {
		return err
	}
	addr := ln.Addr().(*net.TCPAddr)
	o.SecureServing.Listener, o.SecureServing.BindPort = ln, addr.Port
	o.SecureServing.ExternalAddress = addr.IP
	if err := o.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return err
	}
	completed, err := o.Complete(ctx)
	if err != nil {
		return err
	}
	if errs := completed.Validate(); len(errs) > 0 {
		return utilerrors.NewAggregate(errs)
	}
	return app.Run(ctx, completed)
}

func (c Config) apiServerArgs(etcd string) []string {
	p := c.PKI
	args := []string{
		"--etcd-servers=" + etcd,
		"--service-cluster-ip-range=" + c.ServiceCIDR,
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--allow-privileged=true",
		"--profiling=false",
		"--client-ca-file=" + p.Cert(pki.CA),
		"--tls-cert-file=" + p.Cert(pki.APIServer),
		"--tls-private-key-file=" + p.Key(pki.APIServer),
		"--kubelet-client-certificate=" + p.Cert(pki.APIServerToKubelet),
		"--kubelet-client-key=" + p.Key(pki.APIServerToKubelet),
		// The InternalDNS of a simulated node is the address of its kubelet API
		// on this host. A real kubelet has only an InternalIP.
		"--kubelet-preferred-address-types=InternalDNS,InternalIP",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + p.Key(pki.ServiceAccounts),
		"--service-account-signing-key-file=" + p.Key(pki.ServiceAccounts),
		"--proxy-client-cert-file=" + p.Cert(pki.FrontProxyClient),
		"--proxy-client-key-file=" + p.Key(pki.FrontProxyClient),
		"--requestheader-client-ca-file=" + p.Cert(pki.FrontProxyCA),
		"--requestheader-allowed-names=front-proxy-client",
		"--requestheader-username-headers=X-Remote-User",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--shutdown-watch-termination-grace-period=1s", // a forgotten watch must not hold up the stop
	}
	if c.Advertise != "" {
		args = append(args, "--advertise-address="+c.Advertise)
	} else {
		// A loopback address is refused as an endpoint, and no pod here dials.
		args = append(args, "--advertise-address=192.0.2.1", "--endpoint-reconciler-type=none")
	}
	return append(args, c.APIServerFlags...)
}
