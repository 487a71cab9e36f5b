// Package plugin runs kubectl-blueprint in tests, as a process of its own or
// within the process of the test. It owns what such a run needs: a namespace with
// its kubeconfig, a directory for files, and a registry to pull from. No test that
// uses it sends a request to a real registry.
package plugin

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd"
)

// NoProxy is the address of a proxy that does not answer.
const NoProxy = "http://127.0.0.1:1"

// Main runs the tests of a package and lets them start the plugin: the test
// binary, started under the name kubectl-blueprint, is the plugin.
//
// The plugin reaches other machines only through a proxy that does not answer,
// so that no test asks a real registry. Servers on loopback need no proxy.
func Main(m *testing.M) {
	if err := os.Setenv("HTTPS_PROXY", NoProxy); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){
		"kubectl-blueprint": func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			os.Exit(cmd.Run(ctx, os.Args[1:],
				genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}))
		},
	})
}

// Run runs the plugin within the process of the test.
func Run(stdin string, args ...string) (code int, stdout, stderr string) {
	var out, errOut bytes.Buffer
	code = cmd.Run(context.Background(), args, genericiooptions.IOStreams{In: strings.NewReader(stdin), Out: &out, ErrOut: &errOut})
	return code, out.String(), errOut.String()
}

// Output runs the plugin as a process and returns what it writes to both of its
// streams.
func Output(kubeconfig string, args ...string) (string, error) {
	process := exec.Command("kubectl-blueprint", args...)
	process.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	out, err := process.CombinedOutput()
	return string(out), err
}

// WriteKubeconfig copies a kubeconfig with another namespace in its context.
func WriteKubeconfig(from, to, namespace string) error {
	config, err := clientcmd.LoadFromFile(from)
	if err != nil {
		return err
	}
	config.Contexts[config.CurrentContext].Namespace = namespace
	return clientcmd.WriteToFile(*config, to)
}

// Require skips t without the programs that it runs, or fails it if CI is set, so that CI
// cannot pass without them.
func Require(t testing.TB, programs ...string) {
	t.Helper()
	for _, name := range programs {
		if _, err := exec.LookPath(name); err != nil && os.Getenv("CI") != "" {
			t.Fatalf("%s not found, and CI allows no skip", name)
		} else if err != nil {
			t.Skipf("%s not found", name)
		}
	}
}
