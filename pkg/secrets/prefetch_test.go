package secrets

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// counted returns c, as a user where one is named, with its requests counted by
// method; a LIST is a GET of no name.
func (c cluster) counted(user ...string) (cluster, func() map[string]int) {
	var mu sync.Mutex
	counts := map[string]int{}
	counting := func(config *rest.Config) {
		config.Impersonate.UserName = strings.Join(user, "")
		config.Wrap(func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				method := req.Method
				if method == http.MethodGet && strings.HasSuffix(req.URL.Path, "/secrets") {
					method = "LIST"
				}
				mu.Lock()
				counts[method]++
				mu.Unlock()
				return next.RoundTrip(req)
			})
		})
	}
	return c.as(counting), func() map[string]int {
		mu.Lock()
		defer mu.Unlock()
		defer func() { counts = map[string]int{} }()
		return counts
	}
}

// many is one operation on each of n names, with the value that value gives.
func many(action Action, n int, value func(i int) string) string {
	ops := make([]string, n)
	for i := range ops {
		ops[i] = opaque(action, fmt.Sprintf("s%d", i), "k", value(i))
	}
	return list(ops...)
}

func same(int) string { return "v" }

func wantRequests(t *testing.T, what string, got, want map[string]int) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests of %s (-want +got):\n%s", what, diff)
	}
}

// TestManyUnchangedCostAList holds a batch that changes nothing to a few lists,
// and one that changes something to what it has to write.
func TestManyUnchangedCostAList(t *testing.T) {
	t.Parallel()
	const names = 100
	c := newCluster(t)
	wantAll(t, c.apply(many(ActionCreate, names, same)))
	counted, requests := c.counted()
	versions := c.versions()
	for _, action := range []Action{ActionUpdate, ActionApply} {
		batch := counted.batch(many(action, names, same))
		results, err := batch.Check(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		wantRequests(t, "Check", requests(), map[string]int{"LIST": 2})
		results = append(results, applied(t, batch)...)
		if len(results) != 2*names {
			t.Errorf("got %d results, want %d", len(results), 2*names)
		}
		for _, r := range results {
			if r.Status != StatusSuccess || r.Changed == nil || *r.Changed || !strings.Contains(r.Message, "is unchanged") || len(r.Keys) != 1 {
				t.Errorf("result is %+v, want unchanged", r)
			}
		}
		wantRequests(t, "Apply", requests(), map[string]int{"LIST": 2})
	}
	if diff := cmp.Diff(versions, c.versions()); diff != "" {
		t.Errorf("Secrets were written (-before +after):\n%s", diff)
	}

	half := func(i int) string { return []string{"v", "w"}[i%2] }
	wantAll(t, counted.checkAndApply(many(ActionUpdate, names, half)))
	wantRequests(t, "half of it", requests(), map[string]int{"LIST": 4, "PATCH": names})
	for i := range names {
		wantSecret(t, c.get(fmt.Sprintf("s%d", i)), corev1.SecretTypeOpaque, map[string]string{"k": half(i)})
	}

	wantAll(t, counted.checkAndApply(many(ActionUpdate, names, func(i int) string { return fmt.Sprint(i) })))
	wantRequests(t, "all of it", requests(), map[string]int{"LIST": 4, "PATCH": 2 * names})
}

// versions is the resourceVersion of each Secret.
func (c cluster) versions() map[string]string {
	c.t.Helper()
	found, err := c.client.Secrets(c.namespace).List(c.t.Context(), metav1.ListOptions{})
	if err != nil {
		c.t.Fatal(err)
	}
	versions := map[string]string{}
	for _, s := range found.Items {
		versions[s.Name] = s.ResourceVersion
	}
	return versions
}

// TestPrefetchGivesUp has batches that read one by one, and end the same.
func TestPrefetchGivesUp(t *testing.T) {
	t.Parallel()
	large := func(i int) string { // together more than prefetchMaxBytes
		if i <= prefetchMaxBytes>>20 {
			return strings.Repeat("x", 1<<20)
		}
		return "v"
	}
	for name, tt := range map[string]struct {
		names  int
		value  func(int) string
		others int
		verbs  []string
	}{
		"few names":            {names: prefetchMin - 1, value: same},
		"mostly other Secrets": {names: prefetchMin, value: same, others: prefetchMaxWaste * prefetchMin},
		"large":                {names: prefetchMin, value: large},
		"no right to list":     {names: prefetchMin, value: same, verbs: []string{"get", "patch"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t)
			wantAll(t, c.apply(many(ActionCreate, tt.names, tt.value)))
			for i := range tt.others {
				c.create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("other%d", i)}})
			}
			counted, requests := c.counted()
			if tt.verbs != nil {
				c.allow("reader", tt.verbs...)
				counted, requests = c.counted("reader")
			}
			for _, r := range counted.checkAndApply(many(ActionUpdate, tt.names, tt.value)) {
				if r.Status != StatusSuccess || r.Changed == nil || *r.Changed {
					t.Errorf("result is %+v, want unchanged", r)
				}
			}
			if got := requests(); got["GET"] != 2*tt.names || got["PATCH"] != 0 {
				t.Errorf("requests are %v, want a GET of each name for Check and for Apply", got)
			}
		})
	}
}

// TestApplyTrustsNoOldList changes Secrets after Check found them up to date.
func TestApplyTrustsNoOldList(t *testing.T) {
	t.Parallel()
	const names = 2 * prefetchMin
	c := newCluster(t)
	wantAll(t, c.apply(many(ActionCreate, names, same)))
	batch := c.batch(many(ActionUpdate, names, same))
	if _, err := batch.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantAll(t, c.apply(list(opaque(ActionUpdate, "s0", "k", "changed"), remove("s1"))))
	results := applied(t, batch)
	wantOutcomes(t, results[:3],
		outcome{Status: StatusSuccess, Words: "updated successfully"},
		outcome{StatusError, "NotFound", "does not exist"},
		outcome{Status: StatusSuccess, Words: "is unchanged"})
	wantSecret(t, c.get("s0"), corev1.SecretTypeOpaque, map[string]string{"k": "v"})
}

// TestPrefetchedOperations judges from a list what else would be judged from a
// read: other types, foreign owners, merges and missing Secrets.
func TestPrefetchedOperations(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	filler := strings.Trim(many(ActionApply, prefetchMin, same), "[]")
	payload := list(filler,
		merging(opaque(ActionApply, "merge", "k", "v")), merging(opaque(ActionApply, "merge-new", "l", "v")),
		merging(pullSecret(ActionApply, "registry", "nvcr.io", "u", "p")),
		opaque(ActionUpdate, "typed", "k", "v"), opaque(ActionApply, "owned", "k", "v"), opaque(ActionUpdate, "missing", "k", "v"),
		opaque(ActionUpdate, "s0", "k", "w"), // not the first on its name
	)
	wantAll(t, c.apply(list(filler, opaque(ActionCreate, "merge", "k", "v", "other", "v"), opaque(ActionCreate, "merge-new", "k", "v"),
		registries(ActionCreate, "registry", "nvcr.io u p", "docker.io u p"), pullSecret(ActionCreate, "typed", "nvcr.io", "u", "p"))))
	c.create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "owned", Labels: map[string]string{"argocd.argoproj.io/instance": "shop"}},
		Data: map[string][]byte{"k": []byte("v")}})
	want := []outcome{
		{Status: StatusSuccess, Words: "is unchanged"}, {Status: StatusSuccess, Words: "updated successfully"},
		{Status: StatusSuccess, Words: "is unchanged"}, {StatusError, "TypeMismatch", "which cannot be changed"},
		{StatusError, "ManagedElsewhere", "Argo CD"}, {StatusError, "NotFound", "does not exist"},
		{Status: StatusSuccess, Words: "updated successfully"},
	}
	counted, requests := c.counted()
	batch := counted.batch(payload)
	results, err := batch.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := requests(); got["LIST"] == 0 || got["GET"] > 1 { // one asks for the type
		t.Errorf("requests of Check are %v, want lists", got)
	}
	wantOutcomes(t, results[prefetchMin:], want...)
	wantOutcomes(t, applied(t, batch)[prefetchMin:], want...)
	wantSecret(t, c.get("merge-new"), corev1.SecretTypeOpaque, map[string]string{"k": "v", "l": "v"})
	wantSecret(t, c.get("s0"), corev1.SecretTypeOpaque, map[string]string{"k": "w"})
}
