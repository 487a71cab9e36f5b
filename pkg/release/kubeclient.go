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
)

// kubeClient is Helm's client of the cluster as one run uses it. All that it does is
// between the first and the last write of the run's record, so that no other run
// of the release is at work.
type kubeClient struct {
	*kube.Client
	run *run
}

// Create makes the objects of a first revision.
func (s *kubeClient) Create(resources kube.ResourceList) (*kube.Result, error) {
	pristine := deepCopy(resources)
	result, err := s.Client.Create(resources)
	limit := retryTimeout(err)
	if err == nil || limit == 0 {
		return result, err
	}
	s.run.logOnce("trying again for up to %v: %v", limit, err)
	return s.Update(nil, pristine, false) // goes on from what is there
}

// Update sends the objects of a revision, and removes those of earlier ones that
// are not part of it. It may be repeated.
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
			// Helm puts the server's answer into what it sends, which would not do
			// for another try.
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
		all[i], _ = info.Object.(*unstructured.Unstructured) // as Helm's builder makes all of them
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

// prepare makes way for a wanted object: one that is just being deleted would take
// a change and be gone a moment later, and a Job that has failed would not run
// again. What is not of this release is refused.
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
		return fmt.Errorf("%s: is there already and is not part of this release: remove it, or give the recipe another deployment_name", id(o))
	case live.GetDeletionTimestamp() != nil:
		r.logOnce("%s is being deleted: waiting until it is gone", id(o))
		return r.waitForDeletion(live, outageTimeout)
	case !failedJob(live):
		return nil
	}
	r.logOnce("%s has failed before: it is deleted, to run again", id(o))
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

// lastApplied is what Helm compares the wanted objects with, one by one, to see
// which fields are to go: of each all that any revision since the deployed one
// has set, since a killed run may have sent it. Helm itself knows one revision.
func (r *run) lastApplied(target kube.ResourceList) kube.ResourceList {
	before := map[string]*unstructured.Unstructured{}
	for _, o := range appliedObjects(sinceDeployed(r.past)) {
		before[id(o)] = o
	}
	list := deepCopy(target) // nothing goes from what no revision had
	for i, o := range unstructuredOf(target) {
		if was := before[id(o)]; was != nil {
			list[i].Object = was
		}
	}
	return list
}

// merge lays one state of an object over another, so that it has the fields of
// both. Where that can't be told, the newer one stands alone.
func merge(below, above *unstructured.Unstructured) *unstructured.Unstructured {
	typed, err := scheme.Scheme.New(above.GroupVersionKind())
	if err != nil || below.GroupVersionKind() != above.GroupVersionKind() { // a custom resource: a list is one value
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
