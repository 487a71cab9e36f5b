package preflight

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
)

// queueLabel names the LocalQueue of a Job in Kueue.
// https://kueue.sigs.k8s.io/docs/tasks/run/jobs/
const queueLabel = "kueue.x-k8s.io/queue-name"

// localQueue is the kind of a Kueue queue in a namespace.
var localQueue = schema.GroupKind{Group: "kueue.x-k8s.io", Kind: "LocalQueue"}

// queues returns the Jobs whose queue does not exist: Kueue would never start
// them.
func (r *run) queues(ctx context.Context) ([]Finding, error) {
	missing := map[string]*Finding{} // by queue, nil for an existing one
	for _, o := range r.objects() {
		if o.GroupVersionKind().GroupKind() == localQueue {
			missing[o.GetName()] = nil
		}
	}
	var findings []Finding
	for _, release := range r.releases {
		for _, o := range release.Objects {
			name := o.GetLabels()[queueLabel]
			if name == "" {
				continue
			}
			found, known := missing[name]
			if !known {
				var err error
				if found, err = r.queue(ctx, name); err != nil {
					return nil, err
				}
				missing[name] = found
			}
			if found != nil {
				f := *found
				f.Release, f.Object, f.Field = release.Name, objref.ID(o), field.QueueName
				findings = append(findings, f)
			}
		}
	}
	return findings, nil
}

// queue returns the problem with a queue that is not among the objects, or nil.
func (r *run) queue(ctx context.Context, name string) (*Finding, error) {
	mapping, err := r.Mapper.RESTMapping(localQueue)
	if meta.IsNoMatchError(err) {
		on := addOns[localQueue.Group]
		return &Finding{
			Severity: Warning, Rule: "kueue-missing",
			What: "Kueue is not installed; the job starts immediately, regardless of its team's quota",
			Fix:  hint.Hint{Text: fmt.Sprintf("install %s (%s), or %s", on.name, on.install, on.instead)},
		}, nil
	}
	if err != nil {
		return nil, err
	}
	_, err = r.Dynamic.Resource(mapping.Resource).Namespace(r.Namespace).Get(ctx, name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return &Finding{
			Severity: Error, Rule: "local-queue-missing",
			What: fmt.Sprintf("LocalQueue %q not found in namespace %s; the job would never start", name, r.Namespace),
			Fix:  hint.Hint{Text: "deploy the team to this namespace first, or remove it from the recipe"},
		}, nil
	case err == nil || r.skipped.forbids(err, "localqueues", "queues of Jobs"):
		return nil, nil
	}
	return nil, err
}
