package e2e

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// printsKey adds to the changes of a recipe that the app prints a key of a secret.
func printsKey(changes object) object {
	changes["recipe_environment_secrets"] = []object{{"envvar_name": "API_KEY", "secret_name": "api", "secret_key": "API_KEY"}}
	changes["recipe_container_env"] = []object{{"key": "PRINT", "value": "API_KEY"}}
	return changes
}

// TestPrivateImageAndSecret is the whole way: the plugin makes the pull secret
// and a secret with a key, finds nothing missing, and deploys a pod whose image
// comes out of the private registry and which prints the key.
func TestPrivateImageAndSecret(t *testing.T) {
	t.Parallel()
	l := newLane(t)
	r := newRegistry(t)
	image := r.push(appImage(t))
	l.applySecrets(pullSecret(r, password), apiSecret("API_KEY", "k3y"))
	o := l.observe(nil)
	l.succeeds(l.start("deploy", l.file("app.json", service(image, printsKey(object{})))), o)
	if logs := l.logs("app", corev1.PodLogOptions{}); logs != "API_KEY=k3y\n" {
		t.Errorf("logs: %q", logs)
	}
}

// job is a recipe of a job that ends well.
func job(image string) object {
	return object{
		"recipe_mode": "job", "deployment_name": "work", "recipe_image_uri": image,
		"recipe_container_secret_name": "pull", "recipe_container_command_args": []string{"job"},
	}
}

func TestJob(t *testing.T) {
	t.Parallel()
	l := newLane(t)
	r := newRegistry(t)
	image := r.push(appImage(t))
	l.applySecrets(pullSecret(r, password))
	o := l.observe(nil)
	l.succeeds(l.start("deploy", l.file("work.json", job(image))), o)
	o.happened(t, "job Complete True ")
	if logs := l.logs("work", corev1.PodLogOptions{}); logs != "work done\n" {
		t.Errorf("logs: %q", logs)
	}
}

// TestGroup has a service wait for a job to be done.
func TestGroup(t *testing.T) {
	t.Parallel()
	l := newLane(t)
	r := newRegistry(t)
	image := r.push(appImage(t))
	l.applySecrets(pullSecret(r, password))
	o := l.observe(nil)
	l.succeeds(l.start("deploy", l.file("group.json", object{"deployment_group": object{
		"name": "pipeline",
		"deployments": []object{
			{"name": "work", "recipe": job(image)},
			{"name": "app", "recipe": service(image, nil), "depends_on": []string{"work"}},
		},
	}})), o)
	done, began := o.happened(t, "terminated Completed 0: "), o.happened(t, "event ScalingReplicaSet: ")
	if began.Before(done) {
		t.Errorf("the service began %s before the job was done", done.Sub(began))
	}
}

// logs returns the logs of the pods of a recipe.
func (l *lane) logs(recipe string, options corev1.PodLogOptions) string {
	l.t.Helper()
	pods := kubetest.Client(l.t).CoreV1().Pods(l.namespace)
	list, err := pods.List(l.t.Context(), metav1.ListOptions{LabelSelector: "app.kubernetes.io/instance=recipe-" + recipe})
	if err != nil {
		l.t.Fatal(err)
	}
	var all strings.Builder
	for _, pod := range list.Items {
		content, err := pods.GetLogs(pod.Name, &options).DoRaw(l.t.Context())
		if err != nil {
			l.t.Fatal(err)
		}
		all.Write(content)
	}
	return all.String()
}
