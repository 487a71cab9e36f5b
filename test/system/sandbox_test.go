package system_test

import (
	"maps"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// recipes are files of every sandbox: three states of one release, which have
// different objects and different fields, and a group.
var recipes = map[string]string{
	"one.json": `{"recipe_mode": "service", "deployment_name": "faulty", "recipe_image_uri": "registry.example/a:1", "recipe_container_port": 8000,
		"recipe_container_env": [{"key": "ONE", "value": "1"}, {"key": "BOTH", "value": "1"}], "recipe_container_command_args": ["--one"],
		"recipe_configmaps": [{"name": "config", "mount_location": "/config", "data": {"one": "1", "both": "1"}}],
		"pvcs": {"volumes": [{"name": "data", "mount_location": "/data", "volume_size_in_gbs": 1}]}}`,
	"two.json": `{"recipe_mode": "service", "deployment_name": "faulty", "recipe_image_uri": "registry.example/a:2", "recipe_container_port": 8001,
		"recipe_container_env": [{"key": "TWO", "value": "2"}, {"key": "BOTH", "value": "2"}], "recipe_readiness_probe_params": {"scheme": "TCP"},
		"recipe_configmaps": [{"name": "config", "mount_location": "/config", "data": {"two": "2", "both": "2"}},
			{"name": "more", "mount_location": "/more", "data": {"a": "b"}}]}`,
	"job.json": `{"recipe_mode": "job", "deployment_name": "faulty", "recipe_image_uri": "registry.example/a:3",
		"recipe_container_env": [{"key": "THREE", "value": "3"}],
		"recipe_configmaps": [{"name": "job", "mount_location": "/config", "data": {"a": "b"}}]}`,
	"group.json": `{"deployment_group": {"name": "faulty", "deployments": [
		{"name": "db", "exports": ["service_name"], "recipe": {"recipe_mode": "service", "deployment_name": "db", "recipe_image_uri": "registry.example/a:1", "recipe_container_port": 80}},
		{"name": "a", "depends_on": ["db"], "recipe": {"recipe_mode": "service", "deployment_name": "a", "recipe_image_uri": "registry.example/a:1", "recipe_container_port": 80}},
		{"name": "b", "depends_on": ["db"], "recipe": {"recipe_mode": "job", "deployment_name": "b", "recipe_image_uri": "registry.example/a:1"}}]}}`,
}

const (
	deployGroup = "deploy group.json --preflight=off --timeout=60s"
	deployOne   = "deploy one.json --wait=false --preflight=off"
	deployTwo   = "deploy two.json --wait=false --preflight=off"
	deployJob   = "deploy job.json --wait=false --preflight=off"
	undeploy    = "undeploy faulty --wait=false"
)

// sandbox is a sandbox with the files of recipes, whose commands are lines of
// words without spaces in them.
type sandbox struct {
	*plugin.Sandbox
	t *testing.T
}

func newSandbox(t *testing.T) *sandbox {
	t.Helper()
	s := &sandbox{plugin.NewSandbox(t), t}
	for name, text := range recipes {
		s.Write(name, text)
	}
	return s
}

// through returns a process that talks to the server of a kubeconfig.
func (s *sandbox) through(kubeconfig, line string) *exec.Cmd {
	return s.Command(append(strings.Fields(line), "--kubeconfig", kubeconfig)...)
}

func (s *sandbox) run(line string) (code int, stdout, stderr string) {
	return s.Run(strings.Fields(line)...)
}

func (s *sandbox) mustRun(lines ...string) {
	s.t.Helper()
	for _, line := range lines {
		if code, stdout, stderr := s.run(line); code != 0 {
			s.t.Errorf("%s: exit code %d\n%s%s", line, code, stdout, stderr)
		}
	}
}

// stateAfter returns the state that one command makes in a new namespace.
func stateAfter(t *testing.T, line string) map[string]any {
	t.Helper()
	s := newSandbox(t)
	if line != undeploy {
		s.mustRun(line)
	}
	return s.state()
}

// state returns all objects of releases in the namespace, without the fields that
// the server or a controller sets. It fails the test if a release is unfinished.
func (s *sandbox) state() map[string]any {
	s.t.Helper()
	client, _ := kubetest.Dynamic(s.t)
	state := map[string]any{}
	for _, resource := range []schema.GroupVersionResource{
		{Version: "v1", Resource: "configmaps"}, {Version: "v1", Resource: "services"}, {Version: "v1", Resource: "persistentvolumeclaims"},
		{Version: "v1", Resource: "secrets"}, {Group: "apps", Version: "v1", Resource: "deployments"}, {Group: "batch", Version: "v1", Resource: "jobs"},
		{Group: "networking.k8s.io", Version: "v1", Resource: "ingresses"},
	} {
		found, err := client.Resource(resource).Namespace(s.Namespace).List(s.t.Context(), metav1.ListOptions{})
		if err != nil {
			s.t.Error(err)
			return nil
		}
		for i := range found.Items {
			o := &found.Items[i]
			if o.GetAnnotations()["meta.helm.sh/release-name"] != "" && o.GetDeletionTimestamp() == nil && o.GetAnnotations()["helm.sh/resource-policy"] != "keep" {
				state[resource.Resource+"/"+o.GetName()] = bare(o)
			}
		}
	}
	code, releases, stderr := s.run("list -o json")
	if code != 0 {
		s.t.Errorf("list: exit code %d\n%s", code, stderr)
	}
	for _, status := range []string{"pending", "uninstalling", "failed"} {
		if strings.Contains(releases, `"status": "`+status) {
			s.t.Errorf("a release is left %s:\n%s", status, releases)
		}
	}
	return state
}

// bare removes the fields that differ between two objects of one manifest.
func bare(o *unstructured.Unstructured) map[string]any {
	for _, field := range [][]string{
		{"status"}, {"metadata", "uid"}, {"metadata", "resourceVersion"}, {"metadata", "creationTimestamp"}, {"metadata", "generation"},
		{"metadata", "managedFields"}, {"metadata", "namespace"}, {"metadata", "finalizers"}, {"metadata", "annotations", "meta.helm.sh/release-namespace"},
		{"spec", "clusterIP"}, {"spec", "volumeName"}, {"spec", "clusterIPs"}, {"spec", "selector"},
		{"spec", "template", "metadata", "labels", "batch.kubernetes.io/controller-uid"}, {"spec", "template", "metadata", "labels", "controller-uid"},
	} {
		unstructured.RemoveNestedField(o.Object, field...)
	}
	annotations := o.GetAnnotations()
	maps.DeleteFunc(annotations, func(key, _ string) bool {
		return strings.Contains(key, "kubernetes.io/") && !strings.Contains(key, "github")
	})
	o.SetAnnotations(annotations)
	return o.Object
}

// statuses returns the status of each revision of the one release.
func (s *sandbox) statuses() map[int]string {
	s.t.Helper()
	found, err := kubetest.Client(s.t).CoreV1().Secrets(s.Namespace).List(s.t.Context(), metav1.ListOptions{LabelSelector: "owner=helm"})
	if err != nil {
		s.t.Error(err)
		return nil
	}
	all := map[int]string{}
	for _, o := range found.Items {
		revision, err := strconv.Atoi(o.Labels["version"])
		if err != nil {
			s.t.Error(err)
		}
		all[revision] = o.Labels["status"]
	}
	return all
}
