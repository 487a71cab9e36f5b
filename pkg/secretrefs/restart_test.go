package secretrefs

import (
	"maps"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
)

// ready returns the UIDs of the pods that are ready and not being deleted.
func (c cluster) ready() map[types.UID]string {
	c.t.Helper()
	pods, err := c.of("Pod", "v1").List(c.t.Context(), metav1.ListOptions{})
	if err != nil {
		c.t.Fatal(err)
	}
	ready := map[types.UID]string{}
	for _, pod := range pods.Items {
		conditions, _, _ := unstructured.NestedSlice(pod.Object, "status", "conditions")
		for _, condition := range conditions {
			if m := condition.(map[string]any); m["type"] == "Ready" && m["status"] == "True" && pod.GetDeletionTimestamp() == nil {
				ready[pod.GetUID()] = pod.GetName()
			}
		}
	}
	return ready
}

// TestRestartRollsNewPods on the simulated nodes, and leaves alone what needs no
// restart.
func TestRestartRollsNewPods(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.create(workloadYAML("Deployment", "web", "replicas: 2", usesEnv))
	c.create(workloadYAML("StatefulSet", "db", "replicas: 2", usesEnv))
	c.create(workloadYAML("DaemonSet", "agent", "", usesEnv))
	c.create(workloadYAML("Deployment", "files", "", `
containers: [{name: main, image: a, volumeMounts: [{name: v, mountPath: /v}]}]
volumes: [{name: v, secret: {secretName: s, optional: true}}]`))
	c.eventually("seven pods are ready", func() bool { return len(c.ready()) == 7 })
	before := c.ready()
	results := Restart(t.Context(), c.clients, c.find().ConsumersOf(c.namespace, "s"))
	c.wantLines(results, "daemonset.apps/agent: restarted", "deployment.apps/files: no restart needed: the kubelet updates its files within about a minute",
		"deployment.apps/web: restarted", "statefulset.apps/db: restarted")
	c.eventually("new pods", func() bool {
		now := c.ready()
		kept := slices.DeleteFunc(slices.Collect(maps.Keys(now)), func(uid types.UID) bool { return before[uid] == "" })
		return len(now) == 7 && len(kept) == 1 && strings.HasPrefix(now[kept[0]], "files-")
	})
	web, err := c.of("Deployment", "apps/v1").Get(t.Context(), "web", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(web.GetManagedFields(), func(f metav1.ManagedFieldsEntry) bool {
		return f.Manager == ownership.FieldManager && strings.Contains(f.FieldsV1.GetRawString(), restartedAt)
	}) {
		t.Errorf("%s did not set the annotation", ownership.FieldManager)
	}
}

func (c cluster) wantLines(results []RestartResult, want ...string) {
	c.t.Helper()
	var got []string
	for _, r := range results {
		got = append(got, strings.ReplaceAll(r.String(), c.namespace, "NAMESPACE"))
		if r.Done != strings.HasPrefix(r.Message, "restarted") || r.Err != nil {
			c.t.Errorf("%s: done is %t, the error %v", r, r.Done, r.Err)
		}
	}
	if !slices.Equal(got, want) {
		c.t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestRestartSaysWhyNot and writes nothing then.
func TestRestartSaysWhyNot(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.create(workloadYAML("Deployment", "paused", "paused: true", usesEnv))
	c.create(workloadYAML("StatefulSet", "by-hand", "updateStrategy: {type: OnDelete}", usesEnv))
	c.create(workloadYAML("StatefulSet", "half", "updateStrategy: {rollingUpdate: {partition: 2}}", usesEnv))
	c.create(workloadYAML("DaemonSet", "by-hand", "updateStrategy: {type: OnDelete}", usesEnv))
	c.create(workloadYAML("ReplicaSet", "rs", "replicas: 0", usesEnv))
	c.create(strings.ReplaceAll(everyKind, "PODS", usesEnv))
	consumers := c.find().ConsumersOf(c.namespace, "s")
	c.requests.Store(0)
	results := Restart(t.Context(), c.clients, consumers)
	c.wantLines(results,
		"cronjob.batch/nightly: not restarted: its next run uses the new value; to run it now, use `kubectl create job --from=cronjob.batch/nightly NAME -n NAMESPACE`",
		"daemonset.apps/by-hand: not restarted: its update strategy is OnDelete; delete its pods to restart it",
		"deployment.apps/paused: not restarted: it is paused; resume it with `kubectl rollout resume deployment.apps/paused -n NAMESPACE`, then restart it",
		"job.batch/once: not restarted: a Job runs once; delete and recreate it",
		"pod/bare: not restarted: it has no controller; delete and recreate it",
		"raycluster.ray.io/ray: not restarted: restart it in the way its kind (RayCluster.ray.io) requires",
		"replicaset.apps/rs: not restarted: a ReplicaSet does not replace its pods; delete them",
		"serviceaccount/robot: no restart needed: new pods use the new value",
		"statefulset.apps/by-hand: not restarted: its update strategy is OnDelete; delete its pods to restart it",
		"statefulset.apps/half: restarted from pod number 2 on; its update strategy has a partition, so delete the other pods yourself",
	)
	if n := c.requests.Load(); n != 1 {
		t.Errorf("%d requests, want the patch of statefulset.apps/half", n)
	}
}

func TestRestartOfWhatIsGone(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	gone := Consumer{Kind: "Deployment", group: "apps", Name: "gone", Namespace: c.namespace, RefKinds: []RefKind{Env}}
	results := Restart(t.Context(), c.clients, []Consumer{gone})
	if len(results) != 1 || results[0].Done || results[0].Err == nil || results[0].Message != `not restarted: deployments.apps "gone" not found` {
		t.Errorf("got %+v", results)
	}
	if none := Restart(t.Context(), c.clients, nil); len(none) != 0 {
		t.Errorf("got %v", none)
	}
}

func TestRestartCommand(t *testing.T) {
	t.Parallel()
	web := Consumer{Kind: "Deployment", Name: "web", Namespace: "shop", group: "apps"}
	db := Consumer{Kind: "StatefulSet", Name: "db", Namespace: "shop", group: "apps"}
	paused := Consumer{Kind: "Deployment", Name: "paused", Namespace: "shop", group: "apps", skipReason: "it is paused"}
	for name, tt := range map[string]struct {
		consumers []Consumer
		want      string
	}{
		"workloads":    {[]Consumer{web, db}, "kubectl rollout restart -n shop deployment.apps/web statefulset.apps/db"},
		"a paused one": {[]Consumer{web, paused}, ""},
		"a bare pod":   {[]Consumer{web, {Kind: "Pod", Name: "debug", Namespace: "shop"}}, ""},
		"groups":       {[]Consumer{{Kind: "LeaderWorkerSet", Name: "llm", Namespace: "shop", group: leaderWorkerSets.Group}}, ""},
		"none":         {nil, ""},
	} {
		if got := RestartCommand(tt.consumers).String(); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}
