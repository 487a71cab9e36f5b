package preflight_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
)

// TestReleasesOwnedByGitOps looks at objects as they are, not as they were
// rendered.
func TestReleasesOwnedByGitOps(t *testing.T) {
	t.Parallel()
	object := replace(plainPod("", ""), "spec:\n  template", "spec:\n  selector: {matchLabels: {app: web}}\n  template")
	for labels, want := range map[string][]string{
		"": nil,
		", labels: {helm.toolkit.fluxcd.io/name: shop, helm.toolkit.fluxcd.io/namespace: flux}": {
			`error: deployment.apps/web: belongs to Flux HelmRelease "shop" in namespace "flux", whose next reconciliation would revert the change`, "  change it in its source",
		},
	} {
		s := newSite(t)
		s.make(replace(object, "{name: web}", "{name: web"+labels+"}"))
		config := replace(object, "{name: web}", "{name: gone}")
		findings, err := s.check(s.client).Run(t.Context(), []dryrun.Release{{
			Name: "r", Namespace: s.namespace, Objects: s.objects(object),
			Previous: s.objects("{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}\n---" + config + "---" + object),
		}})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, s.lines(findings)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
