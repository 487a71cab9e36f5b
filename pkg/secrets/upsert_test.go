package secrets

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestUpsertTellsWhatItDid(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	one, other := opaque(ActionApply, "a", "k", "1", "l", "1"), opaque(ActionApply, "a", "k", "2")
	for _, tt := range []struct {
		payload, words string
		changed        *bool
	}{
		{one, "created successfully", new(true)},
		{one, "is unchanged", new(false)},
		{other, "updated successfully, removed keys: l", new(true)},
		{other, "is unchanged", new(false)},
	} {
		want := []Result{{ActionApply, "a", c.namespace, StatusSuccess, "Secret 'a' " + tt.words, "", tt.changed, keysIn(tt.payload), CauseNone}}
		dry := []Result{want[0]}
		dry[0].Message += " (server dry run)"
		if diff := cmp.Diff(dry, c.check(tt.payload)); diff != "" {
			t.Errorf("checked (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want, c.checkAndApply(tt.payload)); diff != "" {
			t.Errorf("applied (-want +got):\n%s", diff)
		}
	}
	live := c.get("a")
	wantSecret(t, live, corev1.SecretTypeOpaque, map[string]string{"k": "2"})
	if len(live.Annotations) != 0 || len(live.ManagedFields) != 1 || live.ManagedFields[0].Manager != "kubectl-blueprint" {
		t.Errorf("Secret has annotations %v and managers %v", live.Annotations, live.ManagedFields)
	}
}

func keysIn(payload string) []string {
	if strings.Contains(payload, `"l"`) {
		return []string{"k", "l"}
	}
	return []string{"k"}
}

func TestUpsertRefusesAnotherType(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	wantOutcomes(t, c.apply(pullSecret(ActionCreate, "r", "nvcr.io", "u", "p")), success)
	want := outcome{StatusError, "TypeMismatch", "Secret 'r' has type container_registry, which cannot be changed; delete and recreate it"}
	for _, payload := range []string{opaque(ActionApply, "r", "k", "v"), merging(opaque(ActionApply, "r", "k", "v"))} {
		wantOutcomes(t, c.check(payload), want)
		wantOutcomes(t, c.apply(payload), want)
	}
	wantSecret(t, c.get("r"), dockerConfigType, map[string]string{
		".dockerconfigjson": `{"auths":{"nvcr.io":{"username":"u","password":"p","auth":"dTpw"}}}`,
	})
}

func TestUpsertInOrder(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	wantOutcomes(t, c.apply(opaque(ActionCreate, "a", "old", "1")), success)
	payload := list(
		opaque(ActionApply, "a", "k", "1"),
		remove("a"),
		pullSecret(ActionApply, "a", "nvcr.io", "u", "p"),
		opaque(ActionApply, "a", "k", "2"),
		remove("a"),
		opaque(ActionApply, "a", "k", "2"),
		opaque(ActionApply, "a", "k", "3"),
	)
	want := []outcome{
		{Status: StatusSuccess, Words: "updated successfully, removed keys: old"},
		success,
		{Status: StatusSuccess, Words: "created successfully"},
		{StatusError, "TypeMismatch", "after operation 3, Secret 'a' has type container_registry"},
		success,
		{Status: StatusSuccess, Words: "created successfully"},
		{Status: StatusSuccess, Words: "updated successfully"},
	}
	wantOutcomes(t, c.check(payload), want...)
	wantOutcomes(t, c.checkAndApply(payload), want...)
	wantSecret(t, c.get("a"), corev1.SecretTypeOpaque, map[string]string{"k": "3"})
}

// TestUpsertLosesNoRace has somebody delete and create the Secret between
// Check and Apply, and before each request.
func TestUpsertLosesNoRace(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	batch := c.batch(opaque(ActionApply, "a", "k", "mine"))
	if _, err := batch.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantOutcomes(t, c.apply(opaque(ActionCreate, "a", "k", "theirs")), success)
	wantOutcomes(t, applied(t, batch), outcome{Status: StatusSuccess, Words: "updated successfully"})
	wantSecret(t, c.get("a"), corev1.SecretTypeOpaque, map[string]string{"k": "mine"})

	var meddle sync.Mutex
	steps := []string{opaque(ActionCreate, "b", "k", "theirs"), remove("b"), opaque(ActionCreate, "b", "k", "theirs")}
	racing := c.through(func(next http.RoundTripper, req *http.Request) (*http.Response, error) {
		meddle.Lock()
		defer meddle.Unlock()
		// A PATCH finds it missing, a POST finds it there, until nobody meddles.
		if len(steps) > 0 && (req.Method == http.MethodPost) == strings.Contains(steps[0], "create") {
			wantOutcomes(t, c.apply(steps[0]), success)
			steps = steps[1:]
		}
		return next.RoundTrip(req)
	})
	wantOutcomes(t, racing.apply(opaque(ActionApply, "b", "k", "mine")), success)
	wantSecret(t, c.get("b"), corev1.SecretTypeOpaque, map[string]string{"k": "mine"})
}

func TestUpsertFromManyAtOnce(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			wantOutcomes(t, c.apply(list(opaque(ActionApply, "a", "k", fmt.Sprint(i)), opaque(ActionApply, "b", "k", fmt.Sprint(i)))), success, success)
		})
	}
	group.Wait()
	if a := c.get("a"); len(a.Data) != 1 || len(c.names()) != 2 {
		t.Errorf("Secrets are %v, data has %d keys", c.names(), len(a.Data))
	}
}

func TestStopOnError(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	payload := list(opaque(ActionCreate, "a", "k", "v"), opaque(ActionUpdate, "gone", "k", "v"), opaque(ActionCreate, "gone", "k", "v"), remove("b"))
	batch := c.batch(payload)
	batch.StopOnError = true
	results := applied(t, batch)
	wantOutcomes(t, results,
		success,
		outcome{StatusError, "NotFound", "Secret 'gone' does not exist"},
		outcome{StatusNotAttempted, "Stopped", "Secret 'gone' was not created: operation 2 failed"},
		outcome{StatusNotAttempted, "Stopped", "Secret 'b' was not deleted: operation 2 failed"})
	if names := c.names(); len(names) != 1 || NewReport(results).OperationsProcessed != 2 {
		t.Errorf("Secrets are %v, want a alone", names)
	}
	batch = c.batch(payload)
	batch.InFlight = 1
	wantOutcomes(t, applied(t, batch)[2:], success, outcome{StatusError, "NotFound", "does not exist"})
}

// TestStopOnErrorIsInOrder has operations on many names around one that fails:
// those before it are carried out, those after it are not started.
func TestStopOnErrorIsInOrder(t *testing.T) {
	t.Parallel()
	names := func(prefix string, action Action, n int) []string {
		ops := make([]string, n)
		for i := range ops {
			ops[i] = opaque(action, fmt.Sprint(prefix, i), "k", "v")
		}
		return ops
	}
	before := slices.Concat(names("a", ActionCreate, 40), names("a", ActionUpdate, 40), names("a", ActionApply, 40))
	after := slices.Concat(names("b", ActionCreate, 60), names("a", ActionUpdate, 40), []string{remove("a0")})
	payload := list(slices.Concat(before, []string{remove("gone")}, after)...)
	for _, allOrNothing := range []bool{false, true} {
		c := newCluster(t)
		batch := c.batch(payload)
		batch.StopOnError, batch.AllOrNothing = true, allOrNothing
		if allOrNothing { // the dry run passes, and the Secret is gone by the time of the delete
			c.create(&corev1.Secret{ObjectMeta: withMeta("gone", nil, nil)})
			if report, err := batch.Approve(t.Context()); err != nil || !report.OK() {
				t.Fatalf("Approve gives %+v, %v", report, err)
			}
			if err := c.client.Secrets(c.namespace).Delete(t.Context(), "gone", metav1.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		results := applied(t, batch)
		for i, r := range results {
			want := StatusSuccess
			switch {
			case i == len(before):
				want = StatusError
			case i > len(before):
				want = StatusNotAttempted
			}
			if r.Status != want {
				t.Errorf("all or nothing %t: operation %d is %+v, want %s", allOrNothing, i+1, r, want)
			}
		}
		if n := len(c.names()); n != 40 {
			t.Errorf("all or nothing %t: there are %d Secrets, want the 40 before the failure", allOrNothing, n)
		}
	}
}

func withMeta(name string, labels, annotations map[string]string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Labels: labels, Annotations: annotations}
}
