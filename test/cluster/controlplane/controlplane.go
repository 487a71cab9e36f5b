// Package controlplane runs a whole Kubernetes control plane inside the
// calling process: etcd, kube-apiserver, kube-controller-manager and
// kube-scheduler, each the stock component behind its own option struct.
//
// Start goes in the order of need: etcd, then the API server, then the
// controllers and the scheduler, and returns when pods can be created. Stop
// goes backwards. A component that ends on its own is reported on Failed.
//
// The components share one klog and one registry of feature gates, so one
// process holds one control plane, and it must set
// logsapi.ReapplyHandling before Start.
package controlplane

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/cluster/pki"
)

const (
	startTimeout = time.Minute
	// Controllers hold no state, so a slow one is left behind.
	controllersStopTimeout = time.Second
)

// Config says where a control plane lives and what it serves.
type Config struct {
	Dir         string       // for etcd, logs and the components' kubeconfigs
	PKI         pki.Dir      // made by pki.Create
	Listener    net.Listener // of the API server, which closes it
	Server      string       // the API server's URL
	Advertise   string       // endpoint of the Service kubernetes, or none
	ServiceCIDR string
	PodCIDR     string

	APIServerFlags, ControllerManagerFlags, SchedulerFlags []string
}

// Plane is a running control plane.
type Plane struct {
	Client kubernetes.Interface // an administrator without a rate limit

	etcd      *embed.Etcd
	serve     func(net.Listener) // starts the API server
	apiServer *component
	clients   []*component // what talks to the API server, and stops before it
	failed    chan error
}

// Start returns when the API server is ready and has its default namespace and
// ServiceAccount, which every pod needs.
func Start(ctx context.Context, c Config) (*Plane, error) {
	p := &Plane{failed: make(chan error, 3)}
	if err := p.start(ctx, c); err != nil {
		p.Stop()
		return nil, err
	}
	return p, nil
}

func (p *Plane) start(ctx context.Context, c Config) error {
	config := map[string]string{}
	for _, identity := range []string{pki.Admin, pki.ControllerManager, pki.Scheduler} {
		content, err := c.PKI.Kubeconfig(c.Server, identity)
		if err != nil {
			return err
		}
		config[identity] = filepath.Join(c.Dir, identity+".kubeconfig")
		if err := os.WriteFile(config[identity], content, 0o600); err != nil {
			return err
		}
	}
	if err := p.newClient(config[pki.Admin]); err != nil {
		return err
	}
	if err := p.startServers(ctx, c); err != nil {
		return err
	}
	p.clients = []*component{
		p.run("kube-controller-manager", func(ctx context.Context) error {
			return runControllerManager(ctx, c.controllerManagerArgs(config[pki.ControllerManager]))
		}),
		p.run("kube-scheduler", func(ctx context.Context) error {
			return runScheduler(ctx, c.schedulerArgs(config[pki.Scheduler]))
		}),
	}
	return p.waitForPods(ctx)
}

func (p *Plane) newClient(kubeconfig string) error {
	rc, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	rc.QPS = -1
	p.Client, err = kubernetes.NewForConfig(rc)
	return err
}

// Failed delivers the error of a component that ended on its own.
func (p *Plane) Failed() <-chan error { return p.failed }

// Stop ends every component, clients before servers. It takes about a second,
// in which the API server lets its watches end.
func (p *Plane) Stop() {
	for _, c := range p.clients {
		c.cancel()
	}
	limit := time.After(controllersStopTimeout)
	for _, c := range p.clients {
		select {
		case <-c.done:
		case <-limit:
		}
	}
	if p.apiServer != nil {
		p.apiServer.cancel()
		<-p.apiServer.done
	}
	if p.etcd != nil {
		p.etcd.Close()
	}
}
