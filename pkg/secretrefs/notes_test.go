package secretrefs

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// answer is an answer of a server that was not asked.
func answer(req *http.Request, code int, body string) *http.Response {
	return &http.Response{
		StatusCode: code, Request: req,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   io.NopCloser(strings.NewReader(body)),
	}
}

const mayList = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: [{apiGroups: [apps], resources: [RESOURCES], verbs: [list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: jane}]`

// asJane returns c for somebody who may do nothing but list one resource of the
// group apps. The authorizer learns of it a little later.
func (c cluster) asJane(resource string) cluster {
	c.t.Helper()
	c.create(strings.ReplaceAll(mayList, "RESOURCES", resource))
	jane := c.as(func(config *rest.Config) { config.Impersonate.UserName = "jane" })
	jane.eventually("rights for jane", func() bool {
		_, err := jane.clients.Dynamic.Resource(appsv1.SchemeGroupVersion.WithResource(resource)).Namespace(c.namespace).
			List(c.t.Context(), metav1.ListOptions{})
		return err == nil
	})
	return jane
}

func TestNoRightsAreNotes(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	installLWS(t)
	c.create(workloadYAML("Deployment", "web", "replicas: 0", usesEnv))
	c.create(workloadYAML("StatefulSet", "db", "replicas: 0", usesEnv))
	consumers := c.asJane("deployments").find()
	c.wantUsers(consumers.ConsumersOf(c.namespace, "s"), Consumer{Kind: "Deployment", Name: "web", RefKinds: []RefKind{Env}})
	var want []string
	for _, resource := range [][2]string{
		{"statefulsets", "apps"}, {"daemonsets", "apps"}, {"replicasets", "apps"}, {"jobs", "batch"}, {"cronjobs", "batch"},
		{"pods", ""}, {"serviceaccounts", ""}, {"leaderworkersets", "leaderworkerset.x-k8s.io"},
	} {
		want = append(want, "cannot list "+strings.TrimSuffix(resource[0]+"."+resource[1], ".")+`: User "jane" cannot list resource "`+
			resource[0]+`" in API group "`+resource[1]+`" in the namespace "`+c.namespace+`"`)
	}
	if got := consumers.Notes(); !slices.Equal(got, want) {
		t.Errorf("notes are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestOwnersAreKnownByName: who may list ReplicaSets, but no Deployments, still
// learns which Deployment it is, and is told that it can't be restarted.
func TestOwnersAreKnownByName(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.create(workloadYAML("Deployment", "web", "", usesEnv))
	jane := c.asJane("replicasets")
	jane.eventually("the Deployment", func() bool { return len(jane.find().ConsumersOf(c.namespace, "s")) == 1 })
	consumers := jane.find().ConsumersOf(c.namespace, "s")
	c.wantUsers(consumers, Consumer{Kind: "Deployment", Name: "web", RefKinds: []RefKind{Env}})
	results := Restart(t.Context(), jane.clients, consumers)
	if len(results) != 1 || results[0].Done || results[0].Err == nil || !strings.Contains(results[0].Message, `not restarted: deployments.apps "web" is forbidden`) {
		t.Errorf("got %+v", results)
	}
}

// TestNoAPIOfLeaderWorkerSets asks the server for a group that it doesn't have.
func TestNoAPIOfLeaderWorkerSets(t *testing.T) {
	t.Parallel()
	elsewhere := func(config *rest.Config) {
		config.Wrap(func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				req = req.Clone(req.Context())
				req.URL.Path = strings.Replace(req.URL.Path, "leaderworkerset.x-k8s.io", "nothing.example.com", 1)
				return next.RoundTrip(req)
			})
		})
	}
	c := newCluster(t)
	if notes := c.as(elsewhere).find().Notes(); len(notes) != 0 {
		t.Errorf("notes: %q", notes)
	}
	c.asJane("deployments")
	notes := c.as(func(config *rest.Config) { config.Impersonate.UserName = "jane"; elsewhere(config) }).find().Notes()
	if len(notes) != 7 || slices.ContainsFunc(notes, func(note string) bool { return strings.Contains(note, "leaderworkersets") }) {
		t.Errorf("notes: %q", notes)
	}
}

func TestFindFails(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	broken := c.as(func(config *rest.Config) {
		config.Wrap(func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				if strings.HasSuffix(req.URL.Path, "/jobs") {
					return answer(req, http.StatusInternalServerError, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"broken","code":500}`), nil
				}
				return next.RoundTrip(req)
			})
		})
	})
	if _, err := Find(t.Context(), broken.clients, c.namespace); err == nil || err.Error() != "cannot list jobs.batch: broken" {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Find(ctx, c.clients, c.namespace); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
