// Package kubetest gives tests the control plane that `make test` started, and
// a namespace of their own in it.
package kubetest

import (
	"context"
	"os"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
)

// Kubeconfig returns the path of the test cluster's kubeconfig. It skips t
// where there is no test cluster, or fails it where CI is set, so that CI can't
// pass without one. KUBECONFIG is deliberately not looked at: it may be a
// cluster that somebody works with.
func Kubeconfig(t testing.TB) string {
	t.Helper()
	path := os.Getenv("BLUEPRINT_TEST_CLUSTER")
	if path == "" && os.Getenv("CI") != "" {
		t.Fatal("no test cluster: BLUEPRINT_TEST_CLUSTER is not set, and CI allows no skip")
	}
	if path == "" {
		t.Skip("no test cluster: run `make test`, or `bin/cluster -- go test ./...`")
	}
	return path
}

// Config returns the REST config of the test cluster's administrator, without
// client-side throttling.
func Config(t testing.TB) *rest.Config {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", Kubeconfig(t))
	if err != nil {
		t.Fatal(err)
	}
	config.QPS = -1
	return config
}

// Client returns a client of the test cluster.
func Client(t testing.TB) kubernetes.Interface {
	t.Helper()
	client, err := kubernetes.NewForConfig(Config(t))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// Dynamic returns a client of the test cluster for objects of any kind, and
// what tells their resources.
func Dynamic(t testing.TB) (dynamic.Interface, meta.RESTMapper) {
	t.Helper()
	client, err := dynamic.NewForConfig(Config(t))
	if err != nil {
		t.Fatal(err)
	}
	groups, err := restmapper.GetAPIGroupResources(Client(t).Discovery())
	if err != nil {
		t.Fatal(err)
	}
	return client, restmapper.NewDiscoveryRESTMapper(groups)
}

// Namespace makes a namespace and removes it after the test.
func Namespace(t testing.TB) string {
	t.Helper()
	namespaces := Client(t).CoreV1().Namespaces()
	ns, err := namespaces.Create(context.Background(),
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := namespaces.Delete(ctx, ns.Name, metav1.DeleteOptions{}); err != nil {
			t.Log(err)
		}
	})
	return ns.Name
}
