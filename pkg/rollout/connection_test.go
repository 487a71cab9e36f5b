package rollout_test

import (
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// proxy passes connections on to the API server, except while it is down: then
// connections are refused, as by a server that restarts.
type proxy struct {
	t       *testing.T
	server  string
	address string

	mu       sync.Mutex
	listener net.Listener
	conns    []net.Conn
}

func newProxy(t *testing.T) *proxy {
	t.Helper()
	server, err := url.Parse(kubetest.Config(t).Host)
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{t: t, server: server.Host, address: "127.0.0.1:0"}
	p.up()
	t.Cleanup(p.down)
	return p
}

func (p *proxy) up() {
	listener, err := net.Listen("tcp", p.address)
	if err != nil {
		p.t.Error(err)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listener, p.address = listener, listener.Addr().String()
	go p.serve(listener)
}

func (p *proxy) down() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.listener.Close()
	for _, conn := range p.conns {
		_ = conn.Close()
	}
	p.conns = nil
}

func (p *proxy) serve(listener net.Listener) {
	for {
		down, err := listener.Accept()
		if err != nil {
			return
		}
		up, err := net.Dial("tcp", p.server)
		if err != nil {
			_ = down.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, down, up)
		p.mu.Unlock()
		go func() { _, _ = io.Copy(up, down) }()
		go func() { _, _ = io.Copy(down, up) }()
	}
}

// notes are the lines about the connection, without the error's words.
func notes(r *recorder) (all []string) {
	for _, line := range r.lines {
		if strings.HasPrefix(line, "connect") {
			note, _, _ := strings.Cut(line, ":")
			all = append(all, note)
		}
	}
	return all
}

// TestWatchGoesOnAfterTheServerWasAway cuts all connections while a pod waits
// for a node, mends that, and lets the server come back after the time that a
// node may be waited for: nobody saw that it took so long.
func TestWatchGoesOnAfterTheServerWasAway(t *testing.T) {
	t.Parallel()
	p := newProxy(t)
	f := newFixture(t, spec(deployment, "FIELDS", "resources: {limits: {nvidia.com/gpu: 64}}"))
	f.config.Host = "https://" + p.address
	f.timeouts.Schedule = 3 * time.Second
	cut, mended := false, false
	r, err := f.watch(time.Minute, func(c rollout.Change) {
		switch {
		case c.Reason == "Unschedulable" && !cut:
			cut = true
			p.down()
		case strings.HasPrefix(c.Note, "connection to the API server lost, retrying: ") && !mended:
			mended = true
			f.change("spec: {template: {spec: {containers: [{name: main, image: registry.example/web:1}]}}}")
			time.AfterFunc(5*time.Second, p.up)
		}
	})
	// It may be ready before anything is left to be told of the connection.
	if said := strings.Join(notes(r), "; "); err != nil || !strings.HasPrefix("connection to the API server lost, retrying; connection to the API server restored", said) || said == "" {
		t.Errorf("%v, notes: %q\n%s", err, notes(r), strings.Join(r.lines, "\n"))
	}
}

// TestWatchWaitsForAServerThatIsAway from the beginning: it says so, and ends in time.
func TestWatchWaitsForAServerThatIsAway(t *testing.T) {
	t.Parallel()
	p := newProxy(t)
	f := newFixture(t, spec(deployment))
	f.config.Host = "https://" + p.address
	p.down()
	r, failure := f.fail(2*time.Second, nil)
	if failure.Cause != "timeout" || !strings.HasPrefix(strings.Join(r.lines, "\n"), "connection to the API server lost, retrying: ") || len(r.lines) != 1 {
		t.Errorf("%v: %q", failure, r.lines)
	}
	p.up()
	if r, err := f.watch(time.Minute, nil); err != nil {
		t.Errorf("%v: %q", err, r.lines)
	}
}
