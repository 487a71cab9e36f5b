// Package e2e deploys on a real node, with the plugin as people run it. Every
// test has a namespace and a private registry of its own. `make e2e` runs it.
package e2e

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

var update = flag.Bool("update", false, "write what the API server says of failures to pkg/rollout/testdata")

// realNode skips t where there is no real node, and returns its directory.
func realNode(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("BLUEPRINT_TEST_NODE")
	if dir == "" {
		t.Skip("no real node: run `make e2e`")
	}
	return dir
}

// program returns the path of a program that make has built.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("../../bin", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// lane is what a test works with.
type lane struct {
	t         *testing.T
	namespace string
	dir       string // for files
}

func newLane(t *testing.T) *lane {
	t.Helper()
	realNode(t)
	return &lane{t: t, namespace: kubetest.Namespace(t), dir: t.TempDir()}
}

// file writes a JSON file and returns its path.
func (l *lane) file(name string, content any) string {
	l.t.Helper()
	data, err := json.MarshalIndent(content, "", "  ")
	if err != nil {
		l.t.Fatal(err)
	}
	path := filepath.Join(l.dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		l.t.Fatal(err)
	}
	return path
}

// object is JSON's.
type object = map[string]any

// service is a recipe that works, with changes.
func service(image string, changes object) object {
	r := object{
		"recipe_mode": "service", "deployment_name": "app", "recipe_image_uri": image,
		"recipe_container_secret_name": "pull", "recipe_container_command_args": []string{"serve"},
		"recipe_container_port": "8000", "recipe_readiness_probe_params": probe(3),
	}
	for key, value := range changes {
		if value == nil {
			delete(r, key)
		} else {
			r[key] = value
		}
	}
	return r
}

// probe is quick, so that tests are.
func probe(failures int) object {
	return object{"initial_delay_seconds": 1, "period_seconds": 1, "failure_threshold": failures}
}

// pullSecret is the operation that makes the pull secret of a registry.
func pullSecret(r *registry, password string) object {
	return object{"name": "pull", "action": "create", "type": "container_registry",
		"data": object{"registry_server": r.address, "username": username, "password": password}}
}

// apiSecret returns the operation that creates the Secret "api".
func apiSecret(key, value string) object {
	return object{"name": "api", "action": "create", "type": "opaque", "data": object{key: value}}
}

// applySecrets has the plugin apply secrets.
func (l *lane) applySecrets(operations ...object) {
	l.t.Helper()
	if len(operations) == 0 {
		return
	}
	file := l.file("payload.json", object{"secrets_payload": operations})
	if p := l.run("secrets", "apply", "-f", file); p.code != 0 {
		l.t.Fatalf("secrets apply: exit code %d\n%s", p.code, p)
	}
}
