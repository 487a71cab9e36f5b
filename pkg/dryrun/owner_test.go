package dryrun_test

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// TestDryRunSaysWhoseItIs has an object in the way that somebody else made.
func TestDryRunSaysWhoseItIs(t *testing.T) {
	t.Parallel()
	for metadata, want := range map[string]string{
		``: "it was created with dryrun.test: delete it",
		`, labels: {app.kubernetes.io/managed-by: Helm}, annotations: {meta.helm.sh/release-name: shop, meta.helm.sh/release-namespace: other}`: `it belongs to Helm release "shop" in namespace "other", ` +
			"whose next upgrade would revert the change: change it in the values of the release",
		`, annotations: {argocd.argoproj.io/tracking-id: "shop:apps/Deployment:x/web"}`: `it belongs to Argo CD application "shop", whose next sync would revert the change: change it in the application's source`,
		`, labels: {kustomize.toolkit.fluxcd.io/name: shop, kustomize.toolkit.fluxcd.io/namespace: flux}`: `it belongs to Flux Kustomization "shop" in namespace "flux", ` +
			"whose next reconciliation would revert the change: change it in its source",
		`, ownerReferences: [{apiVersion: example.com/v1, kind: Shop, name: s, uid: a, controller: true}]`: `it is managed by Shop "s" (example.com/v1), which may revert the change: change it there`,
	} {
		namespace := kubetest.Namespace(t)
		client, _ := kubetest.Dynamic(t)
		inTheWay := object(t, `{apiVersion: v1, kind: ConfigMap, metadata: {name: web`+metadata+`}, data: {a: b}}`)
		if err := kubetest.Objects(t, client, namespace).Create(t.Context(), inTheWay, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		_, err := dryRun(t, namespace, []*unstructured.Unstructured{object(t, `{apiVersion: v1, kind: ConfigMap, metadata: {name: web}}`)})
		reason, fix, _ := strings.Cut(want, ": ")
		want = "configmap/web: already exists and is not part of this release; " + reason
		if err == nil || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
		if hints := hint.Of(err); len(hints) != 1 || hints[0].Text != fix+", or use another deployment_name" {
			t.Errorf("got hints %v, want %s", hints, fix)
		}
	}
}
