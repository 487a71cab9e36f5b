package objref

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

func object(apiVersion, kind, namespace string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{}
	o.SetAPIVersion(apiVersion)
	o.SetKind(kind)
	o.SetNamespace(namespace)
	o.SetName("a")
	return o
}

func TestID(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		object *unstructured.Unstructured
		want   string
	}{
		{object("v1", "ConfigMap", ""), "configmap/a"},
		{object("apps/v1", "Deployment", ""), "deployment.apps/a"},
		{object("apps/v1beta1", "Deployment", "b"), "deployment.apps/a"},
		{object("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", ""), "leaderworkerset.leaderworkerset.x-k8s.io/a"},
	} {
		if got := ID(c.object); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	if got := NameID(schema.GroupKind{Kind: "Pod"}, "a"); got != "pod/a" {
		t.Errorf("got %s", got)
	}
}

// TestClient reads the addresses from the requests.
func TestClient(t *testing.T) {
	t.Parallel()
	var path string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { path = r.URL.Path }))
	defer server.Close()
	client, err := dynamic.NewForConfig(&rest.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	mapper := meta.NewDefaultRESTMapper(nil)
	mapper.Add(schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"}, meta.RESTScopeNamespace)
	mapper.Add(schema.GroupVersionKind{Version: "v1", Kind: "Node"}, meta.RESTScopeRoot)
	for _, c := range []struct {
		object *unstructured.Unstructured
		want   string
	}{
		{object("apps/v1", "Deployment", ""), "/apis/apps/v1/namespaces/default/deployments/a"},
		{object("apps/v1", "Deployment", "own"), "/apis/apps/v1/namespaces/own/deployments/a"},
		{object("v1", "Node", ""), "/api/v1/nodes/a"},
	} {
		resource, err := Client(client, mapper, "default", c.object)
		if err != nil {
			t.Fatal(err)
		}
		_ = resource.Delete(t.Context(), "a", metav1.DeleteOptions{}) // the answer is none
		if path != c.want {
			t.Errorf("got %s, want %s", path, c.want)
		}
	}
	if _, err := Client(client, mapper, "default", object("v1", "Pod", "")); !meta.IsNoMatchError(err) {
		t.Errorf("got %v for an unknown kind", err)
	}
}
