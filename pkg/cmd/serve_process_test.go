package cmd_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// servedCluster is a `kubectl blueprint serve` that runs, and the curl that talks to
// it.
type servedCluster struct {
	t         testing.TB
	process   *exec.Cmd
	url       string // http://HOST:PORT
	token     string
	namespace string
	stderr    bytes.Buffer // complete once the server has stopped
	said      chan struct{}
}

// startServer starts the plugin's own process in a namespace of its own.
func startServer(t testing.TB, args ...string) *servedCluster {
	t.Helper()
	plugin.Require(t, "curl")
	s := &servedCluster{t: t, namespace: kubetest.Namespace(t), said: make(chan struct{})}
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	if err := plugin.WriteKubeconfig(kubetest.Kubeconfig(t), kubeconfig, s.namespace); err != nil {
		t.Fatal(err)
	}
	s.process = exec.Command("kubectl-blueprint", append([]string{"serve", "--address=127.0.0.1:0"}, args...)...)
	s.process.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	stdout, err := s.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := s.process.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.process.Process.Kill() })
	line, _ := bufio.NewReader(stdout).ReadString('\n')
	url := regexp.MustCompile(`^Serving the secrets of namespace ` + s.namespace + ` at (http://127\.0\.0\.1:\d+)/secrets/\n$`).FindStringSubmatch(line)
	words := bufio.NewReader(stderr)
	if url == nil {
		rest, _ := io.ReadAll(words)
		t.Fatalf("the server says %q\n%s", line, rest)
	}
	s.url = url[1]
	if !slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "--token-file") }) {
		s.token = s.printedToken(words)
	}
	go func() { defer close(s.said); _, _ = io.Copy(&s.stderr, words) }()
	return s
}

func (s *servedCluster) printedToken(stderr *bufio.Reader) string {
	s.t.Helper()
	for {
		line, err := stderr.ReadString('\n')
		if token := regexp.MustCompile(`^Authorization: Token ([0-9a-f]{64})\n$`).FindStringSubmatch(line); token != nil {
			return token[1]
		}
		s.stderr.WriteString(line) // of klog
		if err != nil {
			s.t.Fatalf("the server prints no token:\n%s", &s.stderr)
		}
	}
}

// stop sends SIGTERM, wants exit code 0, and returns what the server wrote to
// stderr beside its token.
func (s *servedCluster) stop() string {
	s.t.Helper()
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	<-s.said
	if err := s.process.Wait(); err != nil {
		s.t.Errorf("after SIGTERM: %v\n%s", err, &s.stderr)
	}
	return s.stderr.String()
}

// curl calls a path with the token and returns the status and the body.
func (s *servedCluster) curl(path string, args ...string) (int, []byte) {
	s.t.Helper()
	return s.plainCurl(path, append([]string{"-H", "Authorization: Token " + s.token}, args...)...)
}

func (s *servedCluster) plainCurl(path string, args ...string) (int, []byte) {
	s.t.Helper()
	var stderr bytes.Buffer
	curl := exec.Command("curl", append([]string{"-q", "-sS", "--noproxy", "*", "--path-as-is", "-m", "60", "-w", "\n%{http_code}", s.url + path}, args...)...)
	curl.Stderr = &stderr
	out, err := curl.Output()
	if err != nil {
		s.t.Fatalf("curl %s %v: %v: %s", path, args, err, &stderr)
	}
	i := bytes.LastIndexByte(out, '\n')
	status, _ := strconv.Atoi(string(out[i+1:]))
	return status, out[:i]
}

// object is the JSON object that curl got with the status.
func (s *servedCluster) object(want int, path string, args ...string) map[string]any {
	s.t.Helper()
	status, body := s.curl(path, args...)
	var tree map[string]any
	if err := json.Unmarshal(body, &tree); err != nil || status != want {
		s.t.Errorf("curl %s %v: %d, want %d: %v in\n%s", path, args, status, want, err, body)
	}
	return tree
}

// list is the list of entries that curl got.
func (s *servedCluster) list(path string) []map[string]any {
	s.t.Helper()
	status, body := s.curl(path)
	var entries []map[string]any
	if err := json.Unmarshal(body, &entries); err != nil || status != http.StatusOK || entries == nil {
		s.t.Errorf("curl %s: %d, %v in\n%s", path, status, err, body)
	}
	return entries
}
