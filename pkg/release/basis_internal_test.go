package release

import (
	"errors"
	"strings"
	"testing"
	"time"

	"helm.sh/helm/v3/pkg/release"
	helmtime "helm.sh/helm/v3/pkg/time"
)

func TestUnchanged(t *testing.T) {
	t.Parallel()
	noted := with(record(1, release.StatusDeployed), rolloutFailedLabel, "1")
	noted.Info.Description += "; rollout failed"
	again := record(1, release.StatusDeployed)
	again.Info.LastDeployed = helmtime.Time{Time: start.Add(time.Hour)}
	deployed := convert(record(1, release.StatusDeployed))
	later := convert(record(1, release.StatusDeployed))
	later.Revision = 2
	for name, test := range map[string]struct {
		basis *Basis
		now   []*release.Release
		want  string // part of the error
	}{
		"no review":          {nil, []*release.Release{record(1, release.StatusDeployed)}, ""},
		"none":               {&Basis{}, nil, ""},
		"same":               {&Basis{Newest: deployed}, []*release.Release{record(1, release.StatusDeployed)}, ""},
		"rollout noted":      {&Basis{Newest: deployed}, []*release.Release{noted}, ""},
		"installed":          {&Basis{}, []*release.Release{record(1, release.StatusDeployed)}, "revision 1 is deployed since the review"},
		"other revision":     {&Basis{Newest: later}, []*release.Release{record(1, release.StatusDeployed)}, "revision 1 is deployed since the review"},
		"upgraded":           {&Basis{Newest: deployed}, []*release.Release{record(1, release.StatusSuperseded), record(2, release.StatusDeployed)}, "revision 2 is deployed since the review"},
		"removed":            {&Basis{Newest: deployed}, nil, "revision 1 was removed since the review"},
		"removal under way":  {&Basis{Newest: deployed}, []*release.Release{record(1, release.StatusUninstalling)}, "revision 1 is uninstalling since the review"},
		"removed, installed": {&Basis{Newest: deployed}, []*release.Release{again}, "revision 1 is deployed since the review"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _ := memoryRun(t, test.now...)
			err := r.Unchanged(t.Context(), "r", test.basis)
			switch {
			case test.want == "" && err != nil:
				t.Errorf("got %v", err)
			case test.want != "" && (!errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want ErrBusy with %q", err, test.want)
			}
		})
	}
}

// TestChangedReleaseIsNotTakenOver has a pending release that changed since the review,
// which a run must not mark as killed.
func TestChangedReleaseIsNotTakenOver(t *testing.T) {
	t.Parallel()
	r, _ := memoryRun(t, record(1, release.StatusSuperseded), record(2, release.StatusPendingUpgrade))
	r.forceTakeover, r.basis = true, &Basis{Newest: convert(record(1, release.StatusDeployed))}
	if err := r.recoverPending(); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v, want ErrBusy", err)
	}
	if got := stored(t, r); got[1] != "2 pending-upgrade: description of 2" {
		t.Errorf("got %q, want no change", got)
	}
}
