// Package pipes tests the pipes of docs/secrets.md with the programs themselves:
// sops and vals, which make builds from the versions in go.mod.
package pipes

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"filippo.io/age"
)

const value = "open sesame 0123"

// payload is what is encrypted, or has its values filled in.
func payload(name, value string) string {
	return "secrets_payload:\n- name: " + name + "\n  action: apply\n  type: opaque\n  data:\n    token: " + value + "\n"
}

// shell runs commands in a directory and a namespace of their own.
type shell struct {
	dir string
	env []string
}

func newShell(t *testing.T, namespace string) *shell {
	t.Helper()
	kubeconfig := os.Getenv("BLUEPRINT_TEST_CLUSTER")
	if kubeconfig == "" && os.Getenv("CI") != "" {
		t.Fatal("no test cluster, and CI allows no skip")
	} else if kubeconfig == "" {
		t.Skip("no test cluster: run `make test`")
	}
	bin, err := filepath.Abs("../../bin")
	if err != nil {
		t.Fatal(err)
	}
	s := &shell{dir: t.TempDir()}
	s.env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "KUBECONFIG="+filepath.Join(s.dir, "kubeconfig"), "HOME="+s.dir)
	s.run(t, "kubectl --kubeconfig="+kubeconfig+" config view --raw > kubeconfig && kubectl config set-context --current --namespace="+namespace)
	s.run(t, "kubectl create namespace "+namespace)
	t.Cleanup(func() { s.run(t, "kubectl delete namespace --wait=false "+namespace) })
	return s
}

// run runs a command line, which must succeed, and returns what it printed.
func (s *shell) run(t *testing.T, line string) string {
	t.Helper()
	c := exec.Command("bash", "-o", "pipefail", "-c", line)
	c.Dir, c.Env = s.dir, s.env
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
	return string(out)
}

func (s *shell) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// pipe runs the command line of the docs that begins with a program, and holds
// it to the Secret that comes of it.
func (s *shell) pipe(t *testing.T, program, secret string) {
	t.Helper()
	docs, err := os.ReadFile("../../docs/secrets.md")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile("`(" + program + " [^`]*)`").FindSubmatch(docs)
	if line == nil {
		t.Fatalf("docs/secrets.md shows no pipe from %s", program)
	}
	out := s.run(t, string(line[1]))
	if want := "Secret '" + secret + "' created successfully"; !strings.Contains(out, want) || strings.Contains(out, value) {
		t.Errorf("%s\nprinted, instead of %q,\n%s", line[1], want, out)
	}
	var live struct{ Data map[string][]byte }
	if err := json.Unmarshal([]byte(s.run(t, "kubectl get secret "+secret+" -o json")), &live); err != nil || string(live.Data["token"]) != value {
		t.Errorf("Secret %s has the keys %v, %v; want the value of the payload", secret, live.Data, err)
	}
}

func TestSops(t *testing.T) {
	t.Parallel()
	s := newShell(t, "test-pipes-sops")
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, "key.txt", key.String())
	s.env = append(s.env, "SOPS_AGE_KEY_FILE="+filepath.Join(s.dir, "key.txt"))
	s.write(t, "payload.yaml", payload("from-sops", value))
	s.run(t, "sops encrypt --age "+key.Recipient().String()+" --encrypted-regex ^data$ payload.yaml > payload.enc.yaml")
	encrypted, err := os.ReadFile(filepath.Join(s.dir, "payload.enc.yaml"))
	if err != nil || bytes.Contains(encrypted, []byte(value)) || !bytes.Contains(encrypted, []byte("name: from-sops")) {
		t.Fatalf("sops encrypted to\n%s%v", encrypted, err)
	}
	s.pipe(t, "sops", "from-sops")
}

func TestVals(t *testing.T) {
	t.Parallel()
	s := newShell(t, "test-pipes-vals")
	s.write(t, "token", value)
	s.write(t, "payload.yaml", payload("from-vals", "ref+file://token"))
	s.pipe(t, "vals", "from-vals")
}
