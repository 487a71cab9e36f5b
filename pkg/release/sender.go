package release

import (
	"helm.sh/helm/v3/pkg/kube"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// sender is Helm's client of the cluster as one run uses it. All that it does is
// between the first and the last write of the run's record, so that no other run
// of the release is at work.
type sender struct {
	*kube.Client
	run *run
}

// Create makes the objects of a first revision.
func (s *sender) Create(resources kube.ResourceList) (*kube.Result, error) {
	result, err := s.Client.Create(resources)
	if err == nil || !passes(err) {
		return result, err
	}
	s.run.say("trying again for up to %v: %v", patience, err)
	return s.Update(nil, resources, false) // goes on from what is there
}

// Update sends the objects of a revision, and removes those of earlier ones that
// are not part of it. It may be repeated.
func (s *sender) Update(original, target kube.ResourceList, _ bool) (*kube.Result, error) {
	r, result := s.run, &kube.Result{}
	var wanted []*unstructured.Unstructured
	for _, info := range target {
		if o, ok := info.Object.(*unstructured.Unstructured); ok {
			wanted = append(wanted, o)
		}
	}
	if err := r.sweep(r.abandoned(), wanted); err != nil {
		return result, err
	}
	if err := r.forget(); err != nil {
		return result, err
	}
	before := r.baseline(original, target)
	err := r.patiently(func() error {
		if err := r.clear(wanted); err != nil {
			return err
		}
		var err error
		result, err = s.UpdateThreeWayMerge(before, target, false)
		return err
	})
	if err != nil {
		return result, err
	}
	return result, r.sweep(sent(since(r.past)), wanted) // what Helm could not remove, without a word
}
