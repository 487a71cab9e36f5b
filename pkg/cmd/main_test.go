package cmd_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/canary"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/modelhub"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

var update = flag.Bool("update", false, "write the expected output of the scripts anew")

// canaries are the marked secret values of these tests.
var canaries = canary.Values()

// TestMain lets scripts and tests start the plugin.
func TestMain(m *testing.M) { plugin.Main(m) }

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
	registry, hub := plugin.NewRegistry(t), modelhub.New(t, canaries[0])
	testscript.Run(t, testscript.Params{
		Dir:           "../../testdata/script/cluster",
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"expand": expand},
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			namespace := kubetest.Namespace(env.T().(testing.TB))
			env.Setenv("NS", namespace)
			env.Setenv("REGISTRY", registry)
			env.Setenv("HUB", hub.URL)
			env.Setenv("MEMBER", hub.Member)
			env.Setenv("VISITOR", hub.Visitor)
			env.Setenv("KUBECONFIG", filepath.Join(env.WorkDir, ".kubeconfig"))
			if err := plugin.WriteKubeconfig(os.Getenv("BLUEPRINT_TEST_CLUSTER"), env.Getenv("KUBECONFIG"), namespace); err != nil {
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
	env.Setenv("HTTPS_PROXY", plugin.NoProxy)
	env.Setenv("NGC_API_KEY", "nvapi-0123456789")
	return err
}
