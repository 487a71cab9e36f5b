package secretrefs

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"
)

// TestReferencesKnowsEveryField fills every field of a pod that names a Secret,
// found by reflection, and looks for each name. It fails when Kubernetes adds a
// field that references does not know.
func TestReferencesKnowsEveryField(t *testing.T) {
	t.Parallel()
	paths := secretFields(reflect.TypeFor[corev1.PodSpec](), nil, false)
	if len(paths) < 18 {
		t.Fatalf("only %d fields: %v", len(paths), paths)
	}
	for _, path := range paths {
		var spec corev1.PodSpec
		fill(reflect.ValueOf(&spec).Elem(), path)
		if got := references(&spec); len(got) != 1 || got[0].secret != "found" {
			t.Errorf("%s: got %v", strings.Join(path, "."), got)
		}
	}
}

// secretFields returns the paths of all strings below t that name a Secret: what
// lies below a field called "secret" and is itself called name or secretName.
func secretFields(t reflect.Type, path []string, within bool) [][]string {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		return secretFields(t.Elem(), path, within)
	case reflect.String:
		last := path[len(path)-1]
		if within && (last == "Name" || last == "SecretName") {
			return [][]string{slices.Clone(path)}
		}
	case reflect.Struct:
		var found [][]string
		for f := range t.Fields() {
			found = append(found, secretFields(f.Type, append(path, f.Name), within || strings.Contains(f.Name, "Secret"))...)
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

func TestReferencesTellHow(t *testing.T) {
	t.Parallel()
	const volume = `volumes: [{name: v, secret: {secretName: s}}]`
	for spec, want := range map[string]RefKind{
		`imagePullSecrets: [{name: s}]`:                                                       ImagePull,
		`containers: [{name: c, envFrom: [{secretRef: {name: s}}]}]`:                          Env,
		`initContainers: [{name: c, env: [{name: A, valueFrom: {secretKeyRef: {name: s}}}]}]`: Env,
		`volumes: [{name: v, csi: {driver: d, nodePublishSecretRef: {name: s}}}]`:             Storage,
		volume: Volume,
		"containers: [{name: c, volumeMounts: [{name: v}]}]\n" + volume:                                                         Volume,
		"containers: [{name: c, volumeMounts: [{name: v, subPath: a}]}]\n" + volume:                                             VolumeAtStart,
		"containers: [{name: c, volumeMounts: [{name: v, subPathExpr: a}, {name: v}]}]\n" + volume:                              VolumeAtStart,
		"containers: [{name: c, volumeMounts: [{name: x, subPath: a}, {name: v}]}]\n" + volume:                                  Volume,
		"initContainers: [{name: i, volumeMounts: [{name: v}]}]\n" + volume:                                                     VolumeAtStart,
		"initContainers: [{name: i, restartPolicy: Always, volumeMounts: [{name: v}]}]\n" + volume:                              Volume,
		"initContainers: [{name: i, volumeMounts: [{name: v}]}]\ncontainers: [{name: c, volumeMounts: [{name: v}]}]\n" + volume: Volume,
		"containers: [{name: c, volumeMounts: [{name: v, subPath: a}]}]\n" +
			"volumes: [{name: v, projected: {sources: [{configMap: {name: c}}, {secret: {name: s}}]}}]": VolumeAtStart,
	} {
		var pod corev1.PodSpec
		if err := yaml.UnmarshalStrict([]byte(spec), &pod); err != nil {
			t.Fatal(spec, err)
		}
		if diff := cmp.Diff([]reference{{"s", want}}, references(&pod), cmp.AllowUnexported(reference{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", spec, diff)
		}
	}
}

func TestUserString(t *testing.T) {
	t.Parallel()
	if got := fmt.Sprint(Consumer{Kind: "StatefulSet", Name: "db"}); got != "statefulset/db" {
		t.Errorf("got %s", got)
	}
}

// TestOwnersInACircle: owner references are anybody's to write.
func TestOwnersInACircle(t *testing.T) {
	t.Parallel()
	a := workload{Consumer: Consumer{Kind: podKind, Name: "a"}, uid: "a", controller: &metav1.OwnerReference{UID: "b"}}
	b := workload{Consumer: Consumer{Kind: podKind, Name: "b"}, uid: "b", controller: &metav1.OwnerReference{UID: "a"}}
	if got := (owners{byUID: map[types.UID]workload{"a": a, "b": b}}).of(a); got.Kind != podKind {
		t.Errorf("got %v", got)
	}
}
