package main

import (
	"os"
	"path/filepath"
	"testing"
)

const widgets = `---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.example.com
spec:
  group: example.com
  names: {kind: Widget, listKind: WidgetList, plural: widgets, singular: widget}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema: {type: object, properties: {spec: {type: object}}}
`

func crdDir(t *testing.T, content string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "crd.yaml"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestCustomResourcesAreServed looks once, when the cluster says it is ready.
func TestCustomResourcesAreServed(t *testing.T) {
	t.Parallel()
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	p := newProcess(t, "-nodes=0", "-kubeconfig="+kubeconfig, "-crds="+crdDir(t, widgets))
	p.start(t)
	appears(t, kubeconfig)
	client := newClient(t, kubeconfig).Discovery().RESTClient()
	if err := client.Get().AbsPath("/apis/example.com/v1/namespaces/default/widgets").Do(t.Context()).Error(); err != nil {
		t.Error(err)
	}
}

func TestBadCustomResources(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ dir, want string }{
		"none":    {t.TempDir(), "no *.yaml there"},
		"invalid": {crdDir(t, "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}\n"), "crd.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProcess(t, "-nodes=0", "-crds="+c.dir)
			p.start(t)
			p.ends(t, 1)
			p.says(t, c.want)
			p.leavesNothing(t)
		})
	}
}
