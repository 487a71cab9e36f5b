package cmd_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/canary"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

const servedPayload = `{"secrets_payload": [{"name": "ngc-api", "action": "create", "type": "opaque", "data": {"KEY": "of-the-test"}}]}`

func TestServeStatuses(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	other := kubetest.Namespace(t)
	const payload = servedPayload
	large := filepath.Join(t.TempDir(), "large.json")
	if err := os.WriteFile(large, []byte(payload+strings.Repeat(" ", 4<<20)), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := s.list("/secrets"); len(got) != 0 {
		t.Errorf("an empty namespace is listed as %v", got)
	}
	for _, c := range []struct {
		want int
		path string
		args []string
	}{
		{200, "/secrets", []string{"-d", payload}},
		{200, "/secrets/?namespace=" + other, []string{"-d", payload}},
		{400, "/secrets/", []string{"-d", payload}}, // it exists
		{400, "/secrets/", []string{"-d", payload[:40]}},
		{400, "/secrets/", []string{"-d", ""}},
		{400, "/secrets/?namespace=no-such-namespace", []string{"-d", payload}},
		{200, "/secrets/ngc-api", nil},
		{200, "/secrets/ngc-api/?namespace=" + other, nil},
		{404, "/secrets/missing/", nil},
		{404, "/secrets/ngc-api/?namespace=no-such-namespace", nil},
		{404, "/", nil},
		{404, "//secrets/", []string{"-d", payload}},
		{405, "/secrets/", []string{"-X", "DELETE"}},
		{405, "/secrets/ngc-api/", []string{"-d", payload}},
		{413, "/secrets/", []string{"--data-binary", "@" + large}},
		{413, "/secrets/", []string{"--data-binary", "@" + large, "-H", "Transfer-Encoding: chunked"}},
		{413, "/secrets/", []string{"--data-binary", "@" + large, "-H", "Expect:"}},
		{403, "/secrets/", []string{"-H", "Host: evil.example"}},
		{403, "/secrets/", []string{"-H", "Origin: http://evil.example"}},
		{200, "/secrets/", []string{"-H", "Origin: " + s.url}},
		{200, "/secrets/", []string{"-H", "Host: localhost"}},
	} {
		status, body := s.curl(c.path, c.args...)
		if status != c.want || !json.Valid(body) {
			t.Errorf("curl %s %.80s: %d, want %d:\n%s", c.path, c.args, status, c.want, body)
		}
	}
	if got := s.list("/secrets/?namespace=" + other); len(got) != 1 || got[0]["name"] != "ngc-api" || got[0]["namespace"] != other {
		t.Errorf("the other namespace is listed as %v", got)
	}
	for _, namespace := range []string{s.namespace, other} {
		live, err := kubetest.Client(t).CoreV1().Secrets(namespace).Get(t.Context(), "ngc-api", metav1.GetOptions{})
		if err != nil || string(live.Data["KEY"]) != "of-the-test" {
			t.Errorf("in %s is %v, %v", namespace, live, err)
		}
	}
	s.stop()
}

func TestServeWantsItsToken(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for _, args := range [][]string{nil, {"-d", servedPayload}, {"-H", "Authorization: Token " + strings.Repeat("0", 64)}, {"-H", "Authorization: Bearer " + s.token}} {
		if status, body := s.plainCurl("/secrets/", args...); status != http.StatusUnauthorized || !json.Valid(body) {
			t.Errorf("curl %v: %d %s", args, status, body)
		}
	}
	if _, head := s.curl("/secrets/", "-X", "PUT", "-D", "-", "-o", os.DevNull); !bytes.Contains(head, []byte("\nAllow: GET, HEAD, POST\r\n")) {
		t.Errorf("405 has\n%s", head)
	}
	if got := s.list("/secrets/"); len(got) != 0 {
		t.Errorf("a refused request wrote %v", got)
	}
	s.stop()
}

// TestServeCanary posts marked values, with success and failure, to a server at
// the highest verbosity, and searches all that it wrote.
func TestServeCanary(t *testing.T) {
	t.Parallel()
	s := startServer(t, "-v=9")
	create := `{"name": "a", "action": "create", "type": "opaque", "data": {"token": "` + canaries[0] + `"}}`
	var written strings.Builder
	for _, payload := range []string{
		create,
		create, // it exists now
		`[{"name": "b", "action": "create", "type": "container_registry",
		   "data": {"registry_server": "nvcr.io", "username": "$oauthtoken", "password": "` + canaries[1] + `"}}]`,
		`{"name": "b", "action": "update", "type": "opaque", "data": {"k": "` + canaries[2] + `"}}`,
		`{"name": "` + canaries[0] + `!", "action": "` + canaries[1] + `", "data": ["` + canaries[2] + `"]}`,
		create[:len(create)-3],
	} {
		for _, path := range []string{"/secrets/", "/secrets/?namespace=no-such-namespace"} {
			status, body := s.curl(path, "--data-binary", payload, "-H", "X-Key: "+canaries[0])
			fmt.Fprintf(&written, "%d %s\n", status, body)
		}
	}
	for _, path := range []string{"/secrets/", "/secrets/b/", "/secrets/?token=" + canaries[0]} {
		status, body := s.curl(path)
		fmt.Fprintf(&written, "%d %s\n", status, body)
	}
	said := s.stop()
	written.WriteString(said)
	canary.Search(t, written.String(), canaries...)
	if !strings.Contains(said, `verb="POST"`) || !strings.Contains(said, "POST /secrets/ 200 ") {
		t.Errorf("requests were not logged: the search would find nothing:\n%.3000s", said)
	}
	if strings.Contains(said, s.token) {
		t.Error("the token was written a second time")
	}
}

func TestServeStopsAfterTheRequestUnderWay(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	address := strings.TrimPrefix(s.url, "http://")
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const payload = `{"name": "late", "action": "create", "type": "opaque", "data": {"k": "v"}}`
	fmt.Fprintf(conn, "POST /secrets/ HTTP/1.1\r\nHost: %s\r\nAuthorization: Token %s\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
		address, s.token, len(payload))
	answers := bufio.NewReader(conn)
	if line, err := answers.ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 100 ") { // now it is under way
		t.Fatalf("%q, %v", line, err)
	}
	_, _ = answers.ReadString('\n')
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for { // until it takes no more
		late, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err != nil {
			break
		}
		_ = late.Close()
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Fprint(conn, payload)
	response, err := http.ReadResponse(answers, nil)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("the request under way got %v, %v", response, err)
	}
	<-s.said
	if err := s.process.Wait(); err != nil {
		t.Errorf("%v\n%s", err, &s.stderr)
	}
	if _, err := kubetest.Client(t).CoreV1().Secrets(s.namespace).Get(t.Context(), "late", metav1.GetOptions{}); err != nil {
		t.Error(err)
	}
}

func TestServeOptions(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "token")
	token := strings.Repeat("t", 40)
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startServer(t, "--token-file="+file)
	s.token = token
	s.list("/secrets/")
	if said := s.stop(); strings.Contains(said, token) || strings.Contains(said, "Warning") {
		t.Errorf("the server says\n%s", said)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	s = startServer(t, "--token-file="+file, "--address=0.0.0.0:0", "--server=https://127.0.0.1:1")
	s.token = token
	for _, args := range [][]string{nil, {"-d", `{"name": "a", "action": "delete"}`}} {
		if detail, _ := s.object(http.StatusBadGateway, "/secrets/", args...)["detail"].(string); !strings.Contains(detail, "the cluster is unreachable") {
			t.Errorf("detail is %q", detail)
		}
	}
	for failure, args := range map[string][]string{
		"address already in use\nhint: use --address to listen on another address or port": {"--address=" + strings.TrimPrefix(s.url, "http://")},
		"error: --address must be HOST:PORT, such as 127.0.0.1:8640":                       {"--address=8640"},
		"no such file":                    {"--token-file=" + file + "-missing"},
		"token must have at least 16 cha": {"--token-file=" + os.DevNull},
	} {
		process := exec.Command("kubectl-blueprint", append([]string{"serve"}, args...)...)
		process.Env = s.process.Env
		if out, err := process.CombinedOutput(); err == nil || !strings.Contains(string(out), failure) {
			t.Errorf("%v: %v, want %q:\n%s", args, err, failure, out)
		}
	}
	said := s.stop()
	for _, warning := range []string{"Warning: " + file + ": contains the API token and is world-readable", "is reachable from other machines without encryption"} {
		if !strings.Contains(said, warning) {
			t.Errorf("no %q in\n%s", warning, said)
		}
	}
}
