package secrets

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"

	"k8s.io/client-go/rest"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// proxy passes connections on to the API server, until they are cut.
type proxy struct {
	listener net.Listener
	server   string

	mu    sync.Mutex
	conns []net.Conn
	dead  bool
}

func newProxy(t *testing.T) *proxy {
	t.Helper()
	server, err := url.Parse(kubetest.Config(t).Host)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: listener, server: server.Host}
	t.Cleanup(p.cut)
	go p.serve()
	return p
}

// config points a client at the proxy.
func (p *proxy) config(config *rest.Config) { config.Host = "https://" + p.listener.Addr().String() }

func (p *proxy) serve() {
	for {
		down, err := p.listener.Accept()
		if err != nil {
			return
		}
		up, err := net.Dial("tcp", p.server)
		if err != nil {
			_ = down.Close()
			continue
		}
		if !p.keep(down, up) {
			return
		}
		go func() { _, _ = io.Copy(up, down) }()
		go func() { _, _ = io.Copy(down, up) }()
	}
}

func (p *proxy) keep(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns = append(p.conns, conns...)
	return !p.dead
}

// cut ends all connections and takes no new ones.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dead = true
	_ = p.listener.Close()
	for _, conn := range p.conns {
		_ = conn.Close()
	}
}

// counting returns a change of a config that calls before before each request.
func counting(before func()) func(*rest.Config) {
	return func(config *rest.Config) {
		config.Wrap(func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				before()
				return next.RoundTrip(req)
			})
		})
	}
}
