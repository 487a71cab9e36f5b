package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"
)

// cluster returns the config of the cluster that this very program runs the
// tests in.
func cluster(t *testing.T) *rest.Config {
	t.Helper()
	if os.Getenv("BLUEPRINT_TEST_CONTROLLERS") == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("no controllers, and CI allows no skip")
		}
		t.Skip("no controllers: run `make test`")
	}
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		t.Fatal(err)
	}
	config.QPS = -1
	return config
}

func newNamespace(t *testing.T, config *rest.Config) (kubernetes.Interface, string) {
	t.Helper()
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	ns, err := client.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.CoreV1().Namespaces().Delete(context.Background(), ns.Name, metav1.DeleteOptions{}) })
	return client, ns.Name
}

// create applies the objects of a manifest; NS in it is the namespace.
func create(t *testing.T, config *rest.Config, namespace, manifest string) {
	t.Helper()
	i, err := newInstaller(config)
	if err != nil {
		t.Fatal(err)
	}
	for _, document := range strings.Split(strings.ReplaceAll(manifest, "NS", namespace), "\n---\n") {
		object := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(document), &object.Object); err != nil {
			t.Fatal(err)
		}
		if err := i.apply(t.Context(), object); err != nil {
			t.Fatalf("%s %s: %v", object.GetKind(), object.GetName(), err)
		}
	}
}

func wait(t *testing.T, f func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := eventually(ctx, f); err != nil {
		t.Fatal(err)
	}
}

func TestLeaderWorkerSetRuns(t *testing.T) {
	t.Parallel()
	config := cluster(t)
	client, ns := newNamespace(t, config)
	create(t, config, ns, `
apiVersion: leaderworkerset.x-k8s.io/v1
kind: LeaderWorkerSet
metadata: {name: vllm, namespace: NS}
spec:
  replicas: 1
  leaderWorkerTemplate:
    size: 2
    workerTemplate:
      spec:
        containers:
        - name: c
          image: app
          resources: {limits: {nvidia.com/gpu: 1}}
`)
	wait(t, func(ctx context.Context) error {
		pods, err := client.CoreV1().Pods(ns).List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		workers := map[string]bool{}
		for _, p := range pods.Items {
			if p.Status.Phase == corev1.PodRunning {
				workers[p.Labels["leaderworkerset.sigs.k8s.io/worker-index"]] = true
			}
		}
		if !workers["0"] || !workers["1"] {
			return fmt.Errorf("running, by worker index: %v", workers)
		}
		return nil
	})
}

const queue = `
apiVersion: kueue.x-k8s.io/v1beta2
kind: ResourceFlavor
metadata: {name: NS}
---
apiVersion: kueue.x-k8s.io/v1beta2
kind: ClusterQueue
metadata: {name: NS}
spec:
  cohortName: NS
  namespaceSelector: {}
  resourceGroups:
  - coveredResources: [cpu]
    flavors:
    - name: NS
      resources: [{name: cpu, nominalQuota: "4"}]
---
apiVersion: kueue.x-k8s.io/v1beta2
kind: LocalQueue
metadata: {name: queue, namespace: NS}
spec: {clusterQueue: NS}
`

const queuedJob = `
apiVersion: batch/v1
kind: Job
metadata: {name: NAME, namespace: NS, labels: {kueue.x-k8s.io/queue-name: queue}}
spec:
  suspend: true
  template:
    spec:
      restartPolicy: Never
      containers: [{name: c, image: app, resources: {requests: {cpu: "CPU"}}}]
`

func TestQueuedJobRunsWithinItsQuota(t *testing.T) {
	t.Parallel()
	config := cluster(t)
	client, ns := newNamespace(t, config)
	create(t, config, ns, queue)
	create(t, config, ns, strings.NewReplacer("NAME", "large", "CPU", "5").Replace(queuedJob))
	create(t, config, ns, strings.NewReplacer("NAME", "small", "CPU", "3").Replace(queuedJob))
	jobs := client.BatchV1().Jobs(ns)
	wait(t, func(ctx context.Context) error {
		small, err := jobs.Get(ctx, "small", metav1.GetOptions{})
		if err == nil && small.Status.CompletionTime == nil {
			err = fmt.Errorf("not complete: %+v", small.Status)
		}
		return err
	})
	// Kueue tells in an event that it has considered the other and left it.
	wait(t, func(ctx context.Context) error {
		events, err := client.CoreV1().Events(ns).List(ctx, metav1.ListOptions{FieldSelector: "reason=Pending"})
		if err == nil && len(events.Items) == 0 {
			err = errors.New("no job is told to be pending")
		}
		return err
	})
	large, err := jobs.Get(t.Context(), "large", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if !*large.Spec.Suspend || large.Status.StartTime != nil {
		t.Errorf("over its quota, and not suspended: %+v", large.Status)
	}
}
