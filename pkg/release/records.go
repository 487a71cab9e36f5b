package release

import (
	"errors"
	"fmt"
	"maps"
	"time"

	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage"
	"helm.sh/helm/v3/pkg/storage/driver"
)

// records is Helm's storage as one run sees it.
type records struct {
	driver.Driver
	run *run
}

// Create makes the record of the run, and with it the run's claim to the
// release: of several runs that try, one succeeds.
func (s records) Create(key string, rls *release.Release) error {
	r := s.run
	if last := r.last(); last != nil && rls.Version != last.Version+1 {
		return r.errBusy(rls.Version - 1) // came after this run has looked
	}
	rls.Labels = maps.Clone(rls.Labels)
	if rls.Labels == nil {
		rls.Labels = map[string]string{}
	}
	rls.Labels[runLabel] = r.id
	if status := rls.Info.Status; status == release.StatusPendingInstall || status == release.StatusPendingUpgrade {
		delete(rls.Labels, groupLabel)
		if group := GroupLabel(r.Group); group != "" {
			rls.Labels[groupLabel] = group
		}
	}
	now := time.Now()
	err := r.patiently(func() error {
		err := s.Driver.Create(key, rls)
		if errors.Is(err, driver.ErrReleaseExists) && s.marked(key) {
			return nil // the server has heard a request whose answer was lost
		}
		return err
	})
	if errors.Is(err, driver.ErrReleaseExists) {
		return r.errBusy(rls.Version)
	}
	if err == nil {
		r.take(key, now)
	}
	return err
}

// Update writes what the run has to say of its record, unless another one has
// taken that over. Once the run is at its end, the mark goes.
func (s records) Update(key string, rls *release.Release) error {
	r := s.run
	if r.hold == nil || key != r.hold.key {
		return s.updatePast(key, rls)
	}
	rls.Info.Description = r.Hide(rls.Info.Description)
	if !working(rls.Info.Status) {
		r.hold.end()
		delete(rls.Labels, runLabel)
	}
	return r.patiently(func() error {
		if !s.mine(key, rls) {
			return r.errTaken()
		}
		return s.Driver.Update(key, rls)
	})
}

// updatePast writes an earlier record. Helm calls a revision superseded that has
// failed, too, so that it would look like one that can be gone back to.
func (s records) updatePast(key string, rls *release.Release) error {
	r := s.run
	for _, past := range r.past {
		if past.Version == rls.Version && past.Info.Status != release.StatusDeployed {
			return nil
		}
	}
	return r.patiently(func() error { return s.Driver.Update(key, rls) })
}

// Get returns one record.
func (s records) Get(key string) (found *release.Release, err error) {
	err = s.run.patiently(func() error {
		found, err = s.Driver.Get(key)
		return err
	})
	return found, err
}

// Query returns the records with these labels.
func (s records) Query(labels map[string]string) (found []*release.Release, err error) {
	err = s.run.patiently(func() error {
		found, err = s.Driver.Query(labels)
		return err
	})
	return found, err
}

// Delete removes a record, or finds it removed.
func (s records) Delete(key string) (removed *release.Release, err error) {
	err = s.run.patiently(func() error {
		removed, err = s.Driver.Delete(key)
		return err
	})
	if missing(err) {
		return removed, nil
	}
	return removed, err
}

// marked reports whether a record carries the run's mark.
func (s records) marked(key string) bool {
	found, err := s.Driver.Get(key)
	return err == nil && found.Labels[runLabel] == s.run.id
}

// mine reports whether the record is still the run's to write: it carries the
// mark, or is written already by a request whose answer was lost.
func (s records) mine(key string, rls *release.Release) bool {
	found, err := s.Driver.Get(key)
	if err != nil {
		return true // the write tells better what is wrong
	}
	mark := found.Labels[runLabel]
	return mark == s.run.id || mark == "" && found.Info.Status == rls.Info.Status
}

func recordKey(r *release.Release) string {
	return fmt.Sprintf("%s.%s.v%d", storage.HelmStorageType, r.Name, r.Version)
}

// working reports whether a run works, or worked, on a record of this status.
func working(s release.Status) bool { return s.IsPending() || s == release.StatusUninstalling }
