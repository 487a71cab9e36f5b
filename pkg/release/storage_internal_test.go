package release

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"
)

// begin creates the record of the next revision, which a test changes as Helm does.
func begin(t *testing.T, r *run, status release.Status) (storageDriver, *release.Release) {
	t.Helper()
	if err := r.loadHistory(); err != nil {
		t.Fatal(err)
	}
	own := record(len(r.past)+1, status)
	s := storageDriver{r.store, r}
	if err := s.Create(recordKey(own), own); err != nil {
		t.Fatal(err)
	}
	return s, own
}

func TestCreateLabelsTheRecord(t *testing.T) {
	t.Parallel()
	inherited := map[string]string{groupLabel: "old", rolloutFailedLabel: "1", "team": "a"}
	for status, want := range map[release.Status]map[string]string{
		release.StatusPendingInstall:  {runLabel: "me", groupLabel: "new", "team": "a"},
		release.StatusPendingUpgrade:  {runLabel: "me", groupLabel: "new", "team": "a"},
		release.StatusPendingRollback: {runLabel: "me", groupLabel: "old", "team": "a", rolloutFailedLabel: "1"},
		release.StatusUninstalling:    {runLabel: "me", groupLabel: "old", "team": "a", rolloutFailedLabel: "1"},
	} {
		r, _ := memoryRun(t)
		r.Group = "new"
		one := record(1, status)
		one.Labels = inherited
		if err := (storageDriver{r.store, r}).Create(recordKey(one), one); err != nil {
			t.Fatal(err)
		}
		found, err := r.store.Get(recordKey(one))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, found.Labels); diff != "" {
			t.Errorf("%s: unexpected labels (-want +got):\n%s", status, diff)
		}
		if r.lease == nil || r.lease.key != "sh.helm.release.v1.r.v1" {
			t.Errorf("%s: got lease %+v, want one on the record", status, r.lease)
		}
	}
	r, _ := memoryRun(t)
	one := record(1, release.StatusPendingUpgrade)
	one.Labels = inherited
	if err := (storageDriver{r.store, r}).Create(recordKey(one), one); err != nil || one.Labels[groupLabel] != "" {
		t.Errorf("got %v, %v, want no group", one.Labels, err)
	}
	if want := (map[string]string{groupLabel: "old", rolloutFailedLabel: "1", "team": "a"}); !maps.Equal(inherited, want) {
		t.Errorf("labels of the earlier revision became %v", inherited)
	}
}

// TestCreateRefusesOtherRevisions has another run create a revision after this one has
// loaded the history: Helm picks the next number from what it reads itself.
func TestCreateRefusesOtherRevisions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		now      []*release.Release // created since
		revision int
		want     error
	}{
		"next":                {nil, 2, nil},
		"created by another":  {[]*release.Release{with(record(2, release.StatusPendingUpgrade), runLabel, "other")}, 2, ErrBusy},
		"one more by another": {[]*release.Release{record(2, release.StatusDeployed)}, 3, ErrBusy},
		"removed by another":  {nil, 1, ErrBusy},
		"response was lost":   {[]*release.Release{with(record(2, release.StatusPendingUpgrade), runLabel, "me")}, 2, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _ := memoryRun(t, record(1, release.StatusDeployed))
			if err := r.loadHistory(); err != nil {
				t.Fatal(err)
			}
			for _, one := range test.now {
				if err := r.store.Create(recordKey(one), one); err != nil {
					t.Fatal(err)
				}
			}
			own := record(test.revision, release.StatusPendingUpgrade)
			if err := (storageDriver{r.store, r}).Create(recordKey(own), own); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if held := r.lease != nil; held != (test.want == nil) {
				t.Errorf("holds a lease: %v", held)
			}
		})
	}
}

func TestUpdateOwnEndsTheRun(t *testing.T) {
	t.Parallel()
	r, _ := memoryRun(t)
	s, own := begin(t, r, release.StatusPendingInstall)
	if err := s.Update(recordKey(own), own); err != nil {
		t.Fatal(err)
	}
	if found, err := s.Get(recordKey(own)); err != nil || found.Labels[runLabel] != "me" || r.lease.released.Load() {
		t.Errorf("got %v, %v, released=%v, want the run in progress", found.Labels, err, r.lease.released.Load())
	}
	own.SetStatus(release.StatusFailed, "server said s3cret "+strings.Repeat("x", maxDescription))
	if err := s.Update(recordKey(own), own); err != nil {
		t.Fatal(err)
	}
	found, err := s.Get(recordKey(own))
	if err != nil || found.Labels[runLabel] != "" || found.Info.Status != release.StatusFailed || !r.lease.released.Load() {
		t.Errorf("got %v, %+v, %v, want an ended run", found.Labels, found.Info, err)
	}
	if text := found.Info.Description; !strings.HasPrefix(text, "server said *** xxx") || len(text) != maxDescription+len("…") {
		t.Errorf("got a description of %d bytes: %.30s", len(text), text)
	}
	if err := s.Update(recordKey(own), own); err != nil || r.unrecorded != nil {
		t.Errorf("the same write after a lost response: got %v", err)
	}
}

func TestUpdateOwnFindsThatTheLeaseIsLost(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*testing.T, driver.Driver){
		"taken over": func(t *testing.T, store driver.Driver) {
			t.Helper()
			if err := store.Update("sh.helm.release.v1.r.v1", with(record(1, release.StatusFailed), runLabel, "other")); err != nil {
				t.Fatal(err)
			}
		},
		"marked as killed": func(t *testing.T, store driver.Driver) {
			t.Helper()
			if err := store.Update("sh.helm.release.v1.r.v1", record(1, release.StatusFailed)); err != nil {
				t.Fatal(err)
			}
		},
		"removed": func(t *testing.T, store driver.Driver) {
			t.Helper()
			if _, err := store.Delete("sh.helm.release.v1.r.v1"); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _ := memoryRun(t)
			s, own := begin(t, r, release.StatusPendingInstall)
			change(t, r.store)
			want := stored(t, r)
			own.SetStatus(release.StatusDeployed, "Install complete")
			if err := s.Update(recordKey(own), own); !errors.Is(err, ErrLost) {
				t.Errorf("got %v, want ErrLost", err)
			}
			if !r.lease.lost.Load() || !errors.Is(r.unrecorded, ErrLost) {
				t.Errorf("got lost=%v, unrecorded=%v, want both set", r.lease.lost.Load(), r.unrecorded)
			}
			if diff := cmp.Diff(want, stored(t, r)); diff != "" {
				t.Errorf("unexpected history (-want +got):\n%s", diff)
			}
		})
	}
}

// TestUpdatePast has Helm mark earlier revisions as superseded: also failed ones, and
// with what it read before a rollout was noted.
func TestUpdatePast(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		past  *release.Release
		write release.Status
		want  string
	}{
		"deployed":               {with(record(1, release.StatusDeployed), rolloutFailedLabel, "1"), release.StatusSuperseded, "1 superseded: description of 1"},
		"removed by helm":        {record(1, release.StatusDeployed), release.StatusUninstalled, "1 uninstalled: description of 1"},
		"failed":                 {record(1, release.StatusFailed), release.StatusSuperseded, "1 failed: description of 1"},
		"superseded, then again": {record(1, release.StatusSuperseded), release.StatusSuperseded, "1 superseded: description of 1"},
		"superseded to deployed": {record(1, release.StatusSuperseded), release.StatusDeployed, "1 superseded: description of 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _ := memoryRun(t, test.past)
			s, _ := begin(t, r, release.StatusPendingUpgrade)
			stale := record(1, test.write)
			stale.Info.Description = "stale"
			if err := s.Update(recordKey(stale), stale); err != nil {
				t.Fatal(err)
			}
			if got := stored(t, r)[0]; got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if found, err := s.Get(recordKey(stale)); err != nil || !maps.Equal(found.Labels, test.past.Labels) {
				t.Errorf("got labels %v, %v, want %v", found.Labels, err, test.past.Labels)
			}
		})
	}
	r, _ := memoryRun(t)
	if err := (storageDriver{r.store, r}).Update("sh.helm.release.v1.r.v7", record(7, release.StatusSuperseded)); err != nil || r.unrecorded != nil {
		t.Errorf("update of a removed record: got %v", err)
	}
}

func TestDeleteOfARemovedRecord(t *testing.T) {
	t.Parallel()
	r, _ := memoryRun(t, record(1, release.StatusDeployed))
	s := storageDriver{r.store, r}
	for range 2 {
		if _, err := s.Delete("sh.helm.release.v1.r.v1"); err != nil {
			t.Error(err)
		}
	}
	if got := stored(t, r); len(got) != 0 {
		t.Errorf("got %q, want none", got)
	}
}

// unwritable is a driver whose updates fail.
type unwritable struct{ driver.Driver }

func (unwritable) Update(string, *release.Release) error { return errors.New("disk full") }

func TestRunFailsIfItsRecordCannotBeWritten(t *testing.T) {
	t.Parallel()
	r, _ := memoryRun(t)
	r.store = unwritable{r.store}
	s, own := begin(t, r, release.StatusPendingInstall)
	_ = s.Update(recordKey(own), own)
	if r.unrecorded == nil || r.unrecorded.Error() != "cannot write the record of revision 1: disk full" {
		t.Errorf("got %v", r.unrecorded)
	}
	first := r.unrecorded
	own.Version = 2
	if _ = s.Update("sh.helm.release.v1.r.v1", own); !errors.Is(r.unrecorded, first) {
		t.Errorf("got %v, want the first error", r.unrecorded)
	}
}
