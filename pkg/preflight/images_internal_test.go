package preflight

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// TestWhatIsNotPulledWhereItIsThere goes by the policy and, without one, by the tag.
func TestWhatIsNotPulledWhereItIsThere(t *testing.T) {
	t.Parallel()
	for image, want := range map[string]bool{"a": false, "a:latest": false, "a:1": true, "r.example:5000/a": false, "a@sha256:" + strings.Repeat("0", 64): true} {
		if got := kept(corev1.Container{Image: image}); got != want {
			t.Errorf("%s: got %t", image, got)
		}
	}
}
