package deploy

import (
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

func TestReady(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"{kind: Deployment, spec: {replicas: 3}, status: {readyReplicas: 2}}": "2/3",
		"{kind: Deployment, spec: {replicas: 0}}":                             "0/0",
		"{kind: LeaderWorkerSet, status: {readyReplicas: 1}}":                 "1/1",
		"{kind: Job, spec: {completions: 4}, status: {succeeded: 4}}":         "4/4",
		"{kind: Job, spec: {parallelism: 2}, status: {readyReplicas: 1}}":     "0/1",
		"{kind: Deployment, status: {readyReplicas: many}}":                   "",
	} {
		if got := ready(object(t, text)); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	r := f.deploy(recipe("a", unschedulable))
	readiness := &Readiness{Cluster: f.Cluster, Scope: f.Cluster.Namespace}
	if got, health := readiness.Of(t.Context(), r); got != "0/1" || health != HealthProgressing || readiness.Err() != nil {
		t.Errorf("got %q, %q, %v", got, health, readiness.Err())
	}
	if got, health := readiness.Of(t.Context(), &release.Release{Manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"}); got != "" || health != "" {
		t.Errorf("got %q, %q of a release without a workload", got, health)
	}
	other := *r
	other.Namespace = "other"
	if got, health := readiness.Of(t.Context(), &other); got != "missing" || health != HealthDegraded {
		t.Errorf("got %q, %q of a Deployment in another namespace", got, health)
	}
	forbidden := &Readiness{Cluster: connect(t, f.Cluster.Namespace, "nobody"), Scope: f.Cluster.Namespace}
	if got, health := forbidden.Of(t.Context(), r); got != "" || health != "" || forbidden.Err() != nil {
		t.Errorf("got %q, %q, %v without the permission", got, health, forbidden.Err())
	}
	foreign := &release.Release{Manifest: "{apiVersion: apps/v1, kind: Foreign, metadata: {name: a}}"}
	if got, health := readiness.Of(t.Context(), foreign); got != "" || health != "" || readiness.Err() == nil {
		t.Errorf("got %q, %q, %v of a kind that the server does not have", got, health, readiness.Err())
	}
	if got, health := readiness.Of(t.Context(), r); got != "" || health != "" {
		t.Errorf("got %q, %q after an error", got, health)
	}
	if got, health := (&Readiness{}).Of(t.Context(), r); got != "" || health != "" {
		t.Errorf("got %q, %q without a cluster", got, health)
	}
}

// ignored is an observer of nothing.
type ignored struct{}

func (ignored) Change(rollout.Change) {}

func (ignored) Tree([]rollout.Status) {}

// TestStatusOf asks for a group of which one member does not work, and one is not
// deployed.
func TestStatusOf(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	db, web := recipe("db", ", \"recipe_replica_count\": 1"), recipe("web", ",\n\"recipe_nvidia_gpu_count\": 99")
	f.deploy(db)
	f.deploy(web)
	text := group(`{"name": "db", "recipe": `+db+`}`, `{"name": "web", "depends_on": ["db"], "recipe": `+web+`}`, `{"name": "none", "depends_on": ["web"], "recipe": `+recipe("none", "")+`}`)
	found, err := f.find("-", text)
	if err != nil {
		t.Fatal(err)
	}
	status := func() []Status {
		t.Helper()
		all, err := StatusOf(t.Context(), f.Cluster, f.releases, found, ignored{})
		if err != nil || len(all) != 2 || all[0].Name != "recipe-db" || all[1].Name != "recipe-web" {
			t.Fatalf("got %+v, %v, want db before web", all, err)
		}
		return all
	}
	all := status()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline) && (!all[0].Ready || all[1].Failure.Reason != "Unschedulable"); all = status() {
		time.Sleep(200 * time.Millisecond)
	}
	if all[0].Failure != nil || all[0].Revision != 1 || all[0].Status != "deployed" || all[0].Namespace != f.Cluster.Namespace || !all[0].Ready {
		t.Errorf("got %+v", all[0])
	}
	if failure := all[1].Failure; all[1].Ready || failure == nil || failure.Reason != "Unschedulable" || failure.Line != "-:2:1" || failure.Key != "recipe_nvidia_gpu_count" {
		t.Errorf("got %+v", failure)
	}

	services := kubetest.Client(t).CoreV1().Services(f.Cluster.Namespace)
	hold := []byte(`{"metadata": {"finalizers": ["example.com/hold"]}}`)
	if _, err := services.Patch(t.Context(), "recipe-db", types.MergePatchType, hold, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = services.Patch(t.Context(), "recipe-db", types.MergePatchType, []byte(`{"metadata": {"finalizers": null}}`), metav1.PatchOptions{})
	})
	if err := services.Delete(t.Context(), "recipe-db", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if all = status(); all[0].Ready || len(all[0].Deleting) != 1 {
		t.Errorf("got ready %t and %q while an object is being deleted", all[0].Ready, all[0].Deleting)
	}
	all, err = StatusOf(t.Context(), f.Cluster, f.releases, []Deployed{{Release: "recipe-web"}}, ignored{})
	if err != nil || len(all) != 1 || all[0].Failure == nil || all[0].Failure.Line != "" {
		t.Errorf("got %+v, %v, want a failure without a position", all, err)
	}
	if !slices.ContainsFunc(all[0].Objects, func(s rollout.Status) bool { return strings.HasSuffix(s.Object, "/recipe-web") }) {
		t.Errorf("got the tree %v", all[0].Objects)
	}
}
