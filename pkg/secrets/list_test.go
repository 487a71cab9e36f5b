package secrets

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

func TestEntryAsPublished(t *testing.T) {
	t.Parallel()
	created := time.Date(2025, 7, 11, 7, 0, 59, 0, time.UTC).In(time.FixedZone("", 7200))
	entry := newEntry(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "iad-creds", Namespace: "default", CreationTimestamp: metav1.NewTime(created)},
		Type:       corev1.SecretTypeDockerConfigJson,
		Data:       map[string][]byte{".dockerconfigjson": []byte(canary)},
	})
	got, err := json.Marshal(entry)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"name":"iad-creds","namespace":"default","type":"kubernetes.io/dockerconfigjson",` +
		`"data_keys":[".dockerconfigjson"],"creation_timestamp":"2025-07-11 07:00 AM UTC"}`
	if string(got) != want {
		t.Errorf("entry is\n%s, want\n%s", got, want)
	}
	if !entry.Created.Equal(created) {
		t.Errorf("created %v, want %v", entry.Created, created)
	}
}

// TestEntries compares with the entries of testdata/responses/list.json, each
// made of a Secret with its name, type, keys and time.
func TestEntries(t *testing.T) {
	t.Parallel()
	entries := readJSON(t, "../../testdata/responses/list.json").([]any)
	if len(entries) != 4 {
		t.Fatalf("read %d entries", len(entries))
	}
	for _, e := range entries {
		want := e.(map[string]any)
		created, err := time.Parse("2006-01-02 03:04 PM MST", want["creation_timestamp"].(string))
		if err != nil {
			t.Fatal(err)
		}
		data := map[string][]byte{}
		for _, key := range want["data_keys"].([]any) {
			data[key.(string)] = []byte(canary)
		}
		encoded, err := json.Marshal(newEntry(&corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Name: want["name"].(string), Namespace: "default", CreationTimestamp: metav1.NewTime(created)},
			Type:       corev1.SecretType(want["type"].(string)),
			Data:       data,
		}))
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal(encoded, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", want["name"], diff)
		}
	}
}

func TestListAndGet(t *testing.T) {
	t.Parallel()
	c, other := newCluster(t), newCluster(t)
	wantOutcomes(t, c.apply(list(opaque(ActionCreate, "a", "z", canary, "b", "v"), pullSecret(ActionCreate, "r", "nvcr.io", "u", canary))), success, success)
	wantOutcomes(t, other.apply(opaque(ActionCreate, "o", "k", "v")), success)
	label := []byte(`{"metadata":{"labels":{"team":"` + c.namespace + `"}}}`)
	if _, err := c.client.Secrets(c.namespace).Patch(t.Context(), "r", types.MergePatchType, label, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	names := func(namespace, selector string) []string {
		t.Helper()
		entries, err := List(t.Context(), c.client, namespace, selector)
		if err != nil {
			t.Fatal(err)
		}
		found := []string{}
		for _, e := range entries {
			if e.Namespace == c.namespace || e.Namespace == other.namespace {
				found = append(found, e.Namespace+"/"+e.Name)
			}
		}
		slices.Sort(found)
		return found
	}
	a, r, o := c.namespace+"/a", c.namespace+"/r", other.namespace+"/o"
	all := []string{a, r, o}
	slices.Sort(all)
	for _, tt := range []struct {
		namespace, selector string
		want                []string
	}{
		{c.namespace, "", []string{a, r}},
		{other.namespace, "", []string{o}},
		{metav1.NamespaceAll, "", all},
		{metav1.NamespaceAll, "team=" + c.namespace, []string{r}},
		{c.namespace, "team=none", []string{}},
	} {
		if diff := cmp.Diff(tt.want, names(tt.namespace, tt.selector)); diff != "" {
			t.Errorf("List(%q, %q) (-want +got):\n%s", tt.namespace, tt.selector, diff)
		}
	}
	entry, err := Get(t.Context(), c.client, c.namespace, "a")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"b", "z"}; !slices.Equal(entry.DataKeys, want) || time.Since(entry.Created) > time.Minute {
		t.Errorf("entry is %+v, want keys %q, created now", entry, want)
	}
	if _, err := Get(t.Context(), c.client, c.namespace, "none"); !apierrors.IsNotFound(err) {
		t.Errorf("Get gives %v, want not found", err)
	}
	if _, err := List(t.Context(), c.client, c.namespace, "=="); err == nil {
		t.Error("List takes a broken selector")
	}
}

func TestListPages(t *testing.T) {
	t.Parallel()
	const total = listChunk + 20
	c := newCluster(t)
	ops := make([]string, total)
	for i := range ops {
		ops[i] = opaque(ActionCreate, "s"+strings.Repeat("0", i%50)+string(rune('a'+i/50)), "k", "v")
	}
	if report := NewReport(c.apply(list(ops...))); !report.OK() {
		t.Fatal(report.Results[0])
	}
	for _, expire := range []bool{false, true} {
		var requests atomic.Int64
		paging := c.through(func(next http.RoundTripper, req *http.Request) (*http.Response, error) {
			requests.Add(1)
			if expire && req.URL.Query().Get("continue") != "" {
				return gone(req), nil
			}
			return next.RoundTrip(req)
		})
		entries, err := List(context.Background(), paging.client, c.namespace, "")
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]bool{}
		for _, e := range entries {
			names[e.Name] = true
		}
		if len(entries) != total || len(names) != total || requests.Load() < 2 {
			t.Errorf("expired %t: %d entries with %d names in %d requests, want %d", expire, len(entries), len(names), requests.Load(), total)
		}
	}
}

// gone is the server's answer to a continue token that has expired.
func gone(req *http.Request) *http.Response {
	const status = `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410}`
	return &http.Response{
		StatusCode: http.StatusGone,
		Header:     http.Header{"Content-Type": {"application/json"}},
		Body:       io.NopCloser(strings.NewReader(status)),
		Request:    req,
	}
}

func TestListEmptyIsNoNull(t *testing.T) {
	t.Parallel()
	entries, err := List(t.Context(), kubetest.Client(t).CoreV1(), kubetest.Namespace(t), "")
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := json.Marshal(entries); string(got) != "[]" {
		t.Errorf("no Secrets are %s, want []", got)
	}
	if got, _ := json.Marshal(newEntry(&corev1.Secret{}).DataKeys); string(got) != "[]" {
		t.Errorf("no keys are %s, want []", got)
	}
}
