package main

import (
	"context"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// claimFor asks for storage of the default class.
func claimFor(mode corev1.PersistentVolumeAccessMode) corev1.PersistentVolumeClaimSpec {
	return corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{mode},
		Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{
			corev1.ResourceStorage: resource.MustParse("500Gi"),
		}},
	}
}

// TestPodGetsItsVolumes runs a pod with a claim of its own and one that is made
// for it, and sees that the volumes go with the claims.
func TestPodGetsItsVolumes(t *testing.T) {
	t.Parallel()
	n := newNamespace(t)
	claims := n.CoreV1().PersistentVolumeClaims(n.name)
	data := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: "data"}, Spec: claimFor(corev1.ReadWriteMany)}
	if _, err := claims.Create(t.Context(), data, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	n.create(t, corev1.PodSpec{
		Containers: []corev1.Container{{Name: "c", Image: "app"}},
		Volumes: []corev1.Volume{
			{Name: "data", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "data"}}},
			{Name: "scratch", VolumeSource: corev1.VolumeSource{Ephemeral: &corev1.EphemeralVolumeSource{
				VolumeClaimTemplate: &corev1.PersistentVolumeClaimTemplate{Spec: claimFor(corev1.ReadWriteOnce)},
			}}},
		},
	})
	n.runs(t)
	for _, name := range []string{"data", "p-scratch"} {
		claim, err := claims.Get(t.Context(), name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got := claim.Status.Capacity.Storage().String(); claim.Status.Phase != corev1.ClaimBound || got != "500Gi" {
			t.Errorf("claim %s: %s with %s", name, claim.Status.Phase, got)
		}
		if name == "p-scratch" {
			n.volumeGoesWithPod(t, claim.Spec.VolumeName)
		}
	}
}

func (n namespace) volumeGoesWithPod(t *testing.T, volume string) {
	t.Helper()
	if err := n.CoreV1().Pods(n.name).Delete(t.Context(), "p", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, func(ctx context.Context) error {
		pv, err := n.CoreV1().PersistentVolumes().Get(ctx, volume, metav1.GetOptions{})
		switch {
		case apierrors.IsNotFound(err):
			return nil
		case err != nil:
			return err
		}
		return fmt.Errorf("volume %s is still there: %+v", volume, pv.Status)
	})
}
