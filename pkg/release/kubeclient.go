package release

import (
	"helm.sh/helm/v3/pkg/kube"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
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
