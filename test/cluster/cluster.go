package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/cluster/controlplane"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/cluster/pki"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/cluster/volumes"
)

// cluster is everything one run holds, and undoes in stop.
type cluster struct {
	opts   options
	stderr *os.File // the terminal's, while file descriptor 2 is the log
	pki    pki.Dir
	plane  *controlplane.Plane
	took   time.Duration
	undo   []func() // in the order of doing
}

func newCluster(o options) *cluster { return &cluster{opts: o, stderr: os.Stderr} }

// start returns when the kubeconfig is in place.
func (c *cluster) start(ctx context.Context) error {
	begin := time.Now()
	if err := c.prepareFiles(); err != nil {
		return err
	}
	if err := c.redirectLogs(); err != nil {
		return err
	}
	server, err := c.startPlane(ctx)
	if err != nil {
		return err
	}
	if err := c.installCRDs(ctx); err != nil {
		return err
	}
	if err := c.startVolumes(); err != nil {
		return err
	}
	if err := c.startNodes(ctx); err != nil {
		return err
	}
	c.took = time.Since(begin)
	return c.writeKubeconfig(server)
}

// startPlane returns the API server's URL.
func (c *cluster) startPlane(ctx context.Context) (string, error) {
	listener, err := net.Listen("tcp", c.opts.listen)
	if err != nil {
		return "", err
	}
	addr := listener.Addr().(*net.TCPAddr)
	if addr.IP.IsUnspecified() {
		addr.IP = net.IPv4(127, 0, 0, 1)
	}
	server := "https://" + addr.String()
	if c.pki, err = pki.Create(c.path("pki"), c.serverNames(addr.IP), c.opts.kubelet); err != nil {
		return "", errors.Join(err, listener.Close())
	}
	if err := c.writeKubeletConfigs(c.pki, server); err != nil {
		return "", errors.Join(err, listener.Close())
	}
	c.plane, err = controlplane.Start(ctx, controlplane.Config{
		Dir:                    c.opts.dir,
		PKI:                    c.pki,
		Listener:               listener,
		Server:                 server,
		Advertise:              c.opts.advertise,
		ServiceCIDR:            c.opts.serviceCIDR,
		PodCIDR:                c.opts.podCIDR,
		APIServerFlags:         c.opts.apiServer,
		ControllerManagerFlags: c.opts.controllerManager,
		SchedulerFlags:         c.opts.scheduler,
	})
	if err != nil {
		return "", err
	}
	c.undo = append(c.undo, c.plane.Stop)
	c.restartOnSignal(addr)
	return server, nil
}

// restartOnSignal restarts the API server on SIGUSR1, for tests of who has to
// get over that.
func (c *cluster) restartOnSignal(addr net.Addr) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	c.undo = append(c.undo, func() { signal.Stop(signals); close(signals) })
	go func() {
		for range signals {
			if err := c.plane.RestartServer(context.Background(), addr); err != nil {
				c.fail(err)
				return
			}
			fmt.Fprintln(c.stderr, "cluster: the API server was restarted")
		}
	}()
}

func (c *cluster) startVolumes() error {
	running, cancel := context.WithCancel(context.Background())
	c.undo = append(c.undo, cancel)
	return volumes.Start(running, c.plane.Client)
}

// serverNames are the names that clients may call the API server by.
func (c *cluster) serverNames(ip net.IP) []string {
	return []string{
		"127.0.0.1", "localhost", ip.String(), c.opts.advertise,
		c.opts.services.Masked().Addr().Next().String(), // of the Service kubernetes
		"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
	}
}

// stop undoes what start has done, however far that came.
func (c *cluster) stop() {
	for i := len(c.undo) - 1; i >= 0; i-- {
		c.undo[i]()
	}
	c.undo = nil
}

// failed delivers the error of a component that ended on its own.
func (c *cluster) failed() <-chan error { return c.plane.Failed() }

// fail says why the cluster ends, before the clean-up has a say.
func (c *cluster) fail(err error) int {
	fmt.Fprintln(c.stderr, "cluster:", err)
	return 1
}

func (c *cluster) readiness() string {
	return fmt.Sprintf("cluster: ready in %.1fs with %d nodes, export KUBECONFIG=%s", c.took.Seconds(), c.opts.nodes, c.opts.kubeconfig)
}

func (c *cluster) path(name string) string { return filepath.Join(c.opts.dir, name) }
