// Package registry holds the tests of pkg/registry by a real registry, and of
// pull secrets by the kubelet's own keyring. It is a module of its own, so that
// the plugin's doesn't need what those depend on.
package registry

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/distribution/distribution/v3/configuration"
	_ "github.com/distribution/distribution/v3/registry/auth/htpasswd"
	_ "github.com/distribution/distribution/v3/registry/auth/token"
	"github.com/distribution/distribution/v3/registry/handlers"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/inmemory"
	"golang.org/x/crypto/bcrypt"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
)

// The credentials that the registries of the tests take.
const (
	username = "$oauthtoken"
	password = "nvapi-c4n4ry:<&>"
)

// newRegistry starts distribution's registry with a kind of authentication.
func newRegistry(t *testing.T, auth configuration.Auth, certificate *tls.Certificate) *httptest.Server {
	t.Helper()
	app := handlers.NewApp(t.Context(), &configuration.Configuration{
		Storage: configuration.Storage{"inmemory": {}},
		Auth:    auth,
	})
	return start(t, app, certificate)
}

// start serves over TLS, or over plain HTTP where there is no certificate.
func start(t *testing.T, handler http.Handler, certificate *tls.Certificate) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(handler)
	s.Config.ErrorLog = quiet
	if certificate == nil {
		s.Start()
	} else {
		s.TLS = &tls.Config{Certificates: []tls.Certificate{*certificate}}
		s.StartTLS()
	}
	t.Cleanup(s.Close)
	return s
}

// htpasswd is authentication by a file of names and hashed passwords.
func htpasswd(t *testing.T) configuration.Auth {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "htpasswd")
	if err := os.WriteFile(path, []byte(username+":"+string(hash)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return configuration.Auth{"htpasswd": {"realm": "test", "path": path}}
}

// trusting reaches registries whose certificates an authority has signed.
func trusting(t *testing.T, a *authority) registry.Options {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: a.pool()}}
	t.Cleanup(transport.CloseIdleConnections)
	return registry.Options{Transport: transport}
}
