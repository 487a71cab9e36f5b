// Package faults is a proxy in front of the API server that does harm: it counts
// the requests of the clients that go through it, and answers, cuts or delays
// those that a test chooses.
package faults

import (
	"crypto/rand"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"sync"
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// Fault is what happens to a request.
type Fault int

// The faults that there are.
const (
	None     Fault = iota // the request is passed on
	Cut                   // the connection is cut, and the server hears nothing
	CutAfter              // the server does what it is asked, and the answer is lost
)

// Status answers the request with an error of the server, 409 or 429 for
// example, and the server hears nothing.
func Status(code int) Fault { return Fault(code) }

// Choose decides about the nth request, counted from 1. Calls come one at a time.
type Choose func(n int, req *http.Request) Fault

// Proxy passes requests on to the test cluster, as its administrator.
type Proxy struct {
	address string
	pass    *httputil.ReverseProxy
	choose  Choose

	mu     sync.Mutex
	n      int
	server *http.Server
}

// New starts a proxy for one test. choose may be nil.
func New(t testing.TB, choose Choose) *Proxy {
	t.Helper()
	config := kubetest.Config(t)
	upstream, err := url.Parse(config.Host)
	if err != nil {
		t.Fatal(err)
	}
	transport, err := rest.TransportFor(config)
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{choose: choose, address: "127.0.0.1:0"}
	p.pass = &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(upstream) },
		Transport:     transport,
		FlushInterval: -1,                                                                              // watches
		ErrorHandler:  func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }, // a client that is gone
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p
}

// Start has the proxy answer, again at the same address.
func (p *Proxy) Start() error {
	listener, err := net.Listen("tcp", p.address)
	if err != nil {
		return err
	}
	p.address = listener.Addr().String()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.server = &http.Server{Handler: p}
	go func() { _ = p.server.Serve(listener) }()
	return nil
}

// Stop cuts all connections, and refuses new ones: the server is away.
func (p *Proxy) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.server.Close()
}

// Requests is how many there were.
func (p *Proxy) Requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.n
}

// ServeHTTP handles one request.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	switch fault := p.count(req); fault {
	case None:
		p.pass.ServeHTTP(w, req)
	case Cut:
		panic(http.ErrAbortHandler)
	case CutAfter:
		p.pass.ServeHTTP(discard{http.Header{}}, req)
		panic(http.ErrAbortHandler)
	default:
		answer(w, int(fault))
	}
}

func (p *Proxy) count(req *http.Request) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	if p.choose == nil {
		return None
	}
	return p.choose(p.n, req)
}

// Kubeconfig writes a kubeconfig whose server is the proxy.
func (p *Proxy) Kubeconfig(t testing.TB, namespace string) string {
	t.Helper()
	config := api.NewConfig()
	config.Clusters["faults"] = &api.Cluster{Server: "http://" + p.address}
	config.Contexts["faults"] = &api.Context{Cluster: "faults", Namespace: namespace}
	config.CurrentContext = "faults"
	path := filepath.Join(t.TempDir(), "kubeconfig-"+rand.Text())
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}
