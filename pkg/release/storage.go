package release

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage"
	"helm.sh/helm/v3/pkg/storage/driver"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
)

// storageDriver is Helm's storage driver for one run. It retries requests and writes
// only while the run holds the lease.
type storageDriver struct {
	driver.Driver
	run *run
}

// Create creates the record of the run and acquires the lease with it. Only one of
// several concurrent runs succeeds.
func (s storageDriver) Create(key string, rls *release.Release) error {
	r := s.run
	next := 1
	if last := r.last(); last != nil {
		next = last.Version + 1
	}
	if rls.Version != next {
		return r.errBusy(rls.Version - 1) // created after this run loaded the history
	}
	rls.Labels = maps.Clone(rls.Labels)
	if rls.Labels == nil {
		rls.Labels = map[string]string{}
	}
	rls.Labels[runLabel] = r.id
	if status := rls.Info.Status; status == release.StatusPendingInstall || status == release.StatusPendingUpgrade {
		delete(rls.Labels, groupLabel)
		delete(rls.Labels, rolloutFailedLabel)
		if group := GroupLabel(r.Group); group != "" {
			rls.Labels[groupLabel] = group
		}
	}
	if err := r.checkSize(rls); err != nil {
		return permanentError{err}
	}
	now := time.Now()
	err := r.retry(func() error {
		err := s.Driver.Create(key, rls)
		if errors.Is(err, driver.ErrReleaseExists) && s.isOwn(key) {
			return nil // an earlier attempt succeeded, but its response was lost
		}
		return err
	})
	if errors.Is(err, driver.ErrReleaseExists) {
		return r.errBusy(rls.Version)
	}
	if err == nil {
		r.acquire(key, now)
	}
	return err
}

// Update writes the record of the run, or the status of an earlier one. It remembers the
// first error, because Helm only logs some of them.
func (s storageDriver) Update(key string, rls *release.Release) error {
	update := s.updatePast
	if r := s.run; r.lease != nil && key == r.lease.key {
		update = s.updateOwn
	}
	err := update(key, rls)
	if err != nil && s.run.unrecorded == nil {
		s.run.unrecorded = fmt.Errorf("cannot write the record of revision %d: %w", rls.Version, err)
	}
	return err
}

// updateOwn writes the record of the run, unless another run has taken over. It removes
// the run label when the run ends.
func (s storageDriver) updateOwn(key string, rls *release.Release) error {
	r := s.run
	rls.Info.Description = truncate(r.Redact(rls.Info.Description))
	if !inProgress(rls.Info.Status) {
		r.lease.release()
		delete(rls.Labels, runLabel)
	}
	return r.retry(func() error {
		found, err := s.Driver.Get(key)
		switch {
		case isNotFound(err):
			return r.markLost()
		case err != nil:
			return err
		case isFinal(found, rls):
			return nil // an earlier attempt succeeded, but its response was lost
		case found.Labels[runLabel] != r.id:
			return r.markLost()
		}
		return s.Driver.Update(key, rls)
	})
}

// isFinal reports whether a record already has the final content of rls.
func isFinal(found, rls *release.Release) bool {
	return found.Labels[runLabel] == "" && rls.Labels[runLabel] == "" && found.Info.Status == rls.Info.Status &&
		found.Info.Description == rls.Info.Description && found.Info.LastDeployed.Equal(rls.Info.LastDeployed)
}

// updatePast writes the status of an earlier record and keeps its other content. It
// ignores Helm's attempts to mark failed revisions as superseded, which would make them
// rollback targets.
func (s storageDriver) updatePast(key string, rls *release.Release) error {
	r := s.run
	return r.retry(func() error {
		found, err := s.Driver.Get(key)
		if isNotFound(err) || err == nil && (found.Info.Status != release.StatusDeployed || rls.Info.Status == release.StatusDeployed) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := r.ensureHeld(); err != nil {
			return err
		}
		found.Info.Status = rls.Info.Status
		return s.Driver.Update(key, found)
	})
}

// Get returns a record.
func (s storageDriver) Get(key string) (found *release.Release, err error) {
	err = s.run.retry(func() error {
		found, err = s.Driver.Get(key)
		return err
	})
	return found, err
}

// Query returns the records with the given labels.
func (s storageDriver) Query(labels map[string]string) (found []*release.Release, err error) {
	err = s.run.retry(func() error {
		found, err = s.Driver.Query(labels)
		return err
	})
	return found, err
}

// Delete deletes a record, unless another run has taken over the release. It succeeds
// if the record does not exist.
func (s storageDriver) Delete(key string) (removed *release.Release, err error) {
	r := s.run
	own := r.lease != nil && key == r.lease.key
	if own {
		r.lease.release()
	}
	err = r.retry(func() error {
		if r.recordObjects() == nil {
			removed, err = s.Driver.Delete(key)
			return err
		}
		return r.deleteRecord(key, own)
	})
	if isNotFound(err) || apierrors.IsNotFound(err) {
		return removed, nil
	}
	return removed, err
}

// deleteRecord deletes the object that holds a record, if it is unchanged since it was read.
func (r *run) deleteRecord(key string, own bool) error {
	ctx := context.WithoutCancel(r.ctx) // like Helm's own drivers
	o, err := r.recordObjects().Get(ctx, key, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if own && o.GetLabels()[runLabel] != r.id {
		return r.markLost()
	}
	if err := r.ensureHeld(); err != nil {
		return err
	}
	uid, version := o.GetUID(), o.GetResourceVersion()
	return r.recordObjects().Delete(ctx, key, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid, ResourceVersion: &version}})
}

// isOwn reports whether a record carries the label of this run.
func (s storageDriver) isOwn(key string) bool {
	found, err := s.Driver.Get(key)
	return err == nil && found.Labels[runLabel] == s.run.id
}

func recordKey(r *release.Release) string {
	return fmt.Sprintf("%s.%s.v%d", storage.HelmStorageType, r.Name, r.Version)
}

// inProgress reports whether a record of this status belongs to a run in progress, or to
// one that was killed.
func inProgress(s release.Status) bool { return s.IsPending() || s == release.StatusUninstalling }

// recordObjects returns the client for the objects that hold Helm's records, or nil if
// a database holds them.
func (c *Client) recordObjects() dynamic.ResourceInterface {
	if c.storageResource == "" {
		return nil
	}
	return c.dynamic.Resource(schema.GroupVersionResource{Version: "v1", Resource: c.storageResource}).Namespace(c.namespace)
}
