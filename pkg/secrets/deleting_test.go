package secrets

import (
	"context"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// TestDeleteHeldByFinalizers holds a delete that the server only notes down to
// not calling itself done, in every round.
func TestDeleteHeldByFinalizers(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	for _, name := range []string{"a", "b", "c"} {
		c.create(&corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Name: name, Finalizers: []string{"example.com/backup", "example.com/audit"}},
			Data:       map[string][]byte{"k": []byte(canary)},
		})
	}
	t.Cleanup(func() { // or the namespace stays
		for name := range c.names() {
			_, _ = c.client.Secrets(c.namespace).Patch(context.Background(), name, types.JSONPatchType,
				[]byte(`[{"op":"remove","path":"/metadata/finalizers"}]`), metav1.PatchOptions{})
		}
	})
	held := outcome{Status: StatusSuccess, Words: "is being deleted and waits for finalizers example.com/backup, example.com/audit"}
	refused := outcome{StatusError, "Finalizers", "is still being deleted and waits for finalizers; create it after it is deleted"}
	wantOutcomes(t, c.check(remove("a")), held)
	typed := `{"name":"b","action":"delete","type":"opaque"}`
	wantOutcomes(t, c.apply(list(remove("a"), typed)), held, held)
	for _, name := range []string{"a", "b"} {
		if live := c.get(name); live.DeletionTimestamp == nil || len(live.Finalizers) != 2 {
			t.Errorf("Secret %s is not being deleted: this tests nothing", name)
		}
	}

	again := list(opaque(ActionUpdate, "c", "k", "v"), remove("c"), opaque(ActionCreate, "c", "k", "v"))
	wantOutcomes(t, c.check(again), success, held, refused)
	wantOutcomes(t, c.apply(again), success, held, refused)
	wantOutcomes(t, c.apply(opaque(ActionCreate, "a", "k", "v")), refused)
}

// TestManyInAMissingNamespaceAskOnce has the server say it a few times, of what
// is in flight, and not for each operation.
func TestManyInAMissingNamespaceAskOnce(t *testing.T) {
	t.Parallel()
	const names = 20 * DefaultInFlight
	for _, action := range []Action{ActionCreate, ActionUpdate, ActionApply, ActionDelete} {
		c, requests := newCluster(t).counted()
		c.namespace = "no-such-namespace"
		payload := many(action, names, same)
		if action == ActionDelete {
			payload = list(slicesOf(names, remove)...)
		}
		for _, results := range [][]Result{c.check(payload), c.apply(payload)} {
			missing := outcome{StatusError, "NotFound", `: namespaces "no-such-namespace" not found`}
			wantOutcomes(t, results, slices.Repeat([]outcome{missing}, names)...)
		}
		total := 0
		for _, n := range requests() {
			total += n
		}
		if most := 8 * DefaultInFlight; total > most {
			t.Errorf("%s: %d requests for %d operations, want at most %d", action, total, 2*names, most)
		}
	}
}
