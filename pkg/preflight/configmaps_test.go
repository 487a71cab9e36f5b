package preflight_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestConfigMaps(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.make(`{apiVersion: v1, kind: ConfigMap, metadata: {name: there}, data: {model: x}, binaryData: {blob: ""}}`)
	got := s.run(s.client, plainPod(`volumes: [{name: v, configMap: {name: gone}}, {name: w, configMap: {name: own, items: [{key: a, path: a}]}},
    {name: x, projected: {sources: [{configMap: {name: there, items: [{key: blob, path: b}]}}]}}, {name: z, configMap: {name: absent, optional: true}}],`,
		`, envFrom: [{configMapRef: {name: there}}], env: [
      {name: A, valueFrom: {configMapKeyRef: {name: there, key: modelx}}}, {name: B, valueFrom: {configMapKeyRef: {name: own, key: a}}}]`)+`---
{apiVersion: v1, kind: ConfigMap, metadata: {name: own}, data: {a: x}}`)
	want := []string{
		`error: deployment.apps/web: container main: env A: key "modelx" not found in ConfigMap "there" (did you mean "model"?); it has model, blob`,
		"  use an existing key, or add this one",
		`error: deployment.apps/web: volume v: ConfigMap "gone" not found in namespace NS`,
		"  create it: kubectl create configmap gone -n NS --from-file=FILE",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
