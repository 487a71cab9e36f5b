package release

import (
	"encoding/json"
	"fmt"

	"helm.sh/helm/v3/pkg/kube"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
)

// kubeClient is Helm's Kubernetes client for one run. Helm calls it only after it has
// created the record of the run, that is, while the run holds the lease.
type kubeClient struct {
	*kube.Client
	run *run
}

// Create creates the objects of a first revision. It continues with Update after a
// retryable error.
func (s *kubeClient) Create(resources kube.ResourceList) (*kube.Result, error) {
	pristine := deepCopy(resources)
	result, err := s.Client.Create(resources)
	limit := retryTimeout(err)
	if err == nil || limit == 0 {
		return result, err
	}
	s.run.logOnce("retrying for up to %v: %v", limit, err)
	return s.Update(nil, pristine, false) // continues with the objects that exist
}

// Update applies the objects of a revision and prunes those of earlier revisions. It may
// be repeated.
func (s *kubeClient) Update(original, target kube.ResourceList, _ bool) (*kube.Result, error) {
	r, result := s.run, &kube.Result{}
	wanted := unstructuredOf(target)
	if err := r.prune(r.orphaned(), wanted); err != nil {
		return result, err
	}
	if err := r.trimHistory(); err != nil {
		return result, err
	}
	before := r.lastApplied(target)
	for i := range target {
		err := r.retry(func() error {
			if err := r.prepare(wanted[i]); err != nil {
				return err
			}
			// Helm writes the server's response into the objects it sends, so every attempt
			// needs a copy.
			sent, err := s.UpdateThreeWayMerge(before[i:i+1], deepCopy(target[i:i+1]), false)
			if err == nil {
				result.Created, result.Updated = append(result.Created, sent.Created...), append(result.Updated, sent.Updated...)
			}
			return err
		})
		if err != nil {
			return result, err
		}
	}
	return result, r.prune(append(appliedObjects(sinceDeployed(r.past)), unstructuredOf(original)...), wanted)
}

func unstructuredOf(list kube.ResourceList) []*unstructured.Unstructured {
	all := make([]*unstructured.Unstructured, len(list))
	for i, info := range list {
		all[i], _ = info.Object.(*unstructured.Unstructured) // the type that Helm's builder uses
	}
	return all
}

func deepCopy(list kube.ResourceList) kube.ResourceList {
	all := make(kube.ResourceList, len(list))
	for i, info := range list {
		one := *info
		one.Object = info.Object.DeepCopyObject()
		all[i] = &one
	}
	return all
}

// prepare makes sure that a wanted object can be applied. It waits for an object that
// is being deleted, because changes to that would be lost, and deletes a failed Job,
// which would not run again. It refuses objects that belong to something else.
func (r *run) prepare(o *unstructured.Unstructured) error {
	resource, err := r.resource(o)
	if err != nil {
		return err
	}
	live, err := resource.Get(r.ctx, o.GetName(), metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		return err
	case !r.owns(live):
		return hint.Text(fmt.Errorf("%s already exists and is not part of this release", objref.ID(o)), "delete it, or choose another deployment_name")
	case live.GetDeletionTimestamp() != nil:
		r.logOnce("waiting for %s to be deleted", objref.ID(o))
		return r.waitForDeletion(live, outageTimeout)
	case !failedJob(live):
		return nil
	}
	r.logOnce("deleting failed %s before running it again", objref.ID(o))
	if _, err := r.deleteObject(o, deleteOptions{foreground: true}); err != nil {
		return err
	}
	return r.waitForDeletion(live, outageTimeout)
}

func failedJob(live *unstructured.Unstructured) bool {
	if live.GetKind() != "Job" {
		return false
	}
	conditions, _, _ := unstructured.NestedSlice(live.Object, "status", "conditions")
	for _, c := range conditions {
		condition, _ := c.(map[string]any)
		if condition["status"] == "True" && (condition["type"] == "Failed" || condition["type"] == "FailureTarget") {
			return true
		}
	}
	return false
}

// lastApplied returns, per object, the union of fields set by every revision since the
// deployed one: a killed run may have applied any of them. Helm's three-way merge
// removes fields present here and absent in the target. Helm itself compares with one
// revision only.
func (r *run) lastApplied(target kube.ResourceList) kube.ResourceList {
	before := map[string]*unstructured.Unstructured{}
	for _, o := range appliedObjects(sinceDeployed(r.past)) {
		before[objref.ID(o)] = o
	}
	list := deepCopy(target) // no fields to remove from new objects
	for i, o := range unstructuredOf(target) {
		if was := before[objref.ID(o)]; was != nil {
			list[i].Object = was
		}
	}
	return list
}

// merge returns an object with the fields of both, those of above taking precedence. If
// they cannot be merged, it returns above.
func merge(below, above *unstructured.Unstructured) *unstructured.Unstructured {
	typed, err := scheme.Scheme.New(above.GroupVersionKind())
	if err != nil || below.GroupVersionKind() != above.GroupVersionKind() { // custom resources: lists are replaced as a whole
		return &unstructured.Unstructured{Object: mergeMaps(below.Object, above.Object)}
	}
	under, err := json.Marshal(below)
	if err != nil {
		return above
	}
	over, err := json.Marshal(above)
	if err != nil {
		return above
	}
	both, err := strategicpatch.StrategicMergePatch(under, over, typed)
	merged := &unstructured.Unstructured{}
	if err != nil || merged.UnmarshalJSON(both) != nil {
		return above
	}
	return merged
}

func mergeMaps(below, above map[string]any) map[string]any {
	merged := runtime.DeepCopyJSON(below)
	for key, value := range above {
		under, ok := merged[key].(map[string]any)
		over, also := value.(map[string]any)
		if ok && also {
			value = mergeMaps(under, over)
		}
		merged[key] = value
	}
	return merged
}
