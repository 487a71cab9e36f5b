package rollout

import (
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// TestRemediationOfTransientCauses suggests what to do while a rollout still waits, as
// status shows it.
func TestRemediationOfTransientCauses(t *testing.T) {
	t.Parallel()
	const limited = "toomanyrequests: You have reached your unauthenticated pull rate limit."
	for name, tt := range map[string]struct {
		reason, message string
		pullSecret      bool
		field, hint     string // "" if there is none
	}{
		"disk of the node full":     {"ErrImagePull", "failed to extract layer sha256:0: write /var/lib/a: no space left on device", false, "", "free disk space on the node, or use another node: kubectl describe node n1"},
		"driver too old":            {"RunContainerError", driverTooOld, false, "Pod.spec.containers.image", "use an image for an older CUDA version, or a node with a newer driver: kubectl describe node n1"},
		"rate limit without login":  {"ErrImagePull", limited, false, "Pod.spec.imagePullSecrets", `log in to raise the limit: create Secret "pull-secret" and add it to the recipe`},
		"rate limit with a login":   {"ErrImagePull", limited, true, "", ""},
		"registry does not respond": {"ErrImagePull", "503 Service Unavailable", false, "Pod.spec.containers.image", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := readFixture(t, "registry-overloaded")
			waiting := map[string]any{"name": "main", "state": map[string]any{"waiting": map[string]any{"reason": tt.reason, "message": tt.message}}}
			for _, o := range l.forRelease(podKind) {
				if err := unstructured.SetNestedSlice(o.Object, []any{waiting}, "status", "containerStatuses"); err != nil {
					t.Fatal(err)
				}
				if tt.pullSecret {
					_ = unstructured.SetNestedSlice(o.Object, []any{map[string]any{"name": "login"}}, "spec", "imagePullSecrets")
				}
			}
			v := gather(l, l.target())
			r := newTracker().evaluate(v, DefaultTimeouts(), time.Now())
			if r.failed != nil {
				t.Fatalf("failed: %v", r.failed)
			}
			f := newUnfinishedFailure(r.tree, v, notReadyCause)
			f.suggest(commands{namespace: "ns"})
			var hints []string
			for _, h := range f.Remediation.Hints {
				hints = append(hints, h.Lines()...)
			}
			if all := strings.Join(hints, "\n"); string(f.Remediation.Field) != tt.field || !strings.Contains(all, tt.hint) || tt.hint == "" && all != "" {
				t.Errorf("field %q, hints %q", f.Remediation.Field, all)
			}
		})
	}
}
