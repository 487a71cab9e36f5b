package release

import (
	"testing"

	"helm.sh/helm/v3/pkg/release"
)

// TestRolloutFailedIsOfOneRevision has a label that Helm copied from the revision
// before.
func TestRolloutFailedIsOfOneRevision(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{"": false, "2": false, "3": true} {
		r := &release.Release{Version: 3, Labels: map[string]string{rolloutFailedLabel: value}}
		if got := convert(r).RolloutFailed; got != want {
			t.Errorf("label %q on revision 3: got %v, want %v", value, got, want)
		}
	}
}
