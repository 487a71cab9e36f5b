package conformance_test

import (
	"context"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// told keeps the lines of a watch, and ends it with the first that has words.
type told struct {
	lines []string
	words string
	end   context.CancelFunc
}

func (o *told) Change(c rollout.Change) {
	o.lines = append(o.lines, c.Note+c.String())
	if o.words != "" && strings.Contains(c.String(), o.words) {
		o.end()
	}
}

func (*told) Tree([]rollout.Status) {}

// watched watches each release of a sample until it is ready, as deploy does. A
// Job over its quota has to be said to wait for it, in Kueue's words.
func (p *platform) watched(t *testing.T, objects []*unstructured.Unstructured) {
	t.Helper()
	client, mapper := kubetest.Dynamic(t)
	w := rollout.NewWatcher(rollout.Clients{Dynamic: client, Mapper: mapper, Pods: p.client.CoreV1()}, p.namespace, ownership.InstanceLabel)
	defer w.Close()
	releases := map[string][]*unstructured.Unstructured{}
	for _, o := range objects {
		name := o.GetLabels()[ownership.InstanceLabel]
		releases[name] = append(releases[name], o)
	}
	for name, objects := range releases {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		o := &told{end: cancel}
		for _, object := range objects {
			if p.overQuota(object) {
				o.words = "couldn't assign flavors"
			}
		}
		_, err := w.Watch(ctx, rollout.Target{Name: name, Objects: objects}, rollout.DefaultTimeouts(), o)
		cancel()
		lines := strings.Join(o.lines, "\n")
		if o.words == "" && err != nil || !strings.Contains(lines, o.words) {
			t.Errorf("%s: %v, want %q\n%s", name, err, o.words, lines)
		}
	}
}
