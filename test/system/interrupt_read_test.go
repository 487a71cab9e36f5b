//go:build unix

package system_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// What a command waits for in TestInterruptEndsWaits.
const (
	forStdin            = "standard input"
	forPipe             = "named pipe"
	forCredentialPlugin = "credential plugin"
)

// waitingCommands are commands by what they wait for. In FIFO, RECIPE, PAYLOAD and
// VALUE stand the paths of files.
var waitingCommands = map[string][]string{
	forStdin: {"render -", "deploy -", "validate -", "diff -", "secrets apply -f -", "render RECIPE --values -"},
	forPipe: {
		"render FIFO", "deploy FIFO", "validate FIFO", "diff FIFO", "secrets apply -f FIFO", "secrets apply -f VALUE",
		"render RECIPE --values FIFO", "deploy --plan FIFO", "deploy RECIPE --secrets FIFO",
	},
	forCredentialPlugin: {
		"list", "status x", "history x", "diff RECIPE", "deploy RECIPE", "secrets list", "secrets apply -f PAYLOAD", "serve --token-file FIFO",
	},
}

// TestInterruptEndsWaits interrupts commands that wait for a file, for standard
// input or for a credential plugin. One interrupt ends each of them.
func TestInterruptEndsWaits(t *testing.T) {
	t.Parallel()
	for wait, commands := range waitingCommands {
		for _, command := range commands {
			t.Run(strings.ReplaceAll(command, " ", "_"), func(t *testing.T) {
				t.Parallel()
				interruptWait(t, wait, command)
			})
		}
	}
}

func interruptWait(t *testing.T, wait, command string) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	fifo, started := filepath.Join(dir, "fifo"), filepath.Join(dir, "started")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	paths := strings.NewReplacer("FIFO", fifo,
		"RECIPE", write("recipe.json", `{"recipe_mode": "service", "deployment_name": "x", "recipe_image_uri": "a", "recipe_container_port": 80}`),
		"PAYLOAD", write("payload.json", `{"name": "x", "action": "create", "type": "opaque", "data": {"a": "open sesame"}}`),
		"VALUE", write("value.json", `{"name": "x", "action": "create", "type": "opaque", "data": {"a": {"valueFrom": {"file": "`+fifo+`"}}}}`))
	stdin, hold, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = stdin.Close(), hold.Close() })
	process := exec.Command("kubectl-blueprint", strings.Fields(paths.Replace(command))...)
	kubeconfig := filepath.Join(dir, "none")
	if wait == forCredentialPlugin {
		kubeconfig = hangingKubeconfig(t, dir, started)
	}
	process.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	process.WaitDelay = 50 * time.Millisecond // the credential plugin may outlive it
	var stderr bytes.Buffer
	process.Stdin, process.Stderr = stdin, &stderr
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	untilItWaits(t, process, map[string]func() error{
		forStdin: func() error { _, err := hold.Write(make([]byte, 1<<17)); return err }, // more than a pipe holds: it returns when the process reads
		forPipe: func() error { // it returns when the process opens the pipe
			writer, err := os.OpenFile(fifo, os.O_WRONLY, 0)
			if err == nil {
				t.Cleanup(func() { _ = writer.Close() })
			}
			return err
		},
		forCredentialPlugin: func() error {
			_, err := os.Stat(started)
			for ; errors.Is(err, os.ErrNotExist); _, err = os.Stat(started) {
				time.Sleep(10 * time.Millisecond)
			}
			return err
		},
	}[wait])
	endsSoon(t, process)
	if !strings.Contains(stderr.String(), "interrupted") {
		t.Errorf("got\n%s", &stderr)
	}
}

// untilItWaits fails t if a process does not wait within ten seconds.
func untilItWaits(t *testing.T, process *exec.Cmd, waits func() error) {
	t.Helper()
	waiting := make(chan error, 1)
	go func() { waiting <- waits() }()
	select {
	case err := <-waiting:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(10 * time.Second):
		_ = process.Process.Kill()
		t.Fatal("it does not wait")
	}
}

// hangingKubeconfig writes a kubeconfig whose credential plugin creates a file and
// does not answer.
func hangingKubeconfig(t *testing.T, dir, started string) string {
	t.Helper()
	config := clientcmdapi.NewConfig()
	config.Clusters["c"] = &clientcmdapi.Cluster{Server: "https://127.0.0.1:1"}
	config.AuthInfos["u"] = &clientcmdapi.AuthInfo{Exec: &clientcmdapi.ExecConfig{
		APIVersion: "client.authentication.k8s.io/v1", Command: "sh", Args: []string{"-c", fmt.Sprintf("> '%s'; exec sleep 30", started)},
		InteractiveMode: clientcmdapi.NeverExecInteractiveMode,
	}}
	config.Contexts["c"] = &clientcmdapi.Context{Cluster: "c", AuthInfo: "u", Namespace: "default"}
	config.CurrentContext = "c"
	path := filepath.Join(dir, "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}
