package preflight

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestUnbindableWithoutADefaultClass is about clusters unlike the test cluster,
// which has a default class for all tests.
func TestUnbindableWithoutADefaultClass(t *testing.T) {
	t.Parallel()
	local := storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "local"}, Provisioner: manual}
	fast := storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "fast"}, Provisioner: "example.com/fast"}
	for _, c := range []struct {
		name  string
		there storage
		class *string
		want  string
	}{
		{"a class that makes volumes", storage{classes: []storagev1.StorageClass{local, fast}}, new("fast"), ""},
		{"no class named", storage{classes: []storagev1.StorageClass{local, fast}, knowsVolumes: true}, nil, "no StorageClass is set and no default exists; no available PersistentVolume matches"},
		{"no class at all", storage{}, nil, "no StorageClass is set and no default exists; existing PersistentVolumes could not be checked"},
		{"no volume made", storage{classes: []storagev1.StorageClass{local, fast}, knowsVolumes: true}, new("local"), `StorageClass "local" does not provision volumes; no available PersistentVolume matches`},
		{"another class", storage{classes: []storagev1.StorageClass{local, fast}, knowsVolumes: true}, new("gold"), `StorageClass "gold" not found; the cluster has fast, local; no available PersistentVolume matches`},
	} {
		if got, fix := c.there.unbindable(corev1.PersistentVolumeClaimSpec{StorageClassName: c.class}); got != c.want || (fix.Text == "") != (got == "") {
			t.Errorf("%s: got %q, %q, want %q", c.name, got, fix, c.want)
		}
	}
}
