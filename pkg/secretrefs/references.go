package secretrefs

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// reference is one way in which a pod uses one Secret.
type reference struct {
	secret  string
	refKind RefKind
}

// references returns the Secrets that a pod refers to, which it reads itself: a
// Secret of a PersistentVolume is the cluster's, not the pod's.
func references(spec *corev1.PodSpec) []reference {
	var refs []reference
	add := func(secret string, refKind RefKind) {
		if secret != "" {
			refs = append(refs, reference{secret, refKind})
		}
	}
	for _, pull := range spec.ImagePullSecrets {
		add(pull.Name, ImagePull)
	}
	for _, c := range containers(spec) {
		for _, from := range c.EnvFrom {
			if from.SecretRef != nil {
				add(from.SecretRef.Name, Env)
			}
		}
		for _, env := range c.Env {
			if env.ValueFrom != nil && env.ValueFrom.SecretKeyRef != nil {
				add(env.ValueFrom.SecretKeyRef.Name, Env)
			}
		}
	}
	for i := range spec.Volumes {
		v := &spec.Volumes[i]
		add(storageSecret(&v.VolumeSource), Storage)
		for _, secret := range fileSecrets(&v.VolumeSource) {
			add(secret, mounted(spec, v.Name))
		}
	}
	return refs
}

// SecretNames are the Secrets that a pod refers to, each once, in alphabetical
// order.
func SecretNames(spec *corev1.PodSpec) []string {
	var names []string
	for _, ref := range references(spec) {
		names = append(names, ref.secret)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// container is a container of any kind.
type container struct {
	corev1.EphemeralContainerCommon
	ends bool // before the pod's work begins: an init container, but no sidecar
}

func containers(spec *corev1.PodSpec) []container {
	var all []container
	for _, c := range spec.InitContainers {
		sidecar := c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
		all = append(all, container{corev1.EphemeralContainerCommon(c), !sidecar})
	}
	for _, c := range spec.Containers {
		all = append(all, container{corev1.EphemeralContainerCommon(c), false})
	}
	for _, c := range spec.EphemeralContainers {
		all = append(all, container{c.EphemeralContainerCommon, false})
	}
	return all
}

// mounted tells whether the files of a volume are refreshed where they are
// mounted. A mount by subPath never is. Init containers have ended by then, so
// they count only where nothing else mounts the volume.
func mounted(spec *corev1.PodSpec, volume string) RefKind {
	refKind := Volume
	refreshed := false
	for _, c := range containers(spec) {
		for _, m := range c.VolumeMounts {
			switch {
			case m.Name != volume:
			case c.ends:
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

// fileSecrets returns the Secrets whose keys are the files of a volume.
func fileSecrets(v *corev1.VolumeSource) []string {
	var secrets []string
	if v.Secret != nil {
		secrets = append(secrets, v.Secret.SecretName)
	}
	if v.Projected != nil {
		for _, source := range v.Projected.Sources {
			if source.Secret != nil {
				secrets = append(secrets, source.Secret.Name)
			}
		}
	}
	return secrets
}

// storageSecret returns the Secret with which a volume of the pod is mounted,
// or "".
func storageSecret(v *corev1.VolumeSource) string {
	var ref *corev1.LocalObjectReference
	switch {
	case v.AzureFile != nil:
		return v.AzureFile.SecretName
	case v.CephFS != nil:
		ref = v.CephFS.SecretRef
	case v.Cinder != nil:
		ref = v.Cinder.SecretRef
	case v.CSI != nil:
		ref = v.CSI.NodePublishSecretRef
	case v.FlexVolume != nil:
		ref = v.FlexVolume.SecretRef
	case v.ISCSI != nil:
		ref = v.ISCSI.SecretRef
	case v.RBD != nil:
		ref = v.RBD.SecretRef
	case v.ScaleIO != nil:
		ref = v.ScaleIO.SecretRef
	case v.StorageOS != nil:
		ref = v.StorageOS.SecretRef
	}
	if ref == nil {
		return ""
	}
	return ref.Name
}
