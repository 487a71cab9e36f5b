package podspec

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// The kinds of the objects that pods refer to.
const (
	Secret    = "Secret"
	ConfigMap = "ConfigMap"
)

// Use is what a pod needs a Secret or a ConfigMap for.
type Use int

// The uses.
const (
	ImagePull Use = iota + 1 // credentials to pull images with
	EnvFrom                  // all keys as variables of a container
	Env                      // a key as a variable of a container
	Files                    // the files of a volume
	Projected                // some of the files of a projected volume
	Storage                  // credentials with which a storage driver mounts a volume
)

// Ref is a reference of a pod to a Secret or a ConfigMap.
type Ref struct {
	Kind      string
	Name      string
	Key       string // "" for all keys
	Use       Use
	Container string // of EnvFrom and Env
	Variable  string // of Env
	Volume    string // of Files, Projected and Storage
	Optional  bool   // the pod starts without it
}

// SecretRefs returns the references of a pod to Secrets. A Secret that a
// PersistentVolume names is not among them, as the cluster reads it.
func SecretRefs(spec *corev1.PodSpec) []Ref { return refs(spec, Secret) }

// ConfigMapRefs returns the references of a pod to ConfigMaps.
func ConfigMapRefs(spec *corev1.PodSpec) []Ref { return refs(spec, ConfigMap) }

// SecretNames returns the names of the Secrets that a pod refers to, each once, in
// alphabetical order.
func SecretNames(spec *corev1.PodSpec) []string {
	var names []string
	for _, ref := range SecretRefs(spec) {
		names = append(names, ref.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// SecretsRead returns the names of the Secrets that the pods of objects read, each
// once, in alphabetical order. It leaves out Secrets to pull images with, which
// containers never see, and Secrets among the objects.
func SecretsRead(objects []*unstructured.Unstructured) ([]string, error) {
	var names []string
	for _, o := range objects {
		pods, err := Of(o)
		if err != nil {
			return nil, err
		}
		for _, t := range pods.Templates {
			for _, ref := range SecretRefs(&t.Spec) {
				if ref.Use != ImagePull {
					names = append(names, ref.Name)
				}
			}
		}
	}
	for _, o := range objects {
		if o.GetKind() == Secret && o.GetAPIVersion() == "v1" {
			names = slices.DeleteFunc(names, func(name string) bool { return name == o.GetName() })
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

func refs(spec *corev1.PodSpec, kind string) []Ref {
	var all []Ref
	for _, pull := range spec.ImagePullSecrets {
		all = append(all, Ref{Kind: Secret, Name: pull.Name, Use: ImagePull})
	}
	for _, c := range Containers(spec) {
		all = append(all, containerRefs(c)...)
	}
	for i := range spec.Volumes {
		all = append(all, volumeRefs(&spec.Volumes[i])...)
	}
	return slices.DeleteFunc(all, func(r Ref) bool { return r.Kind != kind || r.Name == "" })
}

func containerRefs(c corev1.Container) []Ref {
	var all []Ref
	for _, from := range c.EnvFrom {
		if s := from.SecretRef; s != nil {
			all = append(all, Ref{Kind: Secret, Name: s.Name, Use: EnvFrom, Container: c.Name, Optional: isTrue(s.Optional)})
		}
		if m := from.ConfigMapRef; m != nil {
			all = append(all, Ref{Kind: ConfigMap, Name: m.Name, Use: EnvFrom, Container: c.Name, Optional: isTrue(m.Optional)})
		}
	}
	for _, env := range c.Env {
		if env.ValueFrom == nil {
			continue
		}
		if s := env.ValueFrom.SecretKeyRef; s != nil {
			all = append(all, Ref{Kind: Secret, Name: s.Name, Key: s.Key, Use: Env, Container: c.Name, Variable: env.Name, Optional: isTrue(s.Optional)})
		}
		if m := env.ValueFrom.ConfigMapKeyRef; m != nil {
			all = append(all, Ref{Kind: ConfigMap, Name: m.Name, Key: m.Key, Use: Env, Container: c.Name, Variable: env.Name, Optional: isTrue(m.Optional)})
		}
	}
	return all
}

func volumeRefs(v *corev1.Volume) []Ref {
	var all []Ref
	files := func(use Use, kind, name string, items []corev1.KeyToPath, optional *bool) {
		ref := Ref{Kind: kind, Name: name, Use: use, Volume: v.Name, Optional: isTrue(optional)}
		if len(items) == 0 {
			all = append(all, ref)
		}
		for _, item := range items {
			ref.Key = item.Key
			all = append(all, ref)
		}
	}
	if s := v.Secret; s != nil {
		files(Files, Secret, s.SecretName, s.Items, s.Optional)
	}
	if m := v.ConfigMap; m != nil {
		files(Files, ConfigMap, m.Name, m.Items, m.Optional)
	}
	if v.Projected != nil {
		for _, source := range v.Projected.Sources {
			if s := source.Secret; s != nil {
				files(Projected, Secret, s.Name, s.Items, s.Optional)
			}
			if m := source.ConfigMap; m != nil {
				files(Projected, ConfigMap, m.Name, m.Items, m.Optional)
			}
		}
	}
	return append(all, Ref{Kind: Secret, Name: storageSecret(v), Use: Storage, Volume: v.Name})
}

// storageSecret returns the Secret with which a storage driver mounts a volume, or
// "".
func storageSecret(v *corev1.Volume) string {
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

func isTrue(b *bool) bool { return b != nil && *b }
