package controlplane

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
)

// pollInterval is short because start-up is what every caller waits for.
const pollInterval = 25 * time.Millisecond

// component is one part of the control plane, running in its own goroutine.
type component struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// run reports f's return on p.failed unless it was asked to end.
func (p *Plane) run(name string, f func(context.Context) error) *component {
	ctx, cancel := context.WithCancel(context.Background())
	c := &component{cancel, make(chan struct{})}
	go func() {
		defer close(c.done)
		err := f(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			err = errors.New("ended")
		}
		p.failed <- fmt.Errorf("%s: %w", name, err)
	}()
	return c
}

func (p *Plane) startServers(ctx context.Context, c Config) error {
	etcd, url, err := startEtcd(filepath.Join(c.Dir, "etcd"), filepath.Join(c.Dir, "etcd.log"))
	if err != nil {
		return fmt.Errorf("etcd: %w", err)
	}
	p.etcd = etcd
	p.serve = func(ln net.Listener) {
		p.apiServer = p.run("kube-apiserver", func(ctx context.Context) error {
			return runAPIServer(ctx, ln, c.apiServerArgs(url))
		})
	}
	p.serve(c.Listener)
	return p.waitForServer(ctx)
}

func (p *Plane) waitForServer(ctx context.Context) error {
	return p.WaitFor(ctx, "kube-apiserver", func(ctx context.Context) error {
		return p.Client.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
	})
}

// RestartServer stops the API server and starts it anew, at the same address and
// with what it has stored, and returns once it is ready. Its clients have to see
// for themselves how they get over that.
func (p *Plane) RestartServer(ctx context.Context, address net.Addr) error {
	p.apiServer.cancel()
	<-p.apiServer.done
	ln, err := net.Listen(address.Network(), address.String())
	if err != nil {
		return fmt.Errorf("kube-apiserver: %w", err)
	}
	cache.ResetInformerNamesForTesting() // one of them is the API server's, and taken once in a process
	p.serve(ln)
	return p.waitForServer(ctx)
}

// waitForPods returns when a pod may be created in the namespace default.
func (p *Plane) waitForPods(ctx context.Context) error {
	return p.WaitFor(ctx, "the default ServiceAccount", func(ctx context.Context) error {
		_, err := p.Client.CoreV1().ServiceAccounts("default").Get(ctx, "default", metav1.GetOptions{})
		return err
	})
}

// WaitFor calls ready until it returns no error, a component fails, a minute
// has passed, or ctx ends.
func (p *Plane) WaitFor(ctx context.Context, what string, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case failure := <-p.failed:
			return failure
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w (%w)", what, context.Cause(ctx), err)
		case <-time.After(pollInterval):
		}
	}
}
