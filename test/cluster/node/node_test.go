package node

import (
	"context"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/cluster/pki"
)

// fixture is a node without its queue: the test is the queue.
type fixture struct {
	*Node
	client kubernetes.Interface
	events chan string
}

func newFixture(t *testing.T, objects ...runtime.Object) fixture {
	t.Helper()
	client := fake.NewClientset(objects...)
	n, err := New(client, Config{Name: "n", IP: "10.99.1.1", PodCIDR: "10.244.0.0/24"})
	if err != nil {
		t.Fatal(err)
	}
	recorder := record.NewFakeRecorder(100)
	n.recorder = recorder
	return fixture{n, client, recorder.Events}
}

// look syncs a pod as it is in the API once.
func (f fixture) look(t *testing.T, name string) (*corev1.Pod, time.Duration, error) {
	t.Helper()
	p, err := f.client.CoreV1().Pods("ns").Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := f.sync(t.Context(), f.known(cache.MetaObjectToName(p), p))
	p, _ = f.client.CoreV1().Pods("ns").Get(t.Context(), name, metav1.GetOptions{})
	return p, again, err
}

// told empties the recorder.
func (f fixture) told() []string {
	var all []string
	for len(f.events) > 0 {
		all = append(all, <-f.events)
	}
	return all
}

func testPod(containers ...corev1.Container) *corev1.Pod {
	if len(containers) == 0 {
		containers = []corev1.Container{{Name: "c", Image: "example.com/app:1"}}
	}
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "p", UID: "1"},
		Spec:       corev1.PodSpec{NodeName: "n", RestartPolicy: corev1.RestartPolicyAlways, Containers: containers},
		Status:     corev1.PodStatus{Phase: corev1.PodPending},
	}
}

func condition(p *corev1.Pod, kind corev1.PodConditionType) corev1.ConditionStatus {
	for _, c := range p.Status.Conditions {
		if c.Type == kind {
			return c.Status
		}
	}
	return ""
}

func TestPodBecomesReady(t *testing.T) {
	t.Parallel()
	f := newFixture(t, testPod())
	p, again, err := f.look(t, "p")
	if err != nil || again != 0 {
		t.Fatalf("sync: %v, %v", again, err)
	}
	for _, kind := range []corev1.PodConditionType{
		corev1.PodReadyToStartContainers, corev1.PodInitialized, corev1.ContainersReady, corev1.PodReady,
	} {
		if got := condition(p, kind); got != corev1.ConditionTrue {
			t.Errorf("%s is %q", kind, got)
		}
	}
	s := p.Status
	if s.Phase != corev1.PodRunning || s.PodIP != "10.244.0.2" || s.HostIP != "10.99.1.1" || s.StartTime == nil {
		t.Errorf("status: %+v", s)
	}
	if c := s.ContainerStatuses[0]; !c.Ready || !*c.Started || c.State.Running == nil ||
		!strings.HasPrefix(c.ContainerID, "containerd://") || !strings.HasPrefix(c.ImageID, "example.com/app@sha256:") {
		t.Errorf("container: %+v", c)
	}
	want := []string{
		`Normal Pulling Pulling image "example.com/app:1"`,
		`Normal Pulled Successfully pulled image "example.com/app:1" in 0s (0s including waiting). Image size: 0 bytes.`,
		`Normal Created Container created`,
		`Normal Started Container started`,
	}
	if got := f.told(); !slices.Equal(got, want) {
		t.Errorf("events: %q", got)
	}
}

func TestLookingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, testPod())
	stale, err := f.client.CoreV1().Pods("ns").Get(t.Context(), "p", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := f.look(t, "p")
	f.told()
	// The watch may still show the pod as it was before the first look.
	if _, err := f.sync(t.Context(), f.known(cache.MetaObjectToName(stale), stale)); err != nil {
		t.Fatal(err)
	}
	after, _, _ := f.look(t, "p")
	if after.Status.PodIP != before.Status.PodIP || len(f.told()) > 0 {
		t.Errorf("a second look changed the pod: %+v", after.Status)
	}
}

func TestJobPodSucceedsAfterItRan(t *testing.T) {
	t.Parallel()
	always := corev1.ContainerRestartPolicyAlways
	pod := testPod()
	pod.Spec.RestartPolicy = corev1.RestartPolicyNever
	pod.Spec.InitContainers = []corev1.Container{{Name: "sidecar", RestartPolicy: &always}}
	f := newFixture(t, pod)
	p, again, err := f.look(t, "p")
	if err != nil || again <= 0 || p.Status.Phase != corev1.PodRunning {
		t.Fatalf("%v %v %s", err, again, p.Status.Phase)
	}
	time.Sleep(again)
	p, again, err = f.look(t, "p")
	if err != nil || again != 0 || p.Status.Phase != corev1.PodSucceeded {
		t.Fatalf("%v %v %s", err, again, p.Status.Phase)
	}
	if s := p.Status.InitContainerStatuses[0]; s.State.Terminated == nil {
		t.Errorf("the sidecar goes on: %+v", s)
	}
	if end := p.Status.ContainerStatuses[0]; end.State.Terminated.Reason != "Completed" || end.Ready || condition(p, corev1.PodReady) != corev1.ConditionFalse {
		t.Errorf("%+v", end)
	}
}

func TestInitContainersRunInOrder(t *testing.T) {
	t.Parallel()
	pod := testPod()
	pod.Spec.InitContainers = []corev1.Container{{Name: "first"}, {Name: "second"}}
	f := newFixture(t, pod)
	p, again, _ := f.look(t, "p")
	if s := p.Status.InitContainerStatuses; s[0].State.Running == nil || s[1].State.Waiting.Reason != "PodInitializing" {
		t.Fatalf("first: %+v", s)
	}
	time.Sleep(again)
	p, again, _ = f.look(t, "p")
	if s := p.Status.InitContainerStatuses; s[0].State.Terminated == nil || !s[0].Ready || s[1].State.Running == nil || condition(p, corev1.PodInitialized) != corev1.ConditionFalse {
		t.Fatalf("second: %+v", s)
	}
	time.Sleep(again)
	if p, _, _ = f.look(t, "p"); p.Status.Phase != corev1.PodRunning || condition(p, corev1.PodInitialized) != corev1.ConditionTrue {
		t.Fatalf("then: %+v", p.Status)
	}
}

func TestDeletedPodGoes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, testPod())
	p, _, _ := f.look(t, "p")
	f.told()
	p.DeletionTimestamp = new(metav1.Now())
	if _, err := f.sync(t.Context(), f.known(cache.MetaObjectToName(p), p)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.client.CoreV1().Pods("ns").Get(t.Context(), "p", metav1.GetOptions{}); err == nil {
		t.Error("the pod is still there")
	}
	if got := f.told(); !slices.Equal(got, []string{"Normal Killing Stopping container c"}) {
		t.Errorf("events: %q", got)
	}
}

func TestRunServesPodsUntilItsContextEnds(t *testing.T) {
	t.Parallel()
	client := fake.NewClientset(testPod())
	keys, err := pki.Create(t.TempDir(), []string{"127.0.0.1"}, "n")
	if err != nil {
		t.Fatal(err)
	}
	n, err := New(client, Config{Name: "n", IP: "10.99.1.1", PodCIDR: "10.244.0.0/24", PKI: keys})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	deadline := time.Now().Add(30 * time.Second)
	for {
		p, err := client.CoreV1().Pods("ns").Get(ctx, "p", metav1.GetOptions{})
		if err == nil && p.Status.Phase == corev1.PodRunning {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the pod never ran")
		}
		time.Sleep(10 * time.Millisecond)
	}
	node, err := client.CoreV1().Nodes().Get(ctx, "n", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	api := net.JoinHostPort("127.0.0.1", strconv.Itoa(int(node.Status.DaemonEndpoints.KubeletEndpoint.Port)))
	conn, err := net.Dial("tcp", api)
	if err != nil {
		t.Fatalf("the kubelet API: %v", err)
	}
	_ = conn.Close()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if conn, err := net.Dial("tcp", api); err == nil {
		_ = conn.Close()
		t.Error("the kubelet API is still open")
	}
}
