package rollout_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// The objects of tests belong to the release "web" of the label "app". PARTS are
// of the spec of the pod, FIELDS of its container.
const (
	deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {terminationGracePeriodSeconds: 0, PARTS containers: [{name: main, image: registry.example/web:1, FIELDS}]}
`
	job = `
apiVersion: batch/v1
kind: Job
metadata: {name: once, labels: {app: web}}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {restartPolicy: Never, PARTS containers: [{name: main, image: registry.example/web:1, FIELDS}]}
`
)

// spec fills the gaps in a text; gaps that are not named stay empty.
func spec(text string, pairs ...string) string {
	pairs = append(pairs, "PARTS", "", "FIELDS", "")
	return strings.NewReplacer(pairs...).Replace(text)
}

// decode reads one object.
func decode(t testing.TB, text string) *unstructured.Unstructured {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	o := &unstructured.Unstructured{}
	if err := o.UnmarshalJSON(data); err != nil {
		t.Fatal(err)
	}
	return o
}

// fixture is a namespace with objects of one release.
type fixture struct {
	t         *testing.T
	namespace string
	client    dynamic.Interface
	core      kubernetes.Interface
	objects   kubetest.ObjectClient
	target    rollout.Target
	timeouts  rollout.Timeouts
	config    *rest.Config // of the watch
}

func newFixture(t *testing.T, texts ...string) *fixture {
	t.Helper()
	f := &fixture{t: t, config: kubetest.Config(t), core: kubetest.Client(t), target: rollout.Target{Name: "web"}, timeouts: rollout.DefaultTimeouts()}
	f.client, _ = kubetest.Dynamic(t)
	f.namespace = kubetest.Namespace(t)
	f.objects = kubetest.Objects(t, f.client, f.namespace)
	for _, text := range texts {
		f.create(text)
	}
	return f
}

// create creates an object that the release consists of.
func (f *fixture) create(text string) {
	f.t.Helper()
	o := decode(f.t, text)
	f.other(text)
	f.target.Objects = append(f.target.Objects, o)
}

// other creates an object that the release does not consist of.
func (f *fixture) other(text string) {
	f.t.Helper()
	if err := f.objects.Create(f.t.Context(), decode(f.t, text), metav1.CreateOptions{}); err != nil {
		f.t.Fatal(err)
	}
}

// change merges a text into the Deployment.
func (f *fixture) change(text string) {
	f.t.Helper()
	if _, err := f.core.AppsV1().Deployments(f.namespace).Patch(f.t.Context(), "web", types.MergePatchType, jsonOf(f.t, text), metav1.PatchOptions{}); err != nil {
		f.t.Error(err)
	}
}

// recorder keeps what a watch tells, and calls back for each change.
type recorder struct {
	lines   []string
	on      func(rollout.Change)
	startup *rollout.Startup
}

func (r *recorder) Change(c rollout.Change) {
	line := c.Note
	if line == "" {
		line = c.String()
	}
	r.lines = append(r.lines, line)
	if r.on != nil {
		r.on(c)
	}
}

func (*recorder) Tree([]rollout.Status) {}

// watcher is closed after the test.
func (f *fixture) watcher() *rollout.Watcher {
	f.t.Helper()
	client, err := dynamic.NewForConfig(f.config)
	if err != nil {
		f.t.Fatal(err)
	}
	core, err := kubernetes.NewForConfig(f.config)
	if err != nil {
		f.t.Fatal(err)
	}
	_, mapper := kubetest.Dynamic(f.t)
	w := rollout.NewWatcher(rollout.Clients{Dynamic: client, Mapper: mapper, Pods: core.CoreV1()}, f.namespace, "app")
	f.t.Cleanup(w.Close)
	return w
}

// watch watches the release for as long as limit.
func (f *fixture) watch(limit time.Duration, on func(rollout.Change)) (*recorder, error) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), limit)
	defer cancel()
	r := &recorder{on: on}
	var err error
	r.startup, err = f.watcher().Watch(ctx, f.target, f.timeouts, r)
	return r, err
}

// pod waits for a pod of the release that a node has accepted.
func (f *fixture) pod() *corev1.Pod {
	f.t.Helper()
	for f.t.Context().Err() == nil {
		list, err := f.core.CoreV1().Pods(f.namespace).List(f.t.Context(), metav1.ListOptions{LabelSelector: "app=web"})
		if err != nil {
			f.t.Fatal(err)
		}
		for _, pod := range list.Items {
			if pod.Spec.NodeName != "" && len(pod.Status.ContainerStatuses) > 0 && pod.DeletionTimestamp == nil {
				return &pod
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	return nil
}

// patch changes the status of a pod, where the simulated node can't.
func (f *fixture) patch(pod *corev1.Pod, status string) {
	f.t.Helper()
	patch := fmt.Sprintf(`{"status": %s}`, jsonOf(f.t, status))
	if _, err := f.core.CoreV1().Pods(f.namespace).Patch(f.t.Context(), pod.Name, types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}, "status"); err != nil {
		f.t.Error(err)
	}
}

func jsonOf(t testing.TB, text string) []byte {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
