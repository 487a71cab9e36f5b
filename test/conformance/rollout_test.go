package conformance_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// told keeps the lines of a watch.
type told struct{ lines []string }

func (o *told) Change(c rollout.Change) { o.lines = append(o.lines, c.Note+c.String()) }

func (*told) Tree([]rollout.Status) {}

// overQuotaWords are Kueue's of a Job that can never be admitted.
const overQuotaWords = "> maximum capacity"

// watched watches each release of a sample until it is ready, as deploy does. Of
// a Job over its quota it has to tell why nothing can come of it.
func (p *platform) watched(t *testing.T, objects []*unstructured.Unstructured) {
	t.Helper()
	client, mapper := kubetest.Dynamic(t)
	w := rollout.NewWatcher(rollout.Clients{Dynamic: client, Mapper: mapper, Pods: p.client.CoreV1()}, p.namespace, render.InstanceLabel)
	defer w.Close()
	releases := map[string][]*unstructured.Unstructured{}
	for _, o := range objects {
		name := o.GetLabels()[render.InstanceLabel]
		releases[name] = append(releases[name], o)
	}
	for name, objects := range releases {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		o := &told{}
		err := w.Watch(ctx, rollout.Target{Name: name, Objects: objects}, rollout.DefaultBudgets(), o)
		cancel()
		switch failure := (*rollout.Failure)(nil); {
		case !slices.ContainsFunc(objects, p.overQuota):
			if err != nil {
				t.Errorf("%s: %v\n%s", name, err, strings.Join(o.lines, "\n"))
			}
		case !errors.As(err, &failure) || failure.Cause != "definitive" || !strings.Contains(failure.Message, overQuotaWords):
			t.Errorf("%s: %v, want %q\n%s", name, err, overQuotaWords, strings.Join(o.lines, "\n"))
		}
	}
}
