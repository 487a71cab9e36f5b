package registry

import (
	"encoding/json"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func address(s *httptest.Server) string { return s.Listener.Addr().String() }

// TestVerify has the command tell what comes of logging in to real registries,
// each with another reason to refuse.
func TestVerify(t *testing.T) {
	t.Parallel()
	plugin, err := filepath.Abs("../../bin/kubectl-blueprint")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(plugin); err != nil && os.Getenv("CI") != "" {
		t.Fatal(err)
	} else if err != nil {
		t.Skip("no bin/kubectl-blueprint: run `make test`")
	}
	trusted, stranger := newAuthority(t), newAuthority(t)
	good := trusted.forHosts(time.Hour, "127.0.0.1")
	gone := newRegistry(t, htpasswd(t), good)
	gone.Close()
	pull := func(name, server, password string) map[string]any {
		return map[string]any{"name": name, "action": "create", "type": "container_registry",
			"data": map[string]string{"registry_server": server, "username": username, "password": password}}
	}
	payload, err := json.Marshal([]any{
		pull("htpasswd", address(newRegistry(t, htpasswd(t), good)), password),
		pull("token", address(newRegistry(t, (&tokenService{lifetime: time.Hour}).auth(t, trusted), good)), password),
		pull("wrong", address(newRegistry(t, htpasswd(t), good)), "wr0ng-c4n4ry"),
		pull("expired", address(newRegistry(t, (&tokenService{refusal: "the key expired"}).auth(t, trusted), good)), password),
		pull("unreachable", address(gone), password),
		pull("untrusted", address(newRegistry(t, htpasswd(t), stranger.forHosts(time.Hour, "127.0.0.1"))), password),
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file, authorities := filepath.Join(dir, "payload.json"), filepath.Join(dir, "ca.pem")
	for path, data := range map[string][]byte{
		file: payload, authorities: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: trusted.certificate.Raw}),
	} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	verify := exec.Command(plugin, "secrets", "verify", "-f", file, "-o", "json")
	verify.Env = append(os.Environ(), "SSL_CERT_FILE="+authorities, "SSL_CERT_DIR="+dir, "KUBECONFIG="+filepath.Join(dir, "none"))
	var stderr strings.Builder
	verify.Stderr = &stderr
	stdout, err := verify.Output()
	if err == nil || !strings.Contains(stderr.String(), "error: 4 of 6 logins failed") {
		t.Errorf("%v\n%s", err, &stderr)
	}
	if all := string(stdout) + stderr.String(); strings.Contains(all, "c4n4ry") {
		t.Errorf("a password is said:\n%s", all)
	}
	var logins struct {
		Items []struct{ Secret, Result, Message string }
	}
	if err := json.Unmarshal(stdout, &logins); err != nil || len(logins.Items) != 6 {
		t.Fatalf("%v\n%s", err, stdout)
	}
	for _, v := range logins.Items {
		want := v.Secret
		switch want {
		case "htpasswd", "token":
			want = "ok"
		case "wrong":
			want = "bad-credentials"
		}
		if v.Result != want || (v.Message == "") != (want == "ok") {
			t.Errorf("%s: result is %q, want %q: %s", v.Secret, v.Result, want, v.Message)
		}
	}
}
