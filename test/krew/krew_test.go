// Package krew holds the tests of the plugin's releases by krew itself: its
// manifest validator, and krew installing what hack/dist built. It is a module of
// its own, so that the plugin's doesn't need krew's dependencies.
package krew

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"sigs.k8s.io/krew/pkg/index"
	"sigs.k8s.io/yaml"
)

// repository is the plugin's, relative to this package.
const repository = "../.."

// tools is a directory with krew, as the kubectl plugin that it is, its manifest
// validator and hack/dist.
var tools string

func TestMain(m *testing.M) { os.Exit(runWithTools(m)) }

func runWithTools(m *testing.M) int {
	dir, err := os.MkdirTemp("", "krew-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	tools = dir
	for _, build := range []struct{ module, name, path string }{
		{".", "kubectl-krew", "sigs.k8s.io/krew/cmd/krew"},
		{".", "validate-krew-manifest", "sigs.k8s.io/krew/cmd/validate-krew-manifest"},
		{repository, "dist", "./hack/dist"},
	} {
		c := exec.Command("go", "build", "-C", build.module, "-o", tool(build.name), build.path)
		c.Stdout, c.Stderr = os.Stderr, os.Stderr
		if err := c.Run(); err != nil {
			fmt.Fprintf(os.Stderr, "building %s: %v\n", build.name, err)
			return 1
		}
	}
	return m.Run()
}

func tool(name string) string { return filepath.Join(tools, name) }

// checkedIn returns the manifest of the repository.
func checkedIn(t *testing.T) index.Plugin {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(repository, "krew-manifest.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var plugin index.Plugin
	if err := yaml.UnmarshalStrict(content, &plugin); err != nil {
		t.Fatal(err)
	}
	return plugin
}

// run returns what a command printed, and fails t if the command does. The
// environment is that of the test and env.
func run(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	out, err := output(env, name, args...)
	if err != nil {
		t.Fatalf("running %s %q: %v\n%s", filepath.Base(name), args, err, out)
	}
	return out
}

func output(env []string, name string, args ...string) (string, error) {
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), env...)
	out, err := c.CombinedOutput()
	return string(out), err
}
