package secrets

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func (c cluster) recreating(payload string) *Batch {
	c.t.Helper()
	batch := c.batch(payload)
	batch.Recreate = true
	return batch
}

func TestRecreate(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	meta := withMeta("fixed", map[string]string{"team": "x"},
		map[string]string{"note": "y", corev1.LastAppliedConfigAnnotation: canary})
	c.create(&corev1.Secret{ObjectMeta: meta, Data: map[string][]byte{"k": []byte("v"), "l": []byte("v")}, Immutable: new(true)})
	c.create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "merged"}, Data: map[string][]byte{"k": []byte("v")}, Immutable: new(true)})
	wantOutcomes(t, c.apply(list(opaque(ActionCreate, "typed", "k", "v"), opaque(ActionCreate, "plain", "k", "v"))), success, success)
	uid := c.get("plain").UID
	payload := list(
		opaque(ActionUpdate, "fixed", "k", "w"),
		merging(opaque(ActionUpdate, "merged", "l", "w")),
		pullSecret(ActionApply, "typed", "nvcr.io", "u", "p"),
		opaque(ActionUpdate, "plain", "k", "w"),
		opaque(ActionUpdate, "gone", "k", "w"),
		merging(pullSecret(ActionUpdate, "plain", "nvcr.io", "u", "p")),
	)
	want := []outcome{
		{Status: StatusSuccess, Words: "recreated successfully, removed keys: l"},
		{Status: StatusSuccess, Words: "recreated successfully"},
		{Status: StatusSuccess, Words: "recreated successfully, removed keys: k"},
		{Status: StatusSuccess, Words: "updated successfully"},
		{StatusError, "NotFound", "does not exist"},
		{StatusError, "TypeMismatch", "Secret 'plain' has type opaque"},
	}
	batch := c.recreating(payload)
	results, err := batch.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantOutcomes(t, results, want...)
	wantSecret(t, c.get("fixed"), corev1.SecretTypeOpaque, map[string]string{"k": "v", "l": "v"})
	wantOutcomes(t, applied(t, batch), want...)

	fixed := c.get("fixed")
	wantSecret(t, fixed, corev1.SecretTypeOpaque, map[string]string{"k": "w"})
	if diff := cmp.Diff(map[string]string{"note": "y"}, fixed.Annotations); diff != "" || fixed.Labels["team"] != "x" || !*fixed.Immutable {
		t.Errorf("labels are %v, annotations (-want +got):\n%s", fixed.Labels, diff)
	}
	wantSecret(t, c.get("merged"), corev1.SecretTypeOpaque, map[string]string{"k": "v", "l": "w"})
	if got := c.get("typed").Type; got != dockerConfigType {
		t.Errorf("type is %s, want %s", got, dockerConfigType)
	}
	if c.get("plain").UID != uid {
		t.Error("a Secret was recreated that an update could change")
	}
}

func TestRecreateInOrder(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "a"}, Data: map[string][]byte{"k": []byte("v")}, Immutable: new(true)})
	payload := list(opaque(ActionUpdate, "a", "k", "v"), opaque(ActionUpdate, "a", "k", "w"), pullSecret(ActionUpdate, "a", "nvcr.io", "u", "p"))
	wantOutcomes(t, c.check(payload), success,
		outcome{StatusError, "Immutable", "after operation 1, Secret 'a' is immutable"},
		outcome{StatusError, "TypeMismatch", "after operation 2, Secret 'a' has type opaque"})
	batch := c.recreating(payload)
	results, err := batch.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantOutcomes(t, results, success, success, outcome{Status: StatusSuccess, Words: "recreated"})
	wantOutcomes(t, applied(t, batch), outcome{Status: StatusSuccess, Words: "is unchanged"},
		outcome{Status: StatusSuccess, Words: "recreated"}, outcome{Status: StatusSuccess, Words: "recreated"})
}

func TestRecreateTellsHowFarItCame(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, method string
		lose         bool // the answer, after the request was carried out
		want         outcome
		left         bool
	}{
		{"delete", http.MethodDelete, false, outcome{StatusError, "NoAnswer", "Secret 'a' was not recreated: it may or may not have been deleted"}, true},
		{"create", http.MethodPost, false, outcome{StatusError, "NoAnswer", "Secret 'a' was deleted, and then may or may not have been created"}, false},
		{"answer", http.MethodPost, true, outcome{StatusError, "NoAnswer", "Secret 'a' was deleted, and then may or may not have been created"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t)
			c.create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "a"}, Data: map[string][]byte{"k": []byte("v")}, Immutable: new(true)})
			faulty := c.through(func(next http.RoundTripper, req *http.Request) (*http.Response, error) {
				if req.Method != tt.method {
					return next.RoundTrip(req)
				}
				if tt.lose {
					if response, err := next.RoundTrip(req); err == nil {
						_, _ = io.Copy(io.Discard, response.Body)
						_ = response.Body.Close()
					}
				}
				return nil, errors.New("the cable is cut")
			})
			wantOutcomes(t, applied(t, faulty.recreating(opaque(ActionUpdate, "a", "k", "w"))), tt.want)
			if c.names()["a"] != tt.left {
				t.Errorf("Secret is there: %t, want %t", c.names()["a"], tt.left)
			}
			wantOutcomes(t, applied(t, c.recreating(opaque(ActionApply, "a", "k", "w"))), success)
			wantSecret(t, c.get("a"), corev1.SecretTypeOpaque, map[string]string{"k": "w"})
		})
	}
}

func TestRecreateNeedsTheRights(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	wantOutcomes(t, c.apply(opaque(ActionCreate, "a", "k", "v")), success)
	c.allow("editor", "get", "patch", "delete")
	batch := c.as(impersonate("editor")).recreating(pullSecret(ActionUpdate, "a", "nvcr.io", "u", "p"))
	results, err := batch.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantOutcomes(t, results, outcome{StatusError, "Forbidden", `could not be updated: secrets is forbidden: User "editor" cannot create`})
	results = applied(t, batch)
	wantOutcomes(t, results, outcome{StatusError, "Forbidden", "Secret 'a' was deleted, and then could not be created"})
}

func TestRecreateDeletesOnlyTheSecretItRead(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	wantOutcomes(t, c.apply(opaque(ActionCreate, "a", "k", "v")), success)
	racing := c.through(func(next http.RoundTripper, req *http.Request) (*http.Response, error) {
		if req.Method == http.MethodDelete {
			c.patchMeta("a", `{"metadata":{"labels":{"new":"1"}}}`)
		}
		return next.RoundTrip(req)
	})
	wantOutcomes(t, applied(t, racing.recreating(pullSecret(ActionUpdate, "a", "nvcr.io", "u", "p"))),
		outcome{StatusError, "Conflict", "Secret 'a' was not recreated: it could not be deleted: "})
	wantSecret(t, c.get("a"), corev1.SecretTypeOpaque, map[string]string{"k": "v"})

	c.patchMeta("a", `{"metadata":{"finalizers":["example.com/hold"]}}`)
	results := applied(t, c.recreating(pullSecret(ActionUpdate, "a", "nvcr.io", "u", "p")))
	wantOutcomes(t, results, outcome{StatusError, "Finalizers", "has finalizers"})
	if c.get("a").DeletionTimestamp != nil || strings.Contains(results[0].Message, "deleted to") {
		t.Error("a Secret with finalizers was deleted")
	}
	c.patchMeta("a", `{"metadata":{"finalizers":null}}`)
}
