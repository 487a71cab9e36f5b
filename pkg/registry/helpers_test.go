package registry

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// canary marks what must not be written anywhere.
const canary = "c4n4ry"

const (
	username = "robot-" + canary
	password = "p4ss-" + canary
)

// site is a server under any name: all connections of its Options go to it.
type site struct {
	*httptest.Server
	mu   sync.Mutex
	sent []string // the Authorization headers, and where they went
}

// serve starts a server with TLS, whose certificate is for *.example.com and
// 127.0.0.1.
func serve(t *testing.T, answer http.HandlerFunc) *site {
	t.Helper()
	s := newSite(answer)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func newSite(answer http.HandlerFunc) *site {
	s := &site{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		if a := r.Header.Get("Authorization"); a != "" {
			s.sent = append(s.sent, r.Host+r.URL.Path+" "+a)
		}
		s.mu.Unlock()
		answer(w, r)
	}))
	s.Config.ErrorLog = discard()
	return s
}

// options leads every connection to the server, whose certificate is trusted.
func (s *site) options(t *testing.T) Options {
	t.Helper()
	roots := x509.NewCertPool()
	if s.Certificate() != nil {
		roots.AddCert(s.Certificate())
	}
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, s.Listener.Addr().String())
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return Options{Transport: transport}
}

// certificate makes one that is valid between two days from now.
func certificate(t *testing.T, from, to int, hosts ...string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "test"},
		NotBefore:             time.Now().AddDate(0, 0, from),
		NotAfter:              time.Now().AddDate(0, 0, to),
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// wantOutcome checks what came of a login, and that the error quotes nothing.
func wantOutcome(t *testing.T, err error, want Outcome, words string) {
	t.Helper()
	text := ""
	if err != nil {
		text = err.Error()
	}
	if got := OutcomeOf(err); got != want || !strings.Contains(text, words) {
		t.Errorf("outcome is %q: %v\nwant %q: … %s …", got, err, want, words)
	}
	if strings.Contains(text, canary) {
		t.Errorf("the error quotes a credential: %v", err)
	}
}
