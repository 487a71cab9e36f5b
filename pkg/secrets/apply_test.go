package secrets

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

const dockerConfigType = corev1.SecretTypeDockerConfigJson

func TestApplyCreates(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	results := c.apply(list(
		opaque(ActionCreate, "a", "z", "1", "b", "2\n"),
		pullSecret(ActionCreate, "r", "https://docker.io", "$oauthtoken", "p"),
	))
	want := []Result{
		{ActionCreate, "a", c.namespace, StatusSuccess, "Secret 'a' created successfully", "", new(true), []string{"b", "z"}, CauseNone},
		{ActionCreate, "r", c.namespace, StatusSuccess, "Secret 'r' created successfully, registry server normalized to https://index.docker.io/v1/",
			"", new(true), []string{".dockerconfigjson"}, CauseNone},
	}
	if diff := cmp.Diff(want, results); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	wantSecret(t, c.get("a"), corev1.SecretTypeOpaque, map[string]string{"z": "1", "b": "2\n"})
	wantSecret(t, c.get("r"), dockerConfigType, map[string]string{
		".dockerconfigjson": `{"auths":{"https://index.docker.io/v1/":{"username":"$oauthtoken","password":"p","auth":"JG9hdXRodG9rZW46cA=="}}}`,
	})
	live := c.get("a")
	if len(live.Annotations) != 0 || len(live.ManagedFields) != 1 || live.ManagedFields[0].Manager != "kubectl-blueprint" {
		t.Errorf("Secret has annotations %v and managers %v", live.Annotations, live.ManagedFields)
	}
}

func TestApplyRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	wantOutcomes(t, c.apply(list(opaque(ActionCreate, "here", "k", "v"))), success)
	before := c.get("here")
	payload := list(
		opaque(ActionCreate, "here", "k", "other"),
		opaque(ActionUpdate, "gone", "k", "v"),
		remove("gone"),
		`{"name":"gone","action":"delete","type":"opaque"}`,
		opaque(ActionCreate, "new", "k", "v"),
	)
	want := []outcome{
		{StatusError, "AlreadyExists", "Secret 'here' already exists"},
		{StatusError, "NotFound", "Secret 'gone' does not exist"},
		{StatusError, "NotFound", "after operation 2, Secret 'gone' does not exist"},
		{StatusError, "NotFound", "after operation 3, Secret 'gone' does not exist"},
		success,
	}
	wantOutcomes(t, c.check(payload), want...)
	if c.names()["new"] {
		t.Error("Check wrote a Secret")
	}
	wantOutcomes(t, c.apply(payload), want...)
	if after := c.get("here"); after.ResourceVersion != before.ResourceVersion {
		t.Error("a refused create changed the Secret")
	}
}

func TestApplyUpdateReplacesTheDataAndNothingElse(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	wantOutcomes(t, c.apply(opaque(ActionCreate, "a", "old", "1", "kept", "2", "also-old", "3")), success)
	labels := []byte(`{"metadata":{"labels":{"team":"x"},"annotations":{"note":"y"}}}`)
	if _, err := c.client.Secrets(c.namespace).Patch(context.Background(), "a", types.MergePatchType, labels, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	payload := opaque(ActionUpdate, "a", "kept", "2", "new", "4")
	wantOutcomes(t, c.check(payload), outcome{Status: StatusSuccess, Words: "updated successfully, removed keys: also-old, old (server dry run)"})
	results := c.checkAndApply(payload)
	want := []Result{{ActionUpdate, "a", c.namespace, StatusSuccess, "Secret 'a' updated successfully, removed keys: also-old, old", "",
		new(true), []string{"kept", "new"}, CauseNone}}
	if diff := cmp.Diff(want, results); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	live := c.get("a")
	wantSecret(t, live, corev1.SecretTypeOpaque, map[string]string{"kept": "2", "new": "4"})
	if live.Labels["team"] != "x" || live.Annotations["note"] != "y" || len(live.Annotations) != 1 {
		t.Errorf("labels %v and annotations %v are not what they were", live.Labels, live.Annotations)
	}
}

func TestApplyTellsUnchanged(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	wantOutcomes(t, c.apply(list(opaque(ActionCreate, "a", "k", "v"), pullSecret(ActionCreate, "r", "nvcr.io", "u", "p"))), success, success)
	same := list(opaque(ActionUpdate, "a", "k", "v"), pullSecret(ActionUpdate, "r", "https://NVCR.io/", "u", "p"))
	version := c.get("a").ResourceVersion
	for _, r := range append(c.check(same), c.checkAndApply(same)...) {
		if r.Changed == nil || *r.Changed || !strings.HasPrefix(r.Message, "Secret '"+r.Name+"' is unchanged") {
			t.Errorf("result %+v, want it unchanged", r)
		}
	}
	if got := c.get("a").ResourceVersion; got != version {
		t.Errorf("resourceVersion is %s, want %s as before", got, version)
	}
	if r := c.apply(opaque(ActionUpdate, "a", "k", "v"))[0]; r.Changed == nil || *r.Changed || r.Message != "Secret 'a' is unchanged" {
		t.Errorf("result without Check is %+v, want it unchanged", r)
	}
	if r := c.checkAndApply(opaque(ActionUpdate, "a", "k", "w"))[0]; r.Changed == nil || !*r.Changed {
		t.Errorf("result of another value is %+v, want it changed", r)
	}
}

func TestApplyRefusesAnotherType(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	wantOutcomes(t, c.apply(list(opaque(ActionCreate, "a", "k", "v"), pullSecret(ActionCreate, "r", "nvcr.io", "u", "p"))), success, success)
	tls := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "t"}, Type: "example.com/other", Data: map[string][]byte{"k": nil}}
	if _, err := c.client.Secrets(c.namespace).Create(context.Background(), tls, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	payload := list(
		pullSecret(ActionUpdate, "a", "nvcr.io", "u", "p"),
		opaque(ActionUpdate, "r", "k", "v"),
		opaque(ActionUpdate, "t", "k", "v"),
		`{"name":"t","action":"delete","type":"opaque"}`,
		`{"name":"r","action":"delete","type":"container_registry"}`,
	)
	wantOutcomes(t, c.check(payload),
		outcome{StatusError, "TypeMismatch", "Secret 'a' has type opaque, which cannot be changed; delete and recreate it"},
		outcome{StatusError, "TypeMismatch", "Secret 'r' has type container_registry, which cannot be changed; delete and recreate it"},
		outcome{StatusError, "TypeMismatch", "Secret 't' has type example.com/other, which cannot be changed"},
		outcome{StatusError, "TypeMismatch", "Secret 't' has type example.com/other, not opaque"},
		success)
	wantOutcomes(t, c.apply(payload)[3:],
		outcome{StatusError, "TypeMismatch", "Secret 't' has type example.com/other, not opaque"}, success)
	if names := c.names(); !names["t"] || names["r"] {
		t.Errorf("Secrets are %v, want t and not r", names)
	}
}

func TestApplyRefusesImmutable(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "a"}, Data: map[string][]byte{"k": []byte("v")}, Immutable: new(true)}
	if _, err := c.client.Secrets(c.namespace).Create(context.Background(), secret, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	refused := outcome{StatusError, "Immutable", "Secret 'a' is immutable; delete and recreate it"}
	wantOutcomes(t, c.check(opaque(ActionUpdate, "a", "k", "w")), refused)
	wantOutcomes(t, c.apply(opaque(ActionUpdate, "a", "k", "w")), refused)
	wantOutcomes(t, c.checkAndApply(opaque(ActionUpdate, "a", "k", "v")), outcome{Status: StatusSuccess, Words: "is unchanged"})
	wantOutcomes(t, c.checkAndApply(list(remove("a"), opaque(ActionCreate, "a", "k", "w"))), success, success)
	wantSecret(t, c.get("a"), corev1.SecretTypeOpaque, map[string]string{"k": "w"})
}

func TestApplySameNameInOrder(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	payload := list(
		opaque(ActionCreate, "a", "k", "1", "l", "1"),
		opaque(ActionUpdate, "a", "k", "2"),
		opaque(ActionUpdate, "a", "k", "2"),
		remove("a"),
		pullSecret(ActionCreate, "a", "nvcr.io", "u", "p"),
		opaque(ActionUpdate, "a", "k", "3"),
		opaque(ActionCreate, "a", "k", "4"),
	)
	want := []outcome{
		success,
		{Status: StatusSuccess, Words: "removed keys: l"},
		success, success, success,
		{StatusError, "TypeMismatch", "after operation 5, Secret 'a' has type container_registry"},
		{StatusError, "AlreadyExists", "after operation 6, Secret 'a' already exists"},
	}
	wantOutcomes(t, c.check(payload), want...)
	if c.names()["a"] {
		t.Error("Check wrote a Secret")
	}
	want[2].Words = "is unchanged"
	wantOutcomes(t, c.apply(payload), want...)
	if live := c.get("a"); live.Type != dockerConfigType {
		t.Errorf("Secret has type %s, want that of operation 5", live.Type)
	}
}

func TestApplyMany(t *testing.T) {
	t.Parallel()
	const names, inFlight = 100, 8
	var flying, most atomic.Int64
	c := newCluster(t).through(func(next http.RoundTripper, req *http.Request) (*http.Response, error) {
		defer flying.Add(-1)
		n := flying.Add(1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		return next.RoundTrip(req)
	})
	var ops []string
	for _, value := range []string{"1", "2", "3"} { // 300 operations, the three of a name far apart
		for i := range names {
			action := ActionUpdate
			if value == "1" {
				action = ActionCreate
			}
			ops = append(ops, opaque(action, fmt.Sprintf("s%d", i), "k", value))
		}
	}
	batch := c.batch(list(ops...))
	batch.InFlight = inFlight
	for i, r := range applied(t, batch) {
		if want := fmt.Sprintf("s%d", i%names); r.Name != want || r.Status != StatusSuccess {
			t.Fatalf("result %d is %+v, want success of %s", i, r, want)
		}
	}
	for i := range names {
		wantSecret(t, c.get(fmt.Sprintf("s%d", i)), corev1.SecretTypeOpaque, map[string]string{"k": "3"})
	}
	if got := most.Load(); got < 2 || got > inFlight {
		t.Errorf("%d requests at a time, want 2 to %d", got, inFlight)
	}
}

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	var requests []string // only one at a time here
	c := newCluster(t).through(func(next http.RoundTripper, req *http.Request) (*http.Response, error) {
		request := req.Method
		if strings.Contains(req.URL.RawQuery, "dryRun=All") || strings.Contains(bodyOf(t, req), metav1.DryRunAll) {
			request += " dry"
		}
		requests = append(requests, request)
		return next.RoundTrip(req)
	})
	sent := func() []string { defer func() { requests = nil }(); return requests }
	for _, tt := range []struct {
		payload      string
		check, apply []string
	}{
		{opaque(ActionCreate, "a", "k", "1"), []string{"POST dry"}, []string{"POST"}},
		{opaque(ActionUpdate, "a", "k", "2"), []string{"GET", "PATCH dry"}, []string{"GET", "PATCH"}},
		{opaque(ActionApply, "a", "k", "3"), []string{"GET", "PATCH dry"}, []string{"GET", "PATCH"}},
		{merging(opaque(ActionApply, "a", "k", "4")), []string{"GET", "PATCH dry"}, []string{"GET", "PATCH"}},
		{remove("a"), []string{"GET", "DELETE dry"}, []string{"GET", "DELETE"}},
		{opaque(ActionApply, "a", "k", "1"), []string{"GET", "POST dry"}, []string{"GET", "POST"}},
		{pullSecret(ActionApply, "r", "nvcr.io", "u", "p"), []string{"GET", "POST dry"}, []string{"GET", "POST"}},
		{merging(pullSecret(ActionApply, "r", "nvcr.io", "u", "q")), []string{"GET", "PATCH dry"}, []string{"GET", "PATCH"}},
		{merging(pullSecret(ActionApply, "r", "nvcr.io", "u", "q")), []string{"GET"}, []string{"GET"}},
		{opaque(ActionApply, "a", "k", "1"), []string{"GET"}, []string{"GET"}},
		{`{"name":"a","action":"delete","type":"opaque"}`, []string{"GET", "DELETE dry"}, []string{"GET", "DELETE"}},
		{list(opaque(ActionCreate, "b", "k", "1"), opaque(ActionUpdate, "b", "k", "2"), opaque(ActionUpdate, "b", "k", "2"), remove("b")),
			[]string{"GET", "POST dry", "PATCH dry", "POST dry", "PATCH dry", "DELETE dry"}, []string{"POST", "PATCH", "DELETE"}},
	} {
		batch := c.batch(tt.payload)
		if _, err := batch.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.check, sent()); diff != "" {
			t.Errorf("requests of Check of %s (-want +got):\n%s", tt.payload, diff)
		}
		wantAll(t, applied(t, batch))
		if diff := cmp.Diff(tt.apply, sent()); diff != "" {
			t.Errorf("requests of Apply of %s (-want +got):\n%s", tt.payload, diff)
		}
	}
}

func bodyOf(t testing.TB, req *http.Request) string {
	t.Helper()
	if req.GetBody == nil {
		return ""
	}
	body, err := req.GetBody()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
