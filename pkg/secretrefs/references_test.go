package secretrefs

import (
	"fmt"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"
)

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
	if got := fmt.Sprint(Consumer{Kind: "StatefulSet", group: "apps", Name: "db"}); got != "statefulset.apps/db" {
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

// TestInUse names the consumers of each Secret that has any.
func TestInUse(t *testing.T) {
	t.Parallel()
	u := &Consumers{consumers: map[identity]*Consumer{}, kinds: map[types.NamespacedName]map[identity]map[RefKind]bool{}}
	for name, ref := range map[string]reference{"web": {"api", Env}, "db": {"api", Volume}, "job": {"other", Env}} {
		c := Consumer{Kind: "Deployment", group: "apps", Name: name, Namespace: "shop"}
		u.add(c, workload{Consumer: c, refs: []reference{ref}})
	}
	got := u.InUse("shop", []string{"api", "none"})
	if want := map[string]string{"api": "deployment.apps/db, deployment.apps/web"}; !maps.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if got := u.InUse("other", []string{"api"}); len(got) > 0 {
		t.Errorf("got %v in another namespace", got)
	}
	if got := Names(Stale(u.ConsumersOf("shop", "api"))); got != "deployment.apps/web" {
		t.Errorf("stale is %q", got)
	}
	idle, running := Consumer{Kind: "CronJob", Name: "idle", RefKinds: []RefKind{Env}}, Consumer{Kind: "CronJob", Name: "running", RefKinds: []RefKind{Env}, Pods: 1}
	if got := Stale([]Consumer{idle, running}); len(got) != 1 || got[0].Name != "running" {
		t.Errorf("stale is %v, want only the CronJob that runs", got)
	}
}
