package preflight_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/kubernetes"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// counting is a client that counts the reads of each Secret.
func counting(t *testing.T) (kubernetes.Interface, func() map[string]int) {
	t.Helper()
	var mu sync.Mutex
	asked := map[string]int{}
	config := kubetest.Config(t)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			if _, name, ok := strings.Cut(req.URL.Path, "/secrets/"); ok {
				mu.Lock()
				asked[name]++
				mu.Unlock()
			}
			return next.RoundTrip(req)
		})
	})
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client, func() map[string]int { mu.Lock(); defer mu.Unlock(); return asked }
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// TestEveryReference has every way to refer to a Secret, some of them optional,
// and each Secret is read once.
func TestEveryReference(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.secret("there", "NGC_CLI_API_KEY", "b")
	s.secret("empty")
	s.pullSecret("pull", password, s.host)
	client, asked := counting(t)
	lines := s.run(client, `{apiVersion: v1, kind: Secret, metadata: {name: own}, data: {key: ""}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: {
  imagePullSecrets: [{name: pull}],
  initContainers: [{name: first, image: "HOST/team/app:1", envFrom: [{secretRef: {name: gone}}, {secretRef: {name: absent, optional: true}}]}],
  containers: [{name: main, image: "HOST/team/app:1", env: [
    {name: A, valueFrom: {secretKeyRef: {name: there, key: b}}},
    {name: B, valueFrom: {secretKeyRef: {name: there, key: NGC_API_KEY}}},
    {name: C, valueFrom: {secretKeyRef: {name: empty, key: k}}},
    {name: D, valueFrom: {secretKeyRef: {name: own, key: key}}},
    {name: E, valueFrom: {secretKeyRef: {name: absent, key: k, optional: true}}},
    {name: G, value: plain}]}],
  volumes: [{name: v, secret: {secretName: gone}}, {name: w, secret: {secretName: there, items: [{key: c, path: c}]}}, {name: x, emptyDir: {}},
    {name: s, csi: {driver: d, nodePublishSecretRef: {name: mounter}}}, {name: z, secret: {secretName: absent, optional: true}}]}}}}
---
{apiVersion: leaderworkerset.x-k8s.io/v1, kind: LeaderWorkerSet, metadata: {name: many}, spec: {leaderWorkerTemplate: {
  leaderTemplate: {spec: {imagePullSecrets: [{name: pull}], containers: [{name: main, image: "HOST/team/app:1"}]}},
  workerTemplate: {spec: {imagePullSecrets: [{name: unpulled}], containers: [{name: main, image: "HOST/team/app:1"}]}}}}}`, "api-missing")
	var got []string
	for _, line := range lines {
		if !strings.HasPrefix(line, "  ") { // the fixes are held elsewhere
			got = append(got, line)
		}
	}
	want := []string{
		`error: deployment.apps/web: container first: envFrom and 1 more: Secret "gone" not found in namespace NS`,
		`error: deployment.apps/web: container main: env B: key "NGC_API_KEY" not found in Secret "there" (did you mean "NGC_CLI_API_KEY"?); it has NGC_CLI_API_KEY, b`,
		`error: deployment.apps/web: container main: env C: key "k" not found in Secret "empty", which has no keys`,
		`error: deployment.apps/web: volume w: key "c" not found in Secret "there"; it has NGC_CLI_API_KEY, b`,
		`error: deployment.apps/web: volume s: Secret "mounter" not found in namespace NS`,
		`error: leaderworkerset.leaderworkerset.x-k8s.io/many: workerTemplate: imagePullSecrets: Secret "unpulled" not found in namespace NS`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"there": 1, "empty": 1, "pull": 1, "gone": 1, "mounter": 1, "unpulled": 1}, asked()); diff != "" {
		t.Errorf("reads (-want +got):\n%s", diff)
	}
}

// TestSimilarSecret names a Secret whose name differs by a typing error.
func TestSimilarSecret(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.secret("hf-token", "token")
	got := s.run(s.client, `{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: main, image: "HOST/team/app:1", env: [
  {name: A, valueFrom: {secretKeyRef: {name: hf-tokne, key: token}}}]}]}}`, "pull-secret-required", "unschedulable", "image-not-checked")
	want := []string{
		`error: pod/web: container main: env A: Secret "hf-tokne" not found in namespace NS (did you mean "hf-token"?)`,
		"  create it" + heredoc(`{"name":"hf-tokne","action":"create","type":"opaque","data":{"token":{"valueFrom":{"env":"TOKEN"}}}}`),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
