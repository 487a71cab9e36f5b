package preflight_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/preflight"
)

// TestDryRunSaysWhoseItIs has an object in the way that somebody else made.
func TestDryRunSaysWhoseItIs(t *testing.T) {
	t.Parallel()
	for metadata, want := range map[string]string{
		``: "it was made with preflight.test: remove it",
		`, labels: {app.kubernetes.io/managed-by: Helm}, annotations: {meta.helm.sh/release-name: shop, meta.helm.sh/release-namespace: other}`: "it belongs to Helm release 'shop' in namespace 'other', " +
			"whose next upgrade would undo the change: change it in the values of the release",
		`, annotations: {argocd.argoproj.io/tracking-id: "shop:apps/Deployment:x/web"}`: "it belongs to Argo CD application 'shop', whose next sync would undo the change: change it in the application's source",
		`, labels: {kustomize.toolkit.fluxcd.io/name: shop, kustomize.toolkit.fluxcd.io/namespace: flux}`: "it belongs to Flux Kustomization 'shop' in namespace 'flux', " +
			"whose next reconciliation would undo the change: change it in its source",
		`, ownerReferences: [{apiVersion: example.com/v1, kind: Shop, name: s, uid: a, controller: true}]`: "it is managed by Shop 's' (example.com/v1), which may undo the change: change it there",
	} {
		s := newSite(t)
		s.make(`{apiVersion: v1, kind: ConfigMap, metadata: {name: web` + metadata + `}, data: {a: b}}`)
		_, err := dryRun(t, s.namespace, s.objects(`{apiVersion: v1, kind: ConfigMap, metadata: {name: web}}`))
		want = "configmap/web: is there already and is not part of this release: " + want + ", or give the recipe another deployment_name"
		if err == nil || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}

// TestReleasesThatGitOpsKeeps looks at objects as they are, not as they were
// rendered.
func TestReleasesThatGitOpsKeeps(t *testing.T) {
	t.Parallel()
	object := replace(plainPod("", ""), "spec:\n  template", "spec:\n  selector: {matchLabels: {app: web}}\n  template")
	for labels, want := range map[string][]string{
		"": nil,
		", labels: {helm.toolkit.fluxcd.io/name: shop, helm.toolkit.fluxcd.io/namespace: flux}": {
			"error: deployment/web: belongs to Flux HelmRelease 'shop' in namespace 'flux', whose next reconciliation would undo the change", "  change it in its source",
		},
	} {
		s := newSite(t)
		s.make(replace(object, "{name: web}", "{name: web"+labels+"}"))
		config := replace(object, "{name: web}", "{name: gone}")
		findings, err := s.check(s.client).Run(t.Context(), []preflight.Release{{
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
