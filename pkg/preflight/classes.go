package preflight

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

const (
	defaultClass = "storageclass.kubernetes.io/is-default-class"
	// manual is the provisioner of classes whose volumes somebody makes.
	manual = "kubernetes.io/no-provisioner"

	chooseClass = "--set cluster.storageClass=NAME, one of: kubectl get storageclasses"
)

// unbound says why a claim will not be bound. It is "" where it may be: whether
// a provisioner does its work can't be seen.
func (s storage) unbound(c corev1.PersistentVolumeClaimSpec) (what, fix string) {
	if c.VolumeName != "" || s.volumeFor(c, s.className(c)) {
		return "", ""
	}
	name := s.className(c)
	if c.StorageClassName != nil && name == "" {
		return "it asks for a volume of no StorageClass" + s.nothingElse(), "have somebody make a PersistentVolume"
	}
	if name == "" {
		return "it names no StorageClass, the cluster has no default one" + s.nothingElse(), chooseClass
	}
	i := slices.IndexFunc(s.classes, func(class storagev1.StorageClass) bool { return class.Name == name })
	switch {
	case i < 0:
		what = fmt.Sprintf("there is no StorageClass %s", name)
		if near := source.Nearest(name, s.classNames()); near != "" {
			what += " (did you mean " + near + "?)"
		} else if len(s.classes) > 0 {
			what += " (there are " + listed(s.classNames()) + ")"
		}
		return what + s.nothingElse(), chooseClass
	case s.classes[i].Provisioner == manual:
		return fmt.Sprintf("StorageClass %s makes no volumes", name) + s.nothingElse(), "have somebody make a PersistentVolume, or " + chooseClass
	}
	return "", ""
}

// nothingElse says what else a claim could be bound to.
func (s storage) nothingElse() string {
	if !s.knowsVolumes {
		return ", and it is not known whether there is a volume for it"
	}
	return ", and no free volume fits it"
}

// className is the class that the claim gets.
func (s storage) className(c corev1.PersistentVolumeClaimSpec) string {
	if c.StorageClassName != nil {
		return *c.StorageClassName
	}
	for _, class := range s.classes {
		if class.Annotations[defaultClass] == "true" {
			return class.Name
		}
	}
	return ""
}

func (s storage) classNames() []string {
	var names []string
	for _, class := range s.classes {
		names = append(names, class.Name)
	}
	slices.Sort(names)
	return names
}

// volumeFor reports whether a volume that was made by hand is free for the claim.
func (s storage) volumeFor(c corev1.PersistentVolumeClaimSpec, class string) bool {
	size := c.Resources.Requests[corev1.ResourceStorage]
	return slices.ContainsFunc(s.volumes, func(v corev1.PersistentVolume) bool {
		has := v.Spec.Capacity[corev1.ResourceStorage]
		return v.Status.Phase == corev1.VolumeAvailable && v.Spec.StorageClassName == class && has.Cmp(size) >= 0 &&
			!slices.ContainsFunc(c.AccessModes, func(m corev1.PersistentVolumeAccessMode) bool { return !slices.Contains(v.Spec.AccessModes, m) })
	})
}
