package conformance_test

import (
	"context"
	"maps"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

const (
	defaultClass = "standard" // of the test cluster
	claimSize    = "1Ti"      // of claims that recipes only refer to
)

// platform is what a sample finds in its namespace and around it: Secrets,
// volumes, queues and nodes that others have set up.
type platform struct {
	client    kubernetes.Interface
	objects   kubetest.ObjectClient
	namespace string
	teams     map[string]*sample // by the name of their queue
}

func newPlatform(t *testing.T, teams map[string]*sample) *platform {
	t.Helper()
	namespace := kubetest.Namespace(t)
	client, _ := kubetest.Dynamic(t)
	return &platform{kubetest.Client(t), kubetest.Objects(t, client, namespace), namespace, teams}
}

// provide sets up what the objects refer to and do not bring themselves.
func (p *platform) provide(t *testing.T, objects []*unstructured.Unstructured) {
	t.Helper()
	w := newWants(t, objects)
	var flavors []map[string]string
	for _, queue := range w.queues {
		flavors = append(flavors, p.openQueue(t, queue)...)
	}
	labelNodes(t, p.client, w.nodeSelector, append(flavors, w.apart...))
	for name, keys := range w.secrets {
		p.secret(t, name, keys)
	}
	for _, class := range w.classes {
		p.class(t, class)
	}
	for _, name := range w.runtimes {
		p.runtime(t, name)
	}
	for _, name := range w.claims {
		p.claim(t, name)
	}
}

// runtime creates a RuntimeClass. It stays: others may use it.
func (p *platform) runtime(t *testing.T, name string) {
	t.Helper()
	class := &nodev1.RuntimeClass{ObjectMeta: metav1.ObjectMeta{Name: name}, Handler: name}
	if _, err := p.client.NodeV1().RuntimeClasses().Create(t.Context(), class, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
}

func (p *platform) secret(t *testing.T, name string, keys []string) {
	t.Helper()
	s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name}, StringData: map[string]string{}}
	for _, key := range keys {
		s.StringData[key] = "dummy"
	}
	if _, err := p.client.CoreV1().Secrets(p.namespace).Create(t.Context(), s, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// class makes a StorageClass that is as the default one. It stays: others may use it.
func (p *platform) class(t *testing.T, name string) {
	t.Helper()
	classes := p.client.StorageV1().StorageClasses()
	base, err := classes.Get(t.Context(), defaultClass, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = classes.Create(t.Context(), &storagev1.StorageClass{
		ObjectMeta:        metav1.ObjectMeta{Name: name},
		Provisioner:       base.Provisioner,
		ReclaimPolicy:     base.ReclaimPolicy,
		VolumeBindingMode: base.VolumeBindingMode,
	}, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
}

func (p *platform) claim(t *testing.T, name string) {
	t.Helper()
	_, err := p.client.CoreV1().PersistentVolumeClaims(p.namespace).Create(t.Context(), &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
			Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{
				corev1.ResourceStorage: resource.MustParse(claimSize),
			}},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
}

// nodes is held by the sample for which nodes have labels of their own.
var nodes sync.Mutex

// labelNodes gives every node the labels of a selector, and then each flavor
// a node of its own, until the test ends. Where there is nothing to do, no
// other sample is kept waiting.
func labelNodes(t *testing.T, client kubernetes.Interface, selector map[string]string, flavors []map[string]string) {
	t.Helper()
	if len(selector)+len(flavors) == 0 {
		return
	}
	nodes.Lock()
	t.Cleanup(nodes.Unlock)
	list, err := client.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Items) < len(flavors) {
		t.Fatalf("want %d nodes with labels of their own, have %d", len(flavors), len(list.Items))
	}
	for i, node := range list.Items {
		labels := maps.Clone(selector)
		if i < len(flavors) {
			maps.Copy(labels, flavors[i])
		}
		relabel(t, client, node, labels)
	}
}

// relabel sets labels of a node until the test ends.
func relabel(t *testing.T, client kubernetes.Interface, node corev1.Node, labels map[string]string) {
	t.Helper()
	before, change := map[string]any{}, map[string]any{}
	for k, v := range labels {
		before[k], change[k] = nil, v
		if old, ok := node.Labels[k]; ok {
			before[k] = old
		}
	}
	t.Cleanup(func() { patchLabels(context.Background(), t, client, node.Name, before) })
	patchLabels(t.Context(), t, client, node.Name, change)
}
