package release

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/release"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
)

func TestRecoverPending(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		last     *release.Release // beside revision 1, which is deployed
		force    bool
		wantErr  error
		wantLast string
		tookOver bool
	}{
		"failed":                             {record(2, release.StatusFailed), false, nil, "2 failed: description of 2", false},
		"uninstalled":                        {record(2, release.StatusUninstalled), false, nil, "2 uninstalled: description of 2", false},
		"pending of helm":                    {record(2, release.StatusPendingUpgrade), false, ErrBusy, "2 pending-upgrade: description of 2", false},
		"removal of helm":                    {record(2, release.StatusUninstalling), false, ErrBusy, "2 uninstalling: description of 2", false},
		"pending of helm, with force":        {record(2, release.StatusPendingInstall), true, nil, "2 failed: killed while pending-install", true},
		"rollback of helm, with force":       {record(2, release.StatusPendingRollback), true, nil, "2 failed: killed while pending-rollback", true},
		"removal of helm, with force":        {record(2, release.StatusUninstalling), true, nil, "2 failed: killed while uninstalling", true},
		"label without lease, without force": {with(record(2, release.StatusPendingUpgrade), runLabel, "other"), false, ErrBusy, "2 pending-upgrade: description of 2", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, lines := memoryRun(t, record(1, release.StatusDeployed), test.last)
			r.forceTakeover = test.force
			if err := r.recoverPending(); !errors.Is(err, test.wantErr) {
				t.Errorf("got %v, want %v", err, test.wantErr)
			} else if err != nil {
				want := []hint.Hint{
					{Text: "wait for it to finish and retry"},
					{Text: "if helm was killed, recover the release", Command: hint.Blueprint("rollback", "-n", "ns", "r")},
					{Text: "or remove it", Command: hint.Blueprint("undeploy", "-n", "ns", "r")},
				}
				if diff := cmp.Diff(want, hint.Of(err)); diff != "" {
					t.Errorf("unexpected hints (-want +got):\n%s", diff)
				}
			}
			if diff := cmp.Diff([]string{"1 deployed: description of 1", test.wantLast}, stored(t, r)); diff != "" {
				t.Errorf("unexpected history (-want +got):\n%s", diff)
			}
			if r.tookOver != test.tookOver || len(*lines) > 0 != test.tookOver {
				t.Errorf("got tookOver=%v and %q, want %v", r.tookOver, *lines, test.tookOver)
			}
			if last := r.last(); test.tookOver && (last.Info.Status != release.StatusFailed || last.Info.Description != test.wantLast[len("2 failed: "):]) {
				t.Errorf("the run continues with %+v, want what it stored", last.Info)
			}
		})
	}
}

func TestRecoverPendingWithoutHistory(t *testing.T) {
	t.Parallel()
	r, _ := memoryRun(t)
	if err := r.recoverPending(); err != nil || r.last() != nil || r.tookOver {
		t.Errorf("got %v, %v, tookOver=%v", err, r.last(), r.tookOver)
	}
}

func TestRecoverPendingAfterInterrupt(t *testing.T) {
	t.Parallel()
	r, _ := memoryRun(t, record(1, release.StatusPendingInstall))
	ctx, stop := context.WithCancel(t.Context())
	stop()
	r.ctx, r.forceTakeover = ctx, true
	if err := r.recoverPending(); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if got := stored(t, r); got[0] != "1 pending-install: description of 1" {
		t.Errorf("got %q, want no change", got)
	}
}

// TestReviewIsRepeatedAfterTakeover has a review that fails the second time, because the
// killed run changed objects after the first.
func TestReviewIsRepeatedAfterTakeover(t *testing.T) {
	t.Parallel()
	changed := errors.New("changed")
	for name, test := range map[string]struct {
		last    *release.Release
		reviews int
		want    error
	}{
		"takeover":    {record(1, release.StatusPendingInstall), 1, changed},
		"no takeover": {record(1, release.StatusDeployed), 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _ := memoryRun(t, test.last)
			reviews := 0
			r.forceTakeover = true
			r.basis = &Basis{Newest: convert(test.last), Review: func(context.Context) error { reviews++; return changed }}
			if err := r.recoverPending(); !errors.Is(err, test.want) || reviews != test.reviews {
				t.Errorf("got %v after %d reviews, want %v after %d", err, reviews, test.want, test.reviews)
			}
		})
	}
}

// TestMarkKilled has a record that changes after it was read.
func TestMarkKilled(t *testing.T) {
	t.Parallel()
	killed := record(1, release.StatusFailed)
	killed.Info.Description = "killed while pending-install"
	later := record(1, release.StatusPendingInstall)
	later.Info.LastDeployed = record(2, "").Info.LastDeployed
	for name, test := range map[string]struct {
		now      *release.Release // nil if it was removed
		tookOver bool
		want     error
	}{
		"unchanged":                 {record(1, release.StatusPendingInstall), false, nil},
		"taken over by this run":    {with(record(1, release.StatusPendingInstall), runLabel, "me"), true, nil},
		"taken over by another run": {with(record(1, release.StatusPendingInstall), runLabel, "other"), true, ErrBusy},
		"claimed by another run":    {with(record(1, release.StatusPendingInstall), runLabel, "other"), false, ErrBusy},
		"ended":                     {record(1, release.StatusDeployed), false, ErrBusy},
		"replaced":                  {later, false, ErrBusy},
		"removed":                   {nil, false, ErrBusy},
		"response was lost":         {killed, true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var now []*release.Release
			want := []string{"1 failed: killed while pending-install"}
			if test.now != nil {
				now = append(now, test.now)
			}
			r, _ := memoryRun(t, now...)
			if test.want != nil {
				want = stored(t, r)
			}
			last := record(1, release.StatusPendingInstall)
			if err := r.markKilled(last, test.tookOver); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if diff := cmp.Diff(want, stored(t, r)); diff != "" {
				t.Errorf("unexpected history (-want +got):\n%s", diff)
			}
			if test.want == nil && (last.Info.Status != release.StatusFailed || last.Labels[runLabel] != "") {
				t.Errorf("the run continues with %s, %v", last.Info.Status, last.Labels)
			}
		})
	}
}
