package secretrefs

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
)

// reference is one reference of a pod to a Secret.
type reference struct {
	secret  string
	refKind RefKind
}

// references returns the references of a pod to Secrets.
func references(spec *corev1.PodSpec) []reference {
	var refs []reference
	for _, ref := range podspec.SecretRefs(spec) {
		refs = append(refs, reference{ref.Name, refKind(spec, ref)})
	}
	return refs
}

func refKind(spec *corev1.PodSpec, ref podspec.Ref) RefKind {
	switch ref.Use {
	case podspec.ImagePull:
		return ImagePull
	case podspec.Storage:
		return Storage
	case podspec.Files, podspec.Projected:
		return mounted(spec, ref.Volume)
	}
	return Env
}

// mounted returns whether the kubelet refreshes the files of a volume (Volume) or not
// (VolumeAtStart). It never refreshes a mount with subPath. Mounts of init containers,
// which have ended by then, count only if no other container mounts the volume.
func mounted(spec *corev1.PodSpec, volume string) RefKind {
	refKind := Volume
	refreshed := false
	for i, c := range podspec.Containers(spec) {
		ends := i < len(spec.InitContainers) && !podspec.IsSidecar(c) // before the pod's work begins
		for _, m := range c.VolumeMounts {
			switch {
			case m.Name != volume:
			case ends:
				refKind = VolumeAtStart
			case m.SubPath != "" || m.SubPathExpr != "":
				return VolumeAtStart
			default:
				refreshed = true
			}
		}
	}
	if refreshed {
		return Volume
	}
	return refKind
}
