package secretrefs

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// cluster is a namespace of the test cluster. No request of its clients may be
// for a Secret.
type cluster struct {
	t         *testing.T
	clients   Clients
	dynamic   dynamic.Interface // of the test itself
	namespace string
	requests  *atomic.Int64 // of clients
}

func newCluster(t *testing.T) cluster {
	t.Helper()
	config := kubetest.Config(t)
	config.WarningHandler = rest.NoWarnings{} // of deprecated volumes
	generic, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return cluster{t: t, dynamic: generic, namespace: kubetest.Namespace(t)}.as(func(*rest.Config) {})
}

// as returns c with clients for a changed config.
func (c cluster) as(change func(*rest.Config)) cluster {
	c.t.Helper()
	config := kubetest.Config(c.t)
	change(config)
	c.requests = &atomic.Int64{}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			c.requests.Add(1)
			if strings.Contains(req.URL.Path, "/secrets") {
				c.t.Errorf("%s %s", req.Method, req.URL)
			}
			return next.RoundTrip(req)
		})
	})
	clients, err := NewClients(config)
	if err != nil {
		c.t.Fatal(err)
	}
	c.clients = clients
	return c
}

type roundTripper func(*http.Request) (*http.Response, error)

func (rt roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return rt(req) }

func object(t testing.TB, text string) *unstructured.Unstructured {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err, text)
	}
	o := &unstructured.Unstructured{}
	if err := o.UnmarshalJSON(data); err != nil {
		t.Fatal(err, text)
	}
	return o
}

func (c cluster) of(refKind, apiVersion string) dynamic.ResourceInterface {
	gv, _ := schema.ParseGroupVersion(apiVersion)
	return c.dynamic.Resource(gv.WithResource(strings.ToLower(refKind) + "s")).Namespace(c.namespace)
}

// create creates the objects of a YAML stream and returns the last. The server
// refuses what it doesn't know.
func (c cluster) create(stream string) *unstructured.Unstructured {
	c.t.Helper()
	var created *unstructured.Unstructured
	for text := range strings.SplitSeq(stream, "\n---\n") {
		o := object(c.t, text)
		var err error
		created, err = c.of(o.GetKind(), o.GetAPIVersion()).Create(c.t.Context(), o, metav1.CreateOptions{FieldValidation: "Strict"})
		if err != nil {
			c.t.Fatal(err, text)
		}
	}
	return created
}

// workloadYAML is a workload of one container, with more for its pods.
func workloadYAML(refKind, name, spec, podSpec string) string {
	podSpec = strings.ReplaceAll("\n"+podSpec, "\n", "\n      ")
	return `
apiVersion: apps/v1
kind: ` + refKind + `
metadata: {name: ` + name + `}
spec:
  selector: {matchLabels: {app: ` + name + `}}
  ` + spec + `
  template:
    metadata: {labels: {app: ` + name + `}}
    spec:
      terminationGracePeriodSeconds: 0` + podSpec
}

const usesEnv = `containers: [{name: main, image: a, env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k, optional: true}}}]}]`

func (c cluster) find() *Consumers {
	c.t.Helper()
	consumers, err := Find(c.t.Context(), c.clients, c.namespace)
	if err != nil {
		c.t.Fatal(err)
	}
	return consumers
}

// wantUsers compares without the counts of pods, which come with time.
func (c cluster) wantUsers(got []Consumer, want ...Consumer) {
	c.t.Helper()
	for i := range want {
		want[i].Namespace = c.namespace
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Consumer{}), cmpopts.IgnoreFields(Consumer{}, "Pods"), cmpopts.EquateEmpty()); diff != "" {
		c.t.Errorf("users (-want +got):\n%s", diff)
	}
}

func (c cluster) eventually(what string, is func() bool) {
	c.t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			c.t.Fatal("never: " + what)
		}
	}
}
