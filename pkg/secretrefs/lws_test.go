package secretrefs

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

var lws struct {
	install sync.Once
	err     error
}

// installLWS installs the definition of LeaderWorkerSets, from its own module.
func installLWS(t *testing.T) {
	t.Helper()
	config := kubetest.Config(t) // skips before the Once, not within it
	lws.install.Do(func() {
		client, err := dynamic.NewForConfig(config)
		if err != nil {
			t.Fatal(err)
		}
		lws.err = defineLWS(t, client)
	})
	if lws.err != nil {
		t.Fatal(lws.err)
	}
}

func defineLWS(t *testing.T, client dynamic.Interface) error {
	t.Helper()
	download := exec.Command("go", "mod", "download", "-json", "sigs.k8s.io/lws@v0.8.0")
	download.Dir = t.TempDir() // no module's go.sum is of concern
	out, err := download.Output()
	if err != nil {
		return err
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(module.Dir, "config/crd/bases/leaderworkerset.x-k8s.io_leaderworkersets.yaml"))
	if err != nil {
		return err
	}
	crds := client.Resource(schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"})
	_, err = crds.Create(context.Background(), object(t, string(text)), metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	for range 300 {
		if _, err = client.Resource(leaderWorkerSets).List(context.Background(), metav1.ListOptions{}); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}

const leaderWorkers = `
apiVersion: leaderworkerset.x-k8s.io/v1
kind: LeaderWorkerSet
metadata: {name: llm}
spec:
  replicas: 1
  leaderWorkerTemplate:
    size: 2
    workerTemplate:
      spec: {containers: [{name: w, image: a, envFrom: [{secretRef: {name: s}}]}]}
`

const leaderTemplate = `    leaderTemplate: {spec: {imagePullSecrets: [{name: pull}], containers: [{name: l, image: a}]}}`

// TestLeaderWorkerSets builds by hand what the controller of LeaderWorkerSets
// does: a StatefulSet of leaders, and one of workers for each leader pod.
func TestLeaderWorkerSets(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	installLWS(t)
	set := c.create(leaderWorkers + leaderTemplate)
	uses := `containers: [{name: main, image: a, env: [{name: A, valueFrom: {secretKeyRef: {name: injected, key: k, optional: true}}}]}]`
	statefulSet := func(name string, owner *unstructured.Unstructured) {
		o := object(t, workloadYAML("StatefulSet", name, "serviceName: none", uses))
		yes := true
		o.SetOwnerReferences([]metav1.OwnerReference{{
			APIVersion: owner.GetAPIVersion(), Kind: owner.GetKind(), Name: owner.GetName(), UID: owner.GetUID(), Controller: &yes,
		}})
		if _, err := c.of("StatefulSet", "apps/v1").Create(t.Context(), o, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	statefulSet("llm", set)
	var leader *unstructured.Unstructured
	c.eventually("a leader pod", func() bool {
		var err error
		leader, err = c.of("Pod", "v1").Get(t.Context(), "llm-0", metav1.GetOptions{})
		return err == nil
	})
	leader.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Pod"))
	statefulSet("llm-0", leader)
	c.eventually("two pods of the LeaderWorkerSet", func() bool {
		consumers := c.find().ConsumersOf(c.namespace, "s")
		return len(consumers) == 1 && consumers[0].Pods == 2
	})
	consumers := c.find()
	c.wantUsers(consumers.ConsumersOf(c.namespace, "s"), Consumer{Kind: "LeaderWorkerSet", Name: "llm", RefKinds: []RefKind{Env}})
	c.wantUsers(consumers.ConsumersOf(c.namespace, "pull"), Consumer{Kind: "LeaderWorkerSet", Name: "llm", RefKinds: []RefKind{ImagePull}})
	c.wantUsers(consumers.ConsumersOf(c.namespace, "injected"), Consumer{Kind: "LeaderWorkerSet", Name: "llm", RefKinds: []RefKind{Env}})
	if notes := consumers.Notes(); len(notes) != 0 {
		t.Errorf("notes: %q", notes)
	}
}

func TestRestartLeaderWorkerSet(t *testing.T) {
	t.Parallel()
	installLWS(t)
	const partitioned = "  rolloutStrategy: {rollingUpdateConfiguration: {partition: 1, maxUnavailable: 1, maxSurge: 0}, type: RollingUpdate}\n"
	for more, want := range map[string]string{
		"":             "restarted",
		leaderTemplate: "restarted",
		partitioned:    "restarted from pod number 1 on; its update strategy has a partition, so delete the other pods yourself",
	} {
		c := newCluster(t)
		before := c.create(leaderWorkers + more)
		results := Restart(t.Context(), c.clients, c.find().ConsumersOf(c.namespace, "s"))
		if len(results) != 1 || !results[0].Done || results[0].String() != "leaderworkerset.leaderworkerset.x-k8s.io/llm: "+want {
			t.Fatalf("got %+v", results)
		}
		after, err := c.of("LeaderWorkerSet", "leaderworkerset.x-k8s.io/v1").Get(t.Context(), "llm", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		annotation := []string{"spec", "leaderWorkerTemplate", "workerTemplate", "metadata", "annotations", restartedAt}
		if at, _, err := unstructured.NestedString(after.Object, annotation...); at == "" || err != nil {
			t.Error("no annotation", err)
		}
		unstructured.RemoveNestedField(after.Object, annotation[:4]...)
		unstructured.RemoveNestedField(before.Object, annotation[:4]...)
		if diff := cmp.Diff(before.Object["spec"], after.Object["spec"]); diff != "" {
			t.Errorf("more was changed (-before +after):\n%s", diff)
		}
	}
}
