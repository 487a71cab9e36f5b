package secrets

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// canary marks secret values, so that a test can look for them in all output.
const canary = "c4n4ry"

// outcome is what a test asks of a Result.
type outcome struct {
	Status Status
	Reason Reason
	Words  string // the message holds them
}

var success = outcome{Status: StatusSuccess}

func parse(t testing.TB, payload string) []Operation {
	t.Helper()
	ops, err := parseText(t, "payload", payload)
	if err != nil {
		t.Fatal(err)
	}
	return ops
}

func parseText(t testing.TB, name, payload string) ([]Operation, error) {
	t.Helper()
	doc, err := source.Parse(name, []byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	return Parse(doc)
}

func parseFile(t testing.TB, path string) []Operation {
	t.Helper()
	return parse(t, readText(t, path))
}

func readText(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// opaque is an operation of a payload, in JSON.
func opaque(action Action, name string, pairs ...string) string {
	data := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		data[pairs[i]] = pairs[i+1]
	}
	op, _ := json.Marshal(map[string]any{"name": name, "action": action, "type": "opaque", "data": data})
	return string(op)
}

func pullSecret(action Action, name, server, username, password string) string {
	op, _ := json.Marshal(map[string]any{"name": name, "action": action, "type": "container_registry", "data": map[string]string{
		"registry_server": server, "username": username, "password": password,
	}})
	return string(op)
}

// registries is an operation with a list of "server user password".
func registries(action Action, name string, each ...string) string {
	var all []map[string]string
	for _, one := range each {
		words := strings.Fields(one)
		all = append(all, map[string]string{"registry_server": words[0], "username": words[1], "password": words[2]})
	}
	op, _ := json.Marshal(map[string]any{"name": name, "action": action, "type": "container_registry", "data": map[string]any{"registries": all}})
	return string(op)
}

// merging is op with merge.
func merging(op string) string { return strings.TrimSuffix(op, "}") + `,"merge":true}` }

func remove(name string) string { return `{"name":"` + name + `","action":"delete"}` }

func list(ops ...string) string { return "[" + strings.Join(ops, ",") + "]" }

// cluster is a namespace of the test cluster.
type cluster struct {
	t         testing.TB
	client    corev1client.CoreV1Interface
	namespace string
}

func newCluster(t testing.TB) cluster {
	t.Helper()
	return cluster{t, kubetest.Client(t).CoreV1(), kubetest.Namespace(t)}
}

func (c cluster) batch(payload string) *Batch {
	c.t.Helper()
	return NewBatch(c.client, c.namespace, parse(c.t, payload))
}

func (c cluster) check(payload string) []Result {
	c.t.Helper()
	results, err := c.batch(payload).Check(context.Background())
	if err != nil {
		c.t.Fatal(err)
	}
	return results
}

func (c cluster) apply(payload string) []Result {
	c.t.Helper()
	return applied(c.t, c.batch(payload))
}

// applied returns the results of a batch.
func applied(t testing.TB, batch *Batch) []Result {
	t.Helper()
	results, err := batch.Apply(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// checkAndApply is what an all-or-nothing batch does.
func (c cluster) checkAndApply(payload string) []Result {
	c.t.Helper()
	batch := c.batch(payload)
	if _, err := batch.Check(context.Background()); err != nil {
		c.t.Fatal(err)
	}
	return applied(c.t, batch)
}

// create makes a Secret beside the batch.
func (c cluster) create(s *corev1.Secret) {
	c.t.Helper()
	if _, err := c.client.Secrets(c.namespace).Create(context.Background(), s, metav1.CreateOptions{}); err != nil {
		c.t.Fatal(err)
	}
}

func (c cluster) get(name string) *corev1.Secret {
	c.t.Helper()
	s, err := c.client.Secrets(c.namespace).Get(context.Background(), name, metav1.GetOptions{})
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}

func (c cluster) names() map[string]bool {
	c.t.Helper()
	found, err := c.client.Secrets(c.namespace).List(context.Background(), metav1.ListOptions{})
	if err != nil {
		c.t.Fatal(err)
	}
	names := map[string]bool{}
	for _, s := range found.Items {
		names[s.Name] = true
	}
	return names
}

// as returns c for a changed config.
func (c cluster) as(change func(*rest.Config)) cluster {
	c.t.Helper()
	config := kubetest.Config(c.t)
	change(config)
	client, err := corev1client.NewForConfig(config)
	if err != nil {
		c.t.Fatal(err)
	}
	c.client = client
	return c
}

// through returns c with its requests going through trip.
func (c cluster) through(trip func(next http.RoundTripper, req *http.Request) (*http.Response, error)) cluster {
	c.t.Helper()
	return c.as(func(config *rest.Config) {
		config.Wrap(func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) { return trip(next, req) })
		})
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (rt roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return rt(req) }

// wantOutcomes compares the results with what they should be.
func wantOutcomes(t testing.TB, results []Result, want ...outcome) {
	t.Helper()
	got := make([]outcome, len(results))
	for i, r := range results {
		got[i] = outcome{r.Status, r.Reason, r.Message}
		if i < len(want) && strings.Contains(r.Message, want[i].Words) {
			got[i].Words = want[i].Words
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

// wantSecret compares the live Secret with what it should be.
func wantSecret(t testing.TB, s *corev1.Secret, kind corev1.SecretType, data map[string]string) {
	t.Helper()
	got := map[string]string{}
	for key, value := range s.Data {
		got[key] = string(value)
	}
	if diff := cmp.Diff(data, got, cmpopts.EquateEmpty()); diff != "" || s.Type != kind {
		t.Errorf("Secret %s is of type %s, want %s; data (-want +got):\n%s", s.Name, s.Type, kind, diff)
	}
}
