package cmd_test

import (
	"context"
	"flag"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

var update = flag.Bool("update", false, "write the expected output of the scripts anew")

// noProxy is the address of a proxy that does not answer.
const noProxy = "http://127.0.0.1:1"

// TestMain lets scripts, and tests that need a process of their own, call the
// plugin: the test binary is the plugin when it is started under its name.
//
// The only way out is a proxy that isn't there: no test asks a registry of the
// real world. Servers on loopback are reached without it.
func TestMain(m *testing.M) {
	if err := os.Setenv("HTTPS_PROXY", noProxy); err != nil {
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

// TestScripts runs the specification of the command line that needs no cluster.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:           "../../testdata/script/offline",
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("KUBECONFIG", filepath.Join(env.WorkDir, "no-kubeconfig"))
			return shareTestdata(env)
		},
	})
}

// TestClusterScripts runs the specification that needs a cluster. Each script
// has a namespace of its own, to which its kubeconfig points.
func TestClusterScripts(t *testing.T) {
	t.Parallel()
	kubetest.Kubeconfig(t)
	registry := newRegistry(t)
	testscript.Run(t, testscript.Params{
		Dir:           "../../testdata/script/cluster",
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"expand": expand},
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			namespace := kubetest.Namespace(env.T().(testing.TB))
			env.Setenv("NS", namespace)
			env.Setenv("REGISTRY", registry)
			env.Setenv("KUBECONFIG", filepath.Join(env.WorkDir, ".kubeconfig"))
			if err := writeKubeconfig(os.Getenv("BLUEPRINT_TEST_CLUSTER"), env.Getenv("KUBECONFIG"), namespace); err != nil {
				return err
			}
			return shareTestdata(env)
		},
	})
}

// expand puts the address of the registry into files of a script, which can't
// know it.
func expand(ts *testscript.TestScript, _ bool, files []string) {
	for _, file := range files {
		text := strings.ReplaceAll(ts.ReadFile(file), "$REGISTRY", ts.Getenv("REGISTRY"))
		ts.Check(os.WriteFile(ts.MkAbs(file), []byte(text), 0o600))
	}
}

// shareTestdata puts the samples at $RECIPES, $GROUPS and $PAYLOADS.
func shareTestdata(env *testscript.Env) error {
	testdata, err := filepath.Abs("../../testdata")
	env.Setenv("RECIPES", filepath.Join(testdata, "recipes"))
	env.Setenv("GROUPS", filepath.Join(testdata, "groups"))
	env.Setenv("PAYLOADS", filepath.Join(testdata, "payloads"))
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("HTTPS_PROXY", noProxy)
	env.Setenv("NGC_API_KEY", "nvapi-0123456789")
	return err
}

// writeKubeconfig copies a kubeconfig with another namespace in its context.
func writeKubeconfig(from, to, namespace string) error {
	config, err := clientcmd.LoadFromFile(from)
	if err != nil {
		return err
	}
	config.Contexts[config.CurrentContext].Namespace = namespace
	return clientcmd.WriteToFile(*config, to)
}
