package preflight_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// node makes a node that only pods of this test run on: it has a label and a
// taint of the site's namespace.
func (s site) node(name string, gpus int) string {
	s.t.Helper()
	name = name + "-" + s.namespace
	nodes := s.client.CoreV1().Nodes()
	_, err := nodes.Create(s.t.Context(), &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"site": s.namespace, "shape-" + s.namespace: name}},
		Spec:       corev1.NodeSpec{Taints: []corev1.Taint{{Key: "site", Value: s.namespace, Effect: corev1.TaintEffectNoSchedule}}},
	}, metav1.CreateOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = nodes.Delete(context.WithoutCancel(s.t.Context()), name, metav1.DeleteOptions{}) })
	status := fmt.Appendf(nil, `{"status": {"conditions": [{"type": "Ready", "status": "True"}],
		"allocatable": {"cpu": "8", "memory": "64Gi", "pods": "10", "nvidia.com/gpu": "%d"}}}`, gpus)
	if _, err := nodes.Patch(s.t.Context(), name, types.StrategicMergePatchType, status, metav1.PatchOptions{}, "status"); err != nil {
		s.t.Fatal(err)
	}
	return name
}

// here is a pod that chooses the nodes of the site.
func (s site) here(container, more string) string {
	return plainPod("nodeSelector: {site: "+s.namespace+more+"}, tolerations: [{key: site, operator: Exists}],", container)
}

func gpus(n string) string { return ", resources: {limits: {nvidia.com/gpu: " + n + "}}" }

func TestPodsThatNoNodeCanHold(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	small, large := s.node("small", 1), s.node("large", 4)
	const web = "error: deployment.apps/web: "
	for name, c := range map[string]struct {
		objects string
		want    []string
	}{
		"fits":       {s.here(gpus("4"), ""), nil},
		"asks a lot": {s.here(gpus("5"), ""), []string{web + "insufficient nvidia.com/gpu: a pod requests 5, the largest of 2 matching nodes has 4", "  request at most 4, or add a larger node"}},
		"asks what there is not": {
			s.here(", resources: {limits: {amd.com/gpu: 1}}", ""),
			[]string{web + "insufficient amd.com/gpu: a pod requests 1, no matching node has any", "  check that a device plugin provides it: kubectl describe nodes"},
		},
		"asks what no one has": {
			s.here(", resources: {limits: {nvidia.com/gpu: 2}}", ", shape-"+s.namespace+": "+small),
			[]string{web + "insufficient nvidia.com/gpu: a pod requests 2, the only matching node has 1", "  request at most 1, or add a larger node"},
		},
		"chooses a value that is not": {
			s.here("", ", shape-"+s.namespace+": larg-"+s.namespace),
			[]string{web + `no node has label shape-NS=larg-NS; nodes have shape-NS=large-NS, small-NS (did you mean "large-NS"?)`, "  use a label that nodes have: kubectl get nodes --show-labels"},
		},
		"chooses labels of different nodes": {
			plainPod("nodeSelector: {shape-"+s.namespace+": "+large+"}, affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: shape-"+s.namespace+", operator: In, values: ["+small+"]}]}]}}},", ""),
			[]string{web + "no node matches the pod's node affinity", "  use a label that nodes have: kubectl get nodes --show-labels"},
		},
		"does not tolerate": {
			plainPod("nodeSelector: {site: "+s.namespace+"},", ""),
			[]string{
				web + "all 2 matching nodes have untolerated taints, such as site=NS:NoSchedule",
				"  select other nodes by their labels, or remove the taint: kubectl taint nodes NODE KEY-",
			},
		},
		"has no copies": {replace(s.here(gpus("5"), ""), "spec:\n  template", "spec:\n  replicas: 0\n  template"), nil},
	} {
		if diff := cmp.Diff(c.want, s.run(s.client, c.objects)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	got := s.run(s.client, plainPod("nodeSelector: {site-of: x},", ""))
	if len(got) != 2 || got[0] != web+`no node has label site-of=x (did you mean key "site"?)` {
		t.Errorf("got %q", got)
	}
}

// TestNodesAreFull has a pod on the one node, and copies of another one.
func TestNodesAreFull(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	name := s.node("gpus", 4)
	s.make(`{apiVersion: v1, kind: Pod, metadata: {name: filler}, spec: {nodeName: ` + name + `, tolerations: [{operator: Exists}],
  containers: [{name: main, image: a, resources: {limits: {nvidia.com/gpu: 2}}}]}}`)
	two := replace(s.here(gpus("1"), ""), "spec:\n  template", "spec:\n  replicas: 2\n  template")
	s.until(nil, func() []string { return s.run(s.client, two) })
	const look = "  wait, or stop other pods: kubectl get pods -A -o wide"
	for objects, want := range map[string][]string{
		replace(two, "replicas: 2", "replicas: 5"): {"warning: deployment.apps/web: 3 of 5 pods will be pending: insufficient resources on 1 matching node (requested 1 nvidia.com/gpu, available 0)", look},
		s.here(gpus("3"), ""):                      {"warning: deployment.apps/web: 1 of 1 pod will be pending: insufficient resources on 1 matching node (requested 3 nvidia.com/gpu, available 2)", look},
		two + "---" + replace(two, "web", "more"):  {"warning: deployment.apps/more: 2 of 2 pods will be pending: insufficient resources on 1 matching node (requested 1 nvidia.com/gpu, available 0)", look},
	} {
		if diff := cmp.Diff(want, s.run(s.client, objects)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// TestNodesMayCome where there is an autoscaler, as far as can be seen.
func TestNodesMayCome(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	objects := plainPod("nodeSelector: {site: none-of-"+s.namespace+"},", "")
	reader := s.user("reader-"+s.namespace, nil, []string{"nodes"}, "list")
	s.until([]string{"warning"}, func() []string { // who can't see the autoscaler's status
		var severities []string
		for _, f := range s.findings(reader, objects) {
			if f.Rule == "unschedulable" && strings.HasSuffix(f.What, "; an autoscaler may add a suitable node") {
				severities = append(severities, string(f.Severity))
			}
		}
		return severities
	})
}
