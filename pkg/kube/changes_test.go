package kube_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
)

// TestChangesBeforeTheWatch lists an object that may have changed since the caller read
// it, and no object of another kind.
func TestChangesBeforeTheWatch(t *testing.T) {
	t.Parallel()
	const list = `{"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": "1"}, "items": [ITEM]}`
	for item, want := range map[string]bool{`{"metadata": {"name": "a", "namespace": "shop", "uid": "1"}}`: true, "": false} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("watch") { // unsupported, so that client-go lists
				http.Error(w, "", http.StatusBadRequest)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, strings.Replace(list, "ITEM", item, 1))
		}))
		t.Cleanup(server.Close)
		flags, _ := flagsFor(t.Context(), t, "", server.URL)
		pods := schema.GroupVersionKind{Version: "v1", Kind: "Pod"}
		mapper := meta.NewDefaultRESTMapper([]schema.GroupVersion{pods.GroupVersion()})
		mapper.Add(pods, meta.RESTScopeNamespace)
		c := &kube.Cluster{Getter: flags, Mapper: mapper}
		changes, err := c.Changes(t.Context(), "shop", "", pods.GroupKind(), schema.GroupKind{Group: "example.com", Kind: "Unserved"})
		if err != nil {
			t.Fatal(err)
		}
		timeout := 10 * time.Second
		if !want {
			timeout = time.Second
		}
		got := false
		select {
		case <-changes:
			got = true
		case <-time.After(timeout):
		}
		if got != want {
			t.Errorf("%q: reported a change: %t", item, got)
		}
	}
}
