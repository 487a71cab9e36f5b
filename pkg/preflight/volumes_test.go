package preflight_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func claimObject(name, class string) string {
	return `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: ` + name + `}
spec: {accessModes: [ReadWriteOnce], ` + class + ` resources: {requests: {storage: 5Gi}}}
`
}

// TestClaimsThatCannotBeBound has a class for each reason; the test cluster has
// a default one, of which claims are always bound.
func TestClaimsThatCannotBeBound(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	own := "own-" + s.namespace
	s.volume(own, "5Gi")
	s.volume("small-"+s.namespace, "4Gi")
	for _, c := range []struct {
		name, class string
		want        []string
	}{
		{"default", "", nil},
		{"named", "storageClassName: standard,", nil},
		{"by hand", "storageClassName: " + own + ",", nil},
		{"too small", "storageClassName: small-" + s.namespace + ",", []string{"; no available PersistentVolume matches"}},
		{"misspelt", "storageClassName: standart,", []string{`error: persistentvolumeclaim/data: StorageClass "standart" not found (did you mean "standard"?); the cluster has CLASSES; no available PersistentVolume matches`}},
		{"none", `storageClassName: "",`, []string{`error: persistentvolumeclaim/data: its StorageClass "" disables provisioning; no available PersistentVolume matches`}},
	} {
		got := s.run(s.client, claimObject("data", c.class))
		if len(c.want) == 0 && got == nil {
			continue
		}
		if len(got) != 2 || len(c.want) != 1 || !strings.HasSuffix(got[0], c.want[0]) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	ephemeral := plainPod("volumes: [{name: scratch, ephemeral: {volumeClaimTemplate: {spec: {storageClassName: standart, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}}],", "")
	want := []string{
		`error: deployment.apps/web: volume scratch: StorageClass "standart" not found (did you mean "standard"?); the cluster has CLASSES; no available PersistentVolume matches`,
		"  choose an existing class with --set cluster.storageClass=NAME: kubectl get storageclasses",
	}
	if diff := cmp.Diff(want, s.run(s.client, ephemeral)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestClaimsThatCannotBeChanged has one that is bound, by a class that does not
// let it grow at first, and one that is not.
func TestClaimsThatCannotBeChanged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	own := "own-" + s.namespace
	s.volume(own, "6Gi")
	claim := claimObject("data", "storageClassName: "+own+",")
	s.make(claim + "---" + claimObject("waiting", ""))
	s.until([]string{"Bound"}, func() []string {
		c, err := s.client.CoreV1().PersistentVolumeClaims(s.namespace).Get(t.Context(), "data", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return []string{string(c.Status.Phase)}
	})
	const (
		about = "error: persistentvolumeclaim/data: "
		keep  = "  restore it, or rename the volume for a new claim"
	)
	size := func(claim, size string) string { return replace(claim, "5Gi", size) }
	for name, c := range map[string]struct {
		claim string
		want  []string
	}{
		"the same":                 {claim, nil},
		"the same, in other words": {size(claim, "5120Mi"), nil},
		"bigger": {size(claim, "10Gi"), []string{
			about + `its size cannot grow from 5Gi to 10Gi; StorageClass "` + replace(own, s.namespace, "NS") + `" does not allow volume expansion`,
			"  restore the size in PersistentVolumeClaim, or ask an administrator to set allowVolumeExpansion",
		}},
		"smaller": {size(claim, "3Gi"), []string{
			about + "its size cannot shrink from 5Gi to 3Gi; its volume has 6Gi",
			"  restore the size in PersistentVolumeClaim, or rename the volume for a new claim",
		}},
		"another class": {claimObject("data", "storageClassName: standard,"), []string{
			about + `the StorageClass of an existing claim cannot change from "own-NS" to "standard"`, keep,
		}},
		"the default class": {claimObject("data", ""), nil}, // the server keeps what it has
		"another access mode": {replace(claim, "ReadWriteOnce", "ReadWriteMany"), []string{
			about + "the access modes of an existing claim cannot change from [ReadWriteOnce] to [ReadWriteMany]", keep,
		}},
		"not bound yet": {size(claimObject("waiting", ""), "10Gi"), []string{
			"error: persistentvolumeclaim/waiting: its size cannot change from 5Gi to 10Gi before it is bound",
			"  restore the size in PersistentVolumeClaim, or delete the claim",
		}},
	} {
		if diff := cmp.Diff(c.want, s.run(s.client, c.claim)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	s.make(`{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: ` + own + `}, provisioner: example.com/x, allowVolumeExpansion: true}`)
	t.Cleanup(func() {
		_ = s.client.StorageV1().StorageClasses().Delete(context.WithoutCancel(t.Context()), own, metav1.DeleteOptions{})
	})
	if got := s.run(s.client, size(claim, "10Gi")); got != nil {
		t.Errorf("a class that lets it grow: %q", got)
	}
}

// volume makes a PersistentVolume of a class that has no StorageClass.
func (s site) volume(class, size string) {
	s.t.Helper()
	s.make(`{apiVersion: v1, kind: PersistentVolume, metadata: {name: ` + class + `}, spec: {storageClassName: ` + class + `,
  capacity: {storage: ` + size + `}, accessModes: [ReadWriteOnce, ReadOnlyMany], hostPath: {path: /x}}}`)
	s.t.Cleanup(func() {
		_ = s.client.CoreV1().PersistentVolumes().Delete(context.WithoutCancel(s.t.Context()), class, metav1.DeleteOptions{})
	})
	s.until([]string{"Available"}, func() []string {
		v, err := s.client.CoreV1().PersistentVolumes().Get(s.t.Context(), class, metav1.GetOptions{})
		if err != nil {
			s.t.Fatal(err)
		}
		return []string{string(v.Status.Phase)}
	})
}

// TestClaimsThatPodsUse are made by somebody, or come with the objects.
func TestClaimsThatPodsUse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.make(claimObject("models", ""))
	pod := plainPod(`volumes: [{name: a, persistentVolumeClaim: {claimName: models}}, {name: b, persistentVolumeClaim: {claimName: modles}},
    {name: c, persistentVolumeClaim: {claimName: web-own}}],`, "") + "---" + claimObject("web-own", "")
	want := []string{
		`error: deployment.apps/web: volume b: PersistentVolumeClaim "modles" not found in namespace NS (did you mean "models"?)`,
		"  create it, or use an existing claim: kubectl get pvc -n NS",
	}
	if diff := cmp.Diff(want, s.run(s.client, pod)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
