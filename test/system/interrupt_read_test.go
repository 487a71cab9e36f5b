//go:build unix

package system_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// hanging writes a kubeconfig whose credential plugin never answers.
func hanging(t *testing.T, dir string) string {
	t.Helper()
	config := clientcmdapi.NewConfig()
	config.Clusters["c"] = &clientcmdapi.Cluster{Server: "https://127.0.0.1:1"}
	config.AuthInfos["u"] = &clientcmdapi.AuthInfo{Exec: &clientcmdapi.ExecConfig{
		APIVersion: "client.authentication.k8s.io/v1", Command: "sleep", Args: []string{"30"}, InteractiveMode: clientcmdapi.NeverExecInteractiveMode,
	}}
	config.Contexts["c"] = &clientcmdapi.Context{Cluster: "c", AuthInfo: "u", Namespace: "default"}
	config.CurrentContext = "c"
	path := filepath.Join(dir, "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestInterruptEndsWaits interrupts commands that wait for a file, for standard
// input or for a credential plugin. One interrupt ends each of them.
func TestInterruptEndsWaits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	words := strings.NewReplacer("FIFO", fifo,
		"RECIPE", write("recipe.json", `{"recipe_mode": "service", "deployment_name": "x", "recipe_image_uri": "a", "recipe_container_port": 80}`),
		"PAYLOAD", write("payload.json", `{"name": "x", "action": "create", "type": "opaque", "data": {"a": "open sesame"}}`),
		"VALUE", write("value.json", `{"name": "x", "action": "create", "type": "opaque", "data": {"a": {"valueFrom": {"file": "`+fifo+`"}}}}`))
	none, plugin := filepath.Join(dir, "none"), hanging(t, dir)
	for command, kubeconfig := range map[string]string{
		"render -": none, "deploy -": none, "validate -": none, "diff -": none, "secrets apply -f -": none, "render RECIPE --values -": none,
		"render FIFO": none, "deploy FIFO": none, "validate FIFO": none, "diff FIFO": none, "secrets apply -f FIFO": none, "secrets apply -f VALUE": none,
		"render RECIPE --values FIFO": none, "deploy --plan FIFO": none, "deploy RECIPE --secrets FIFO": none, "serve --token-file FIFO": plugin,
		"list": plugin, "status x": plugin, "history x": plugin, "diff RECIPE": plugin, "deploy RECIPE": plugin, "secrets list": plugin, "secrets apply -f PAYLOAD": plugin,
	} {
		t.Run(strings.ReplaceAll(command, " ", "_"), func(t *testing.T) {
			t.Parallel()
			process := exec.Command("kubectl-blueprint", strings.Fields(words.Replace(command))...)
			process.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
			silent, hold, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer hold.Close()
			var stderr bytes.Buffer
			process.Stdin, process.Stderr = silent, &stderr
			process.WaitDelay = 50 * time.Millisecond // the plugin may outlive it
			if err := process.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(4 * time.Second) // until it waits
			if err := process.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatalf("it does not wait: %v\n%s", err, &stderr)
			}
			ended := make(chan error, 1)
			go func() { ended <- process.Wait() }()
			select {
			case err := <-ended:
				if err == nil || !strings.Contains(stderr.String(), "interrupted") {
					t.Errorf("%v, and it says\n%s", err, &stderr)
				}
			case <-time.After(2 * time.Second):
				_ = process.Process.Kill()
				t.Errorf("goes on waiting")
			}
		})
	}
}

// TestEndlessFiles reads devices and files without a bound.
func TestEndlessFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	recipe, large, payload := filepath.Join(dir, "recipe.json"), filepath.Join(dir, "large"), filepath.Join(dir, "payload.json")
	for file, text := range map[string]string{
		recipe:  `{"recipe_mode": "service", "deployment_name": "x", "recipe_image_uri": "a", "recipe_container_port": 80}`,
		payload: `{"name": "x", "action": "create", "type": "opaque", "data": {"a": {"valueFrom": {"file": "/dev/zero"}}}}`,
		large:   "",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(large, 1<<40); err != nil { // no disk has to hold it
		t.Fatal(err)
	}
	for _, tt := range []struct{ command, want string }{
		{"deploy --plan /dev/zero", "/dev/zero is larger than 64 MiB"},
		{"deploy --plan " + large, large + " is larger than 64 MiB"},
		{"render " + recipe + " --values /dev/zero", "/dev/zero is larger than 64 MiB"},
		{"render /dev/zero", "/dev/zero: larger than 64 MiB"},
		{"validate " + large, large + ": larger than 64 MiB"},
		{"secrets apply --dry-run=client -f /dev/zero", "/dev/zero: larger than 64 MiB"},
		{"secrets apply --dry-run=client -f " + payload, "is larger than the 1048576 bytes that a Secret can hold"},
		{"serve --token-file /dev/zero --server http://127.0.0.1:1", "/dev/zero is larger than 1 MiB"},
	} {
		code, _, stderr := plugin.Run("", strings.Fields(tt.command)...)
		if code == 0 || !strings.Contains(stderr, tt.want) {
			t.Errorf("%s: code %d, want %q, got\n%s", tt.command, code, tt.want, stderr)
		}
	}
}
