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
		{"too small", "storageClassName: small-" + s.namespace + ",", []string{", and no free volume fits it"}},
		{"misspelt", "storageClassName: standart,", []string{"error: persistentvolumeclaim/data: there is no StorageClass standart (did you mean standard?), and no free volume fits it"}},
		{"none", `storageClassName: "",`, []string{"error: persistentvolumeclaim/data: it asks for a volume of no StorageClass, and no free volume fits it"}},
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
		"error: deployment/web: volume scratch: there is no StorageClass standart (did you mean standard?), and no free volume fits it",
		"  --set cluster.storageClass=NAME, one of: kubectl get storageclasses",
	}
	if diff := cmp.Diff(want, s.run(s.client, ephemeral)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
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
		"error: deployment/web: volume b: PersistentVolumeClaim modles does not exist in namespace NS: did you mean models?",
		"  create it, or name one of: kubectl get pvc -n NS",
	}
	if diff := cmp.Diff(want, s.run(s.client, pod)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
