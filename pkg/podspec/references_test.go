package podspec

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// TestRefsKnowEveryField fills every field of a pod that names a Secret or a
// ConfigMap, found by reflection, and expects one reference. It fails when Kubernetes
// adds a field that the package does not know.
func TestRefsKnowEveryField(t *testing.T) {
	t.Parallel()
	for kind, c := range map[string]struct {
		fields int
		refs   func(*corev1.PodSpec) []Ref
	}{Secret: {18, SecretRefs}, ConfigMap: {8, ConfigMapRefs}} {
		paths := nameFields(kind, reflect.TypeFor[corev1.PodSpec](), nil, false)
		if len(paths) < c.fields {
			t.Fatalf("only %d fields for a %s: %v", len(paths), kind, paths)
		}
		for _, path := range paths {
			var spec corev1.PodSpec
			fill(reflect.ValueOf(&spec).Elem(), path)
			if got := c.refs(&spec); len(got) != 1 || got[0].Name != "found" || got[0].Kind != kind {
				t.Errorf("%s: got %v", strings.Join(path, "."), got)
			}
		}
	}
}

// nameFields returns the paths of all strings below t that name an object of a kind:
// they lie below a field whose name contains the kind, and are called name or
// secretName.
func nameFields(kind string, t reflect.Type, path []string, within bool) [][]string {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		return nameFields(kind, t.Elem(), path, within)
	case reflect.String:
		last := path[len(path)-1]
		if within && (last == "Name" || last == "SecretName") {
			return [][]string{slices.Clone(path)}
		}
	case reflect.Struct:
		var found [][]string
		for f := range t.Fields() {
			found = append(found, nameFields(kind, f.Type, append(path, f.Name), within || strings.Contains(f.Name, kind))...)
		}
		return found
	}
	return nil
}

func fill(v reflect.Value, path []string) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), path)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), path)
	case reflect.String:
		v.SetString("found")
	default:
		fill(v.FieldByName(path[0]), path[1:])
	}
}

func TestRefs(t *testing.T) {
	t.Parallel()
	var spec corev1.PodSpec
	if err := yaml.UnmarshalStrict([]byte(`
imagePullSecrets: [{name: pull}, {}]
initContainers: [{name: i, env: [{name: A, value: x}, {name: B, valueFrom: {secretKeyRef: {name: s, key: k, optional: true}}}]}]
containers: [{name: c, envFrom: [{secretRef: {name: s}}, {configMapRef: {name: m, optional: false}}]}]
volumes:
- {name: whole, secret: {secretName: s}}
- {name: some, configMap: {name: m, items: [{key: a, path: a}, {key: b, path: b}]}}
- {name: mixed, projected: {sources: [{secret: {name: s, items: [{key: k, path: k}], optional: true}}, {configMap: {name: m}}]}}
- {name: driver, csi: {driver: d, nodePublishSecretRef: {name: s}}}
- {name: share, azureFile: {secretName: s, shareName: x}}
`), &spec); err != nil {
		t.Fatal(err)
	}
	want := []Ref{
		{Kind: Secret, Name: "pull", Use: ImagePull},
		{Kind: Secret, Name: "s", Key: "k", Use: Env, Container: "i", Variable: "B", Optional: true},
		{Kind: Secret, Name: "s", Use: EnvFrom, Container: "c"},
		{Kind: Secret, Name: "s", Use: Files, Volume: "whole"},
		{Kind: Secret, Name: "s", Key: "k", Use: Projected, Volume: "mixed", Optional: true},
		{Kind: Secret, Name: "s", Use: Storage, Volume: "driver"},
		{Kind: Secret, Name: "s", Use: Storage, Volume: "share"},
	}
	if diff := cmp.Diff(want, SecretRefs(&spec)); diff != "" {
		t.Errorf("Secrets (-want +got):\n%s", diff)
	}
	want = []Ref{
		{Kind: ConfigMap, Name: "m", Use: EnvFrom, Container: "c"},
		{Kind: ConfigMap, Name: "m", Key: "a", Use: Files, Volume: "some"},
		{Kind: ConfigMap, Name: "m", Key: "b", Use: Files, Volume: "some"},
		{Kind: ConfigMap, Name: "m", Use: Projected, Volume: "mixed"},
	}
	if diff := cmp.Diff(want, ConfigMapRefs(&spec)); diff != "" {
		t.Errorf("ConfigMaps (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"pull", "s"}, SecretNames(&spec)); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

// TestSecretsRead covers Secrets that are optional or that a storage driver reads:
// their values can reach logs, and pods have to be restarted when they change.
func TestSecretsRead(t *testing.T) {
	t.Parallel()
	reader := object(t, `
kind: Deployment
spec:
  template:
    spec:
      imagePullSecrets: [{name: pull}]
      containers: [{name: c, envFrom: [{secretRef: {name: optional, optional: true}}, {secretRef: {name: rendered}}, {configMapRef: {name: config}}]}]
      volumes:
      - {name: driver, csi: {driver: d, nodePublishSecretRef: {name: driver}}}
      - {name: again, secret: {secretName: optional}}`)
	got, err := SecretsRead([]*unstructured.Unstructured{reader, object(t, `{apiVersion: v1, kind: Secret, metadata: {name: rendered}}`)})
	if diff := cmp.Diff([]string{"driver", "optional"}, got); diff != "" || err != nil {
		t.Errorf("%v, (-want +got):\n%s", err, diff)
	}
}
