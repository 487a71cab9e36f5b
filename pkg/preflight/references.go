package preflight

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
)

// need is a Secret or ConfigMap, or a key of one, that a pod needs to start.
type need struct {
	podspec.Ref
	pod *pod
}

// found returns a new finding about needs that have the same cause.
func found(needs []need, rule string) Finding {
	n := needs[0]
	f := n.pod.found(Error, rule, where(needs))
	f.Field, f.Values = n.field(), []string{n.Name}
	return f
}

// where returns the part of the pod that has the reference.
func (n need) where() string {
	switch n.Use {
	case podspec.EnvFrom:
		return "container " + n.Container + ": envFrom"
	case podspec.Env:
		return "container " + n.Container + ": env " + n.Variable
	}
	return "volume " + n.Volume
}

// field returns the field of the reference, or "" if no recipe key sets it.
func (n need) field() field.Path {
	switch {
	case n.Kind == podspec.Secret && n.Use == podspec.Env:
		return n.pod.either(n.Container, field.EnvSecret, field.CopyEnvSecret)
	case n.Kind == podspec.Secret && n.Use == podspec.Files:
		return field.SecretVolume
	case n.Kind == podspec.ConfigMap && n.Use == podspec.Files:
		return field.ConfigMapVolume
	}
	return ""
}

// needsOf returns the references that pods need to start: all that refs returns
// except pull secrets and optional ones.
func needsOf(pods []*pod, refs func(*corev1.PodSpec) []podspec.Ref) []need {
	var all []need
	for _, p := range pods {
		for _, ref := range refs(&p.spec) {
			if ref.Use != podspec.ImagePull && !ref.Optional {
				all = append(all, need{ref, p})
			}
		}
	}
	return all
}

// byUse groups needs that share a finding: needs of the same Secret or ConfigMap, and
// of the same key unless it is missing.
func byUse(needs []need, missing func(name string) bool) [][]need {
	type use struct{ release, object, name, key string }
	var uses [][]need
	index := map[use]int{}
	for _, n := range needs {
		u := use{n.pod.release, n.pod.object, n.Name, n.Key}
		if missing(n.Name) {
			u.key = "" // all keys at once
		}
		i, known := index[u]
		if !known {
			i = len(uses)
			index[u] = i
			uses = append(uses, nil)
		}
		uses[i] = append(uses[i], n)
	}
	return uses
}

// pullSecrets returns the names of the pull secrets of the pod, including those
// of its ServiceAccount.
func (p *pod) pullSecrets() []string {
	var names []string
	for _, ref := range p.admitted.ImagePullSecrets {
		if ref.Name != "" {
			names = append(names, ref.Name)
		}
	}
	return names
}

// ownPullSecrets reports whether the pod itself names its pull secrets.
func (p *pod) ownPullSecrets() bool { return len(p.spec.ImagePullSecrets) > 0 }
