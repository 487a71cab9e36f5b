package secretrefs

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// TestFindRequests: a thousand Deployments are a dozen requests.
func TestFindRequests(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	const total = 1000
	var creates sync.WaitGroup
	for worker := range 20 {
		creates.Go(func() {
			for i := worker; i < total; i += 20 {
				o := object(t, workloadYAML("Deployment", fmt.Sprintf("d%03d", i), "replicas: 0", usesEnv))
				if _, err := c.of("Deployment", "apps/v1").Create(context.Background(), o, metav1.CreateOptions{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	creates.Wait()
	c.requests.Store(0)
	consumers := c.find().ConsumersOf(c.namespace, "s")
	if len(consumers) != total || consumers[0].Name != "d000" || consumers[total-1].Name != "d999" {
		t.Errorf("%d users", len(consumers))
	}
	if n := c.requests.Load(); n < 10 || n > 12 { // nine kinds, two or three pages of Deployments and ReplicaSets
		t.Errorf("%d requests", n)
	}
	expiring := c.as(func(config *rest.Config) {
		config.Wrap(func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				if req.URL.Query().Get("continue") != "" {
					return answer(req, http.StatusGone, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410}`), nil
				}
				return next.RoundTrip(req)
			})
		})
	})
	if found, err := expiring.clients.kinds(c.namespace)[0].workloads(t.Context()); len(found) != total || err != nil {
		t.Errorf("%d Deployments after a list that expired: %v", len(found), err)
	}
}
