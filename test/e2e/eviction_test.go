package e2e

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// TestEvictedForDisk deploys a pod that writes more than its limit to its log. The deploy ends
// with the third eviction, also if the program exits with code 0, after which the pod has
// succeeded. The smallest limit of a recipe is 1 GiB, so a LimitRange sets one of 1 MiB.
func TestEvictedForDisk(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"2", "0"} {
		t.Run("exit code "+code, func(t *testing.T) {
			t.Parallel()
			checkEviction(t, code)
		})
	}
}

func checkEviction(t *testing.T, code string) {
	t.Helper()
	l := newLane(t)
	r := newRegistry(t)
	image := r.push(appImage(t))
	l.applySecrets(pullSecret(r, password))
	limit := corev1.LimitRangeItem{Type: corev1.LimitTypeContainer, Default: corev1.ResourceList{corev1.ResourceEphemeralStorage: resource.MustParse("1Mi")}}
	if _, err := kubetest.Client(t).CoreV1().LimitRanges(l.namespace).Create(t.Context(), &corev1.LimitRange{
		ObjectMeta: metav1.ObjectMeta{Name: "disk"}, Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{limit}},
	}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	o := l.observe(nil)
	p := l.run("deploy", l.file("app.json", service(image, object{"recipe_container_command_args": []string{"fill", "4194304", code}})))
	if p.code != 1 {
		t.Errorf("exit code %d", p.code)
	}
	for _, words := range []string{
		"cause:   Evicted: Pod ephemeral local storage usage exceeds the total limit of containers 1Mi; 2 earlier pods failed as well",
		"recipe:  set recipe_ephemeral_storage_size",
	} {
		if _, ok := p.says(words); !ok {
			t.Errorf("does not say %q", words)
		}
	}
	if t.Failed() || testing.Verbose() {
		t.Logf("stderr:\n%s\nfacts:\n%s", p, o)
	}
}
