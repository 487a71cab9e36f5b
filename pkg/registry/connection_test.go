package registry

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"
)

func TestLoginWithoutConnection(t *testing.T) {
	t.Parallel()
	closed := closedPort(t)
	silent := newSite(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	silent.StartTLS()
	t.Cleanup(silent.Close)
	quick := silent.options(t)
	quick.Timeout = 300 * time.Millisecond
	refused := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, closed)
	}}
	for _, tt := range []struct {
		name, server string
		opts         Options
		words        string
	}{
		{"refused", closed, Options{}, closed + " refused the connection from this machine"},
		{"refused by another machine", "registry.example.com", Options{Transport: refused}, "refused the connection from this machine"},
		{"refused by a machine inside", "10.0.0.1", Options{Transport: refused}, "refused the connection from this machine"},
		{"no such host", "registry.invalid", Options{}, "registry.invalid"},
		{"silent", "registry.example.com", quick, "timed out from this machine (the cluster may still reach it)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wantOutcome(t, Login(t.Context(), NewCredential(tt.server, username, password), tt.opts), Unreachable, tt.words)
		})
	}
}

func TestLoginThroughADeadProxy(t *testing.T) {
	t.Parallel()
	proxy := &url.URL{Scheme: "http", User: url.UserPassword("u", canary), Host: closedPort(t)}
	opts := Options{Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}}
	wantOutcome(t, Login(t.Context(), NewCredential("registry.example.com", username, password), opts), Unreachable, "cannot connect to the proxy from this machine")
}

// closedPort is an address of this machine where nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func TestLoginWithoutTrust(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		certificate tls.Certificate
		trusted     bool
		words       string
	}{
		{"unknown authority", certificate(t, -1, 1, "registry.example.com", "127.0.0.1"), false, "signed by an unknown authority; trust it"},
		{"another host", certificate(t, -1, 1, "a.example.com", "b.example.com"), true, "is valid for a.example.com, b.example.com; correct"},
		{"no host", certificate(t, -1, 1), true, "is valid for no host;"},
		{"expired", certificate(t, -9, -2, "registry.example.com"), true, "expired on " + day(time.Now().AddDate(0, 0, -2))},
		{"of the future", certificate(t, 2, 9, "registry.example.com"), true, "not valid before " + day(time.Now().AddDate(0, 0, 2))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(say(200, "{}"))
			s.TLS = &tls.Config{Certificates: []tls.Certificate{tt.certificate}}
			s.StartTLS()
			t.Cleanup(s.Close)
			opts := s.options(t)
			if !tt.trusted {
				opts.Transport.(*http.Transport).TLSClientConfig.RootCAs = x509.NewCertPool()
			}
			// Both where only HTTPS is tried and where plain HTTP is as well.
			wantOutcome(t, Login(t.Context(), NewCredential("registry.example.com", username, password), opts), Untrusted, tt.words)
			if tt.name != "unknown authority" {
				return
			}
			wantOutcome(t, Login(t.Context(), NewCredential(s.Listener.Addr().String(), username, password), opts), Untrusted, tt.words)
			if s.sent != nil {
				t.Error("the password was sent")
			}
		})
	}
}

func TestLoginWithoutClientCertificate(t *testing.T) {
	t.Parallel()
	s := newSite(say(200, "{}"))
	s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	s.StartTLS()
	t.Cleanup(s.Close)
	wantOutcome(t, Login(t.Context(), NewCredential("registry.example.com", username, password), s.options(t)), Untrusted, "client certificate")
}

func TestLoginOverPlainHTTP(t *testing.T) {
	t.Parallel()
	s := newSite(basic(say(200, "{}")))
	s.Start()
	t.Cleanup(s.Close)
	for server, want := range map[string]Outcome{
		s.Listener.Addr().String():  Accepted, // this machine
		"localhost:5000":            Accepted,
		"registry.localhost:5000":   Accepted,
		"[::1]:5000":                Accepted,
		"registry.example.com:5000": PlainHTTP,
		"10.0.0.1:5000":             PlainHTTP,
	} {
		s.mu.Lock()
		s.sent = nil
		s.mu.Unlock()
		err := Login(t.Context(), NewCredential(server, username, password), s.options(t))
		wantOutcome(t, err, want, "")
		if want == PlainHTTP && s.sent != nil {
			t.Errorf("%s was sent the password over plain HTTP", server)
		}
	}
}

func TestLoginToSomethingElse(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte("SSH-2.0-OpenSSH_9.2p1\r\n"))
			_ = conn.Close()
		}
	}()
	opts := Options{Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, l.Addr().String())
	}}}
	wantOutcome(t, Login(t.Context(), NewCredential("registry.example.com:22", username, password), opts), NotRegistry, "neither TLS nor HTTP")
}
