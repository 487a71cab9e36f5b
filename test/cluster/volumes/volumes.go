// Package volumes gives claims their volumes, as the storage of a cloud does:
// a default StorageClass, and a provisioner that makes a PersistentVolume of
// the size and the access modes that a claim asks for once a pod wants it. No
// storage is behind it: a simulated node mounts nothing.
package volumes

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

const (
	// Class is the name of the default StorageClass.
	Class = "standard"

	name               = "blueprint.test/simulated"
	defaultClassMarker = "storageclass.kubernetes.io/is-default-class"
)

// Start creates the StorageClass and serves its claims until ctx ends.
func Start(ctx context.Context, client kubernetes.Interface) error {
	if _, err := client.StorageV1().StorageClasses().Create(ctx, class(), metav1.CreateOptions{}); err != nil {
		return err
	}
	c := controller.NewProvisionController(ctx, client, name, provisioner{}, controller.LeaderElection(false))
	go c.Run(ctx)
	return nil
}

// class binds late, as the usual ones do: a claim that no pod uses is Pending.
func class() *storagev1.StorageClass {
	return &storagev1.StorageClass{
		ObjectMeta:        metav1.ObjectMeta{Name: Class, Annotations: map[string]string{defaultClassMarker: "true"}},
		Provisioner:       name,
		ReclaimPolicy:     new(corev1.PersistentVolumeReclaimDelete),
		VolumeBindingMode: new(storagev1.VolumeBindingWaitForFirstConsumer),
	}
}

type provisioner struct{}

// Provision returns a volume that is what the claim asks for.
func (provisioner) Provision(_ context.Context, o controller.ProvisionOptions) (*corev1.PersistentVolume, controller.ProvisioningState, error) {
	return &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: o.PVName},
		Spec: corev1.PersistentVolumeSpec{
			PersistentVolumeReclaimPolicy: *o.StorageClass.ReclaimPolicy,
			AccessModes:                   o.PVC.Spec.AccessModes,
			VolumeMode:                    o.PVC.Spec.VolumeMode,
			Capacity:                      o.PVC.Spec.Resources.Requests,
			PersistentVolumeSource: corev1.PersistentVolumeSource{
				HostPath: &corev1.HostPathVolumeSource{Path: "/var/lib/volumes/" + o.PVName},
			},
		},
	}, controller.ProvisioningFinished, nil
}

// Delete has nothing to remove.
func (provisioner) Delete(context.Context, *corev1.PersistentVolume) error { return nil }
