package system_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// world is a namespace, and a directory with recipes.
type world struct {
	namespace, dir, kubeconfig string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{namespace: kubetest.Namespace(t), dir: t.TempDir()}
	w.kubeconfig = filepath.Join(w.dir, "kubeconfig")
	if err := plugin.WriteKubeconfig(kubetest.Kubeconfig(t), w.kubeconfig, w.namespace); err != nil {
		t.Fatal(err)
	}
	for name, text := range faultRecipes {
		if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// process is the plugin in a process of its own.
func (w *world) process(kubeconfig, command string) *exec.Cmd {
	process := exec.Command("kubectl-blueprint", append(strings.Fields(command), "--kubeconfig", kubeconfig)...)
	process.Dir = w.dir
	return process
}

// run runs a command undisturbed.
func (w *world) run(command string) (code int, stdout, stderr string) {
	args := strings.Fields(command)
	for i, arg := range args {
		if strings.HasSuffix(arg, ".json") {
			args[i] = filepath.Join(w.dir, arg)
		}
	}
	return plugin.Run("", append(args, "--kubeconfig", w.kubeconfig)...)
}

func (w *world) must(t *testing.T, command string) {
	if code, stdout, stderr := w.run(command); code != 0 {
		t.Errorf("%s: exit code %d\n%s%s", command, code, stdout, stderr)
	}
}

// after is the state after one command.
func (w *world) after(t *testing.T, command string) map[string]any {
	if !strings.HasPrefix(command, "undeploy") {
		w.must(t, command)
	}
	return w.state(t)
}

// state is every object that Helm owns in the namespace, without what the server
// or a controller has added, and what the releases are.
func (w *world) state(t *testing.T) map[string]any {
	client, _ := kubetest.Dynamic(t)
	state := map[string]any{}
	for _, resource := range []schema.GroupVersionResource{
		{Version: "v1", Resource: "configmaps"}, {Version: "v1", Resource: "services"}, {Version: "v1", Resource: "persistentvolumeclaims"},
		{Version: "v1", Resource: "secrets"}, {Group: "apps", Version: "v1", Resource: "deployments"}, {Group: "batch", Version: "v1", Resource: "jobs"},
		{Group: "networking.k8s.io", Version: "v1", Resource: "ingresses"},
	} {
		found, err := client.Resource(resource).Namespace(w.namespace).List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Error(err)
			return nil
		}
		for i := range found.Items {
			o := &found.Items[i]
			if o.GetAnnotations()["meta.helm.sh/release-name"] != "" && o.GetDeletionTimestamp() == nil && o.GetAnnotations()["helm.sh/resource-policy"] != "keep" {
				state[resource.Resource+"/"+o.GetName()] = bare(o)
			}
		}
	}
	_, releases, _ := w.run("list -o json")
	for _, status := range []string{"pending", "uninstalling", "failed"} {
		if strings.Contains(releases, `"status": "`+status) {
			t.Errorf("a release is left %s:\n%s", status, releases)
		}
	}
	return state
}

// bare removes what differs between two objects of the same manifest.
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

// points are the numbers from first to last: each of them, or with -short every
// eighth.
func points(first, last int) []int {
	step := 1
	if testing.Short() {
		step = 8
	}
	var all []int
	for n := first; n <= last; n += step {
		all = append(all, n)
	}
	return all
}
