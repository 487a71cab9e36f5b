package preflight_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
)

const workers = `
apiVersion: leaderworkerset.x-k8s.io/v1
kind: LeaderWorkerSet
metadata: {name: many}
spec:
  replicas: 2
  leaderWorkerTemplate:
    size: 3
    leaderTemplate: {spec: {containers: [{name: main, image: "HOST/public/app:1", resources: {limits: {nvidia.com/gpu: 1}}}]}}
    workerTemplate: {spec: {containers: [{name: main, image: "HOST/public/app:1", resources: {limits: {nvidia.com/gpu: 2}}}]}}
`

// quota makes a ResourceQuota and waits until the server counts by it.
func (s site) quota(spec string) {
	s.t.Helper()
	s.make(`{apiVersion: v1, kind: ResourceQuota, metadata: {name: q}, spec: ` + spec + `}`)
	s.until([]string{"counted"}, func() []string {
		q, err := s.client.CoreV1().ResourceQuotas(s.namespace).Get(s.t.Context(), "q", metav1.GetOptions{})
		if err != nil {
			s.t.Fatal(err)
		}
		if len(q.Status.Used) < len(q.Spec.Hard) {
			return nil
		}
		return []string{"counted"}
	})
}

// raise is the fix for a quota, where a recipe could do with less of something.
func raise(less string) string {
	fix := "ask an administrator to raise the quota: kubectl describe resourcequota q -n NS"
	if less != "" {
		return "  reduce " + less + " or " + fix
	}
	return "  " + fix
}

func TestQuotas(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		quota, objects string
		want           []string
	}{
		"every pod of every template": {
			"{hard: {requests.nvidia.com/gpu: 9, pods: 6}}", workers,
			[]string{`error: exceeded quota "q": requested 10, available 9 of 9 requests.nvidia.com/gpu`, raise("nvidia.com/gpu")},
		},
		"just enough": {"{hard: {requests.nvidia.com/gpu: 10, pods: 6, count/secrets: 1}}", workers, nil},
		"too many pods": {
			"{hard: {pods: 5, count/pods: 5}}", workers,
			[]string{`error: exceeded quota "q": requested 6, available 5 of 5 count/pods; requested 6, available 5 of 5 pods`, raise("replicas")},
		},
		"of what it covers": {"{hard: {pods: 0}, scopes: [BestEffort]}", replace(workers, "nvidia.com/gpu: ", "cpu: 1, nvidia.com/gpu: "), nil},
		"of what it doesn't": {
			"{hard: {pods: 0}, scopes: [BestEffort]}", workers,
			[]string{`error: exceeded quota "q": requested 6, available 0 of 0 pods`, raise("replicas")},
		},
		"of a class": {"{hard: {pods: 0}, scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [urgent]}]}}", workers, nil},
		"claims": {
			"{hard: {requests.storage: 9Gi, persistentvolumeclaims: 1, standard.storageclass.storage.k8s.io/requests.storage: 8Gi}}",
			claimObject("a", "storageClassName: standard,") + "---" + claimObject("b", "storageClassName: standard,"),
			[]string{`error: exceeded quota "q": requested 2, available 1 of 1 persistentvolumeclaims; requested 10Gi, available 9Gi of 9Gi requests.storage; ` +
				"requested 10Gi, available 8Gi of 8Gi standard.storageclass.storage.k8s.io/requests.storage", raise("PersistentVolumeClaim")},
		},
		"ports of a load balancer": {
			"{hard: {services.nodeports: 1, services.loadbalancers: 1, count/replicasets.apps: 1}}", `
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{name: a, port: 80}, {name: b, port: 81}]}
`,
			[]string{`error: exceeded quota "q": requested 2, available 1 of 1 services.nodeports`, raise("")},
		},
		"disk": {
			"{hard: {requests.ephemeral-storage: 10Gi, limits.ephemeral-storage: 30Gi}}", plainPod("", ", resources: {limits: {ephemeral-storage: 20Gi}}"),
			[]string{`error: exceeded quota "q": requested 20Gi, available 10Gi of 10Gi requests.ephemeral-storage`, raise("ephemeral-storage")},
		},
		"a slice of a GPU": {
			"{hard: {requests.nvidia.com/mig-1g.5gb: 0}}", plainPod("", ", resources: {limits: {nvidia.com/mig-1g.5gb: 1}}"),
			[]string{`error: exceeded quota "q": requested 1, available 0 of 0 requests.nvidia.com/mig-1g.5gb`, raise("nvidia.com/mig-")},
		},
		"a ReplicaSet": {
			"{hard: {count/replicasets.apps: 0}}", plainPod("", ""),
			[]string{`error: exceeded quota "q": requested 1, available 0 of 0 count/replicasets.apps`, raise("")},
		},
		"Helm's own record": {
			"{hard: {count/secrets: 0}}", workers,
			[]string{`error: exceeded quota "q": requested 1, available 0 of 0 count/secrets`, raise("")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.quota(c.quota)
			if diff := cmp.Diff(c.want, s.run(s.client, c.objects, "api-missing", "unschedulable", "insufficient-capacity")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestQuotasOfAnUpgrade count what the last revision has, and goes.
func TestQuotasOfAnUpgrade(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.quota("{hard: {requests.cpu: 2, count/deployments.apps: 1, count/secrets: 5}}")
	object := func(cpu string) string {
		return replace(plainPod("", ", resources: {requests: {cpu: "+cpu+"}}"), "app: web", "app.kubernetes.io/instance: r")
	}
	s.make(replace(object("2"), "spec:\n  template", "spec:\n  selector: {matchLabels: {app.kubernetes.io/instance: r}}\n  template"))
	s.until([]string{"2", "1"}, func() []string {
		q, err := s.client.CoreV1().ResourceQuotas(s.namespace).Get(t.Context(), "q", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		cpu, deployments := q.Status.Used[corev1.ResourceRequestsCPU], q.Status.Used["count/deployments.apps"]
		return []string{cpu.String(), deployments.String()}
	})
	short := func(more string) []string {
		return []string{`error: exceeded quota "q": requested ` + more + ", available 0 of 2 requests.cpu", raise("cpu")}
	}
	recreated := func(object string) string {
		return replace(object, "spec:\n  template", "spec:\n  strategy: {type: Recreate}\n  template")
	}
	for name, c := range map[string]struct {
		object string
		want   []string
	}{
		"the same":                         {object("2"), nil},
		"the old pod goes first":           {recreated(replace(object("2"), "main", "other")), nil},
		"more, and the old pod goes first": {recreated(object("3")), short("1")},
		// The new pod has to be there before the old one goes.
		"another pod":   {replace(object("2"), "main", "other"), short("2")},
		"a larger pod":  {object("3"), short("3")},
		"a smaller pod": {object("1"), short("1")},
	} {
		findings, err := s.check(s.client).Run(t.Context(), []dryrun.Release{{
			Name: "r", Namespace: s.namespace, Previous: s.objects(object("2")), Objects: s.objects(c.object),
		}})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, s.lines(findings)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	fresh := replace(object("1"), "web", "other")
	want := []string{`error: exceeded quota "q": requested 1, available 0 of 1 count/deployments.apps; requested 1, available 0 of 2 requests.cpu`, raise("cpu")}
	if diff := cmp.Diff(want, s.run(s.client, fresh)); diff != "" {
		t.Errorf("another release (-want +got):\n%s", diff)
	}
}
