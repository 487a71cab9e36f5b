// Package faults is a proxy in front of the API server that does harm: it counts
// the requests of the clients that go through it, and answers, cuts or delays
// those that a test chooses.
package faults

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

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

// Late is for how long the nth request is held back before the server hears it,
// and its answer before the client does. Other requests go on meanwhile. A
// request that was held back is sent even if its client has given up.
type Late func(n int, req *http.Request) (request, answer time.Duration)

// Proxy passes requests on to the test cluster, as its administrator.
type Proxy struct {
	address string
	pass    *httputil.ReverseProxy
	choose  Choose
	late    Late

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

// Delay has the proxy hold requests back. Call it before the first one.
func (p *Proxy) Delay(late Late) { p.late = late }

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
	fault, n := p.count(req)
	switch fault {
	case None:
		p.deliver(w, req, n)
	case Cut:
		panic(http.ErrAbortHandler)
	case CutAfter:
		p.pass.ServeHTTP(discard{http.Header{}}, req)
		panic(http.ErrAbortHandler)
	default:
		answer(w, int(fault))
	}
}

// deliver passes a request on, and its answer back, when it is time.
func (p *Proxy) deliver(w http.ResponseWriter, req *http.Request, n int) {
	request, answer := time.Duration(0), time.Duration(0)
	if p.late != nil {
		request, answer = p.late(n, req)
	}
	if request == 0 && answer == 0 {
		p.pass.ServeHTTP(w, req)
		return
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	req = req.Clone(context.WithoutCancel(req.Context()))
	req.Body = io.NopCloser(bytes.NewReader(body))
	time.Sleep(request)
	got := httptest.NewRecorder()
	p.pass.ServeHTTP(got, req)
	time.Sleep(answer)
	maps.Copy(w.Header(), got.Header())
	w.WriteHeader(got.Code)
	_, _ = w.Write(got.Body.Bytes()) // to a client that may be gone
}

func (p *Proxy) count(req *http.Request) (Fault, int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	if p.choose == nil {
		return None, p.n
	}
	return p.choose(p.n, req), p.n
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
