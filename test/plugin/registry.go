package plugin

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"
)

// RegistryPassword is the password that the registry of the tests accepts for any user.
const RegistryPassword = "registry-password"

// NewRegistry starts a registry that has team/app:1 and returns its host. Its
// errors quote wrong passwords, so that tests can check that these are redacted.
func NewRegistry(t testing.TB) string {
	t.Helper()
	images := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pass, _ := r.BasicAuth(); pass != RegistryPassword {
			w.Header().Set("WWW-Authenticate", `Basic realm="r"`)
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprintf(w, `{"errors":[{"code":"UNAUTHORIZED","message":"%s is wrong"}]}`, pass)
			return
		}
		images.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	const index = "application/vnd.oci.image.index.v1+json"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, server.URL+"/v2/team/app/manifests/1",
		strings.NewReader(`{"schemaVersion": 2, "mediaType": "`+index+`", "manifests": []}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", index)
	req.SetBasicAuth("robot", RegistryPassword)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusCreated {
		t.Fatal(resp.Status)
	}
	return server.Listener.Addr().String()
}
