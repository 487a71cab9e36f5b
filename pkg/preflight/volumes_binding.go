package preflight

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

const (
	defaultClass     = "storageclass.kubernetes.io/is-default-class"
	betaDefaultClass = "storageclass.beta.kubernetes.io/is-default-class"
	// manual is the provisioner of classes whose volumes an administrator creates.
	manual = "kubernetes.io/no-provisioner"
)

// unbindable returns why a claim cannot be bound, or "" if it may be bound:
// whether a provisioner is running cannot be checked.
func (s storage) unbindable(c corev1.PersistentVolumeClaimSpec) (what string, fix hint.Hint) {
	chooseClass := hint.Hint{Text: "choose an existing class with --set cluster.storageClass=NAME", Command: hint.Kubectl("get", "storageclasses")}
	if c.VolumeName != "" || s.volumeFor(c, s.className(c)) {
		return "", fix
	}
	name := s.className(c)
	if c.StorageClassName != nil && name == "" {
		return `its StorageClass "" disables provisioning` + s.nothingElse(), hint.Hint{Text: "ask an administrator to create a PersistentVolume"}
	}
	if name == "" {
		return "no StorageClass is set and no default exists" + s.nothingElse(), chooseClass
	}
	i := slices.IndexFunc(s.classes, func(class storagev1.StorageClass) bool { return class.Name == name })
	switch {
	case i < 0:
		return notFound("StorageClass", name, "the cluster", s.classNames()) + s.nothingElse(), chooseClass
	case s.classes[i].Provisioner == manual:
		chooseClass.Text = "ask an administrator to create a PersistentVolume, or " + chooseClass.Text
		return fmt.Sprintf("StorageClass %q does not provision volumes", name) + s.nothingElse(), chooseClass
	}
	return "", fix
}

// notFound returns the message for a missing name, with the names that exist,
// the most similar first.
func notFound(kind, name, place string, names []string) string {
	what := fmt.Sprintf("%s %q not found", kind, name)
	near := source.Nearest(name, names)
	if near != "" {
		what += fmt.Sprintf(" (did you mean %q?)", near)
		names = slices.Concat([]string{near}, slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == near }))
	}
	if len(names) == 0 {
		return what + "; " + place + " has none"
	}
	return what + "; " + place + " has " + listed(names)
}

// unchangeable returns why the server rejects a change of an existing claim,
// or "" if it accepts it.
func (s storage) unchangeable(live *corev1.PersistentVolumeClaim, wanted corev1.PersistentVolumeClaimSpec) (what, fix string) {
	const another = "restore it, or rename the volume for a new claim"
	has, wants := live.Spec.Resources.Requests[corev1.ResourceStorage], wanted.Resources.Requests[corev1.ResourceStorage]
	change := fmt.Sprintf("from %s to %s", has.String(), wants.String())
	class := ""
	if live.Spec.StorageClassName != nil {
		class = *live.Spec.StorageClassName
	}
	switch capacity := live.Status.Capacity[corev1.ResourceStorage]; {
	case wanted.StorageClassName != nil && *wanted.StorageClassName != class:
		return fmt.Sprintf("the StorageClass of an existing claim cannot change from %q to %q", class, *wanted.StorageClassName), another
	case !slices.Equal(wanted.AccessModes, live.Spec.AccessModes):
		return fmt.Sprintf("the access modes of an existing claim cannot change from %v to %v", live.Spec.AccessModes, wanted.AccessModes), another
	case wants.Cmp(has) == 0:
		return "", ""
	case live.Status.Phase != corev1.ClaimBound:
		return "its size cannot change " + change + " before it is bound", "restore the size in " + keysWord + ", or delete the claim"
	case wants.Cmp(has) < 0 && wants.Cmp(capacity) < 0:
		return fmt.Sprintf("its size cannot shrink %s; its volume has %s", change, capacity.String()), "restore the size in " + keysWord + ", or rename the volume for a new claim"
	case wants.Cmp(has) < 0 || !s.knowsClasses:
		return "", ""
	}
	i := slices.IndexFunc(s.classes, func(c storagev1.StorageClass) bool { return c.Name == class })
	if i < 0 || s.classes[i].AllowVolumeExpansion == nil || !*s.classes[i].AllowVolumeExpansion {
		return fmt.Sprintf("its size cannot grow %s; StorageClass %q does not allow volume expansion", change, class),
			"restore the size in " + keysWord + ", or ask an administrator to set allowVolumeExpansion"
	}
	return "", ""
}

// nothingElse returns whether an existing volume could be bound instead.
func (s storage) nothingElse() string {
	if !s.knowsVolumes {
		return "; existing PersistentVolumes could not be checked"
	}
	return "; no available PersistentVolume matches"
}

// className returns the class that the claim gets.
func (s storage) className(c corev1.PersistentVolumeClaimSpec) string {
	if c.StorageClassName != nil {
		return *c.StorageClassName
	}
	for _, class := range s.classes {
		if class.Annotations[defaultClass] == "true" || class.Annotations[betaDefaultClass] == "true" {
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

// volumeFor reports whether a free, manually created volume fits the claim.
func (s storage) volumeFor(c corev1.PersistentVolumeClaimSpec, class string) bool {
	size := c.Resources.Requests[corev1.ResourceStorage]
	return slices.ContainsFunc(s.volumes, func(v corev1.PersistentVolume) bool {
		has := v.Spec.Capacity[corev1.ResourceStorage]
		return v.Status.Phase == corev1.VolumeAvailable && v.Spec.StorageClassName == class && has.Cmp(size) >= 0 &&
			!slices.ContainsFunc(c.AccessModes, func(m corev1.PersistentVolumeAccessMode) bool { return !slices.Contains(v.Spec.AccessModes, m) })
	})
}
