package preflight

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
)

// The kinds of what pods refer to by name and key.
const (
	kindSecret    = "Secret"
	kindConfigMap = "ConfigMap"
)

// need is a Secret or a ConfigMap, or a key of one, without which a pod does not
// start.
type need struct {
	pod   *pod
	where string
	field field.Path // as in Finding

	kind string
	name string
	key  string // "" for whatever keys it has
	file bool   // it becomes a file, not a variable
}

// found returns a new finding about needs that have the same cause.
func found(needs []need, rule string) Finding {
	n := needs[0]
	f := n.pod.found(Error, rule, where(needs))
	f.Field, f.Values = n.field, []string{n.name}
	return f
}

// needs returns the Secrets and ConfigMaps that the pod needs, except its pull
// secrets.
func (p *pod) needs() []need {
	var all []need
	for _, c := range p.containers() {
		in := "container " + c.Name + ": "
		for _, from := range c.EnvFrom {
			n := need{where: in + "envFrom"}
			if ref := from.SecretRef; ref != nil {
				all = p.add(all, n.of(kindSecret, ref.Name, ""), ref.Optional)
			}
			if ref := from.ConfigMapRef; ref != nil {
				all = p.add(all, n.of(kindConfigMap, ref.Name, ""), ref.Optional)
			}
		}
		for _, env := range c.Env {
			if env.ValueFrom == nil {
				continue
			}
			n := need{where: in + "env " + env.Name}
			if ref := env.ValueFrom.SecretKeyRef; ref != nil {
				n.field = p.either(c.Name, field.EnvSecret, field.CopyEnvSecret)
				all = p.add(all, n.of(kindSecret, ref.Name, ref.Key), ref.Optional)
			}
			if ref := env.ValueFrom.ConfigMapKeyRef; ref != nil {
				all = p.add(all, n.of(kindConfigMap, ref.Name, ref.Key), ref.Optional)
			}
		}
	}
	return append(all, p.files()...)
}

// files returns the needs that the pod mounts as files.
func (p *pod) files() []need {
	var all []need
	for _, v := range p.spec.Volumes {
		add := func(kind, name string, of field.Path, items []corev1.KeyToPath, optional *bool) {
			n := need{where: "volume " + v.Name, field: of, file: true}
			if len(items) == 0 {
				all = p.add(all, n.of(kind, name, ""), optional)
			}
			for _, item := range items {
				all = p.add(all, n.of(kind, name, item.Key), optional)
			}
		}
		if s := v.Secret; s != nil {
			add(kindSecret, s.SecretName, field.SecretVolume, s.Items, s.Optional)
		}
		if s := v.ConfigMap; s != nil {
			add(kindConfigMap, s.Name, field.ConfigMapVolume, s.Items, s.Optional)
		}
		if v.Projected == nil {
			continue
		}
		for _, source := range v.Projected.Sources {
			if s := source.Secret; s != nil {
				add(kindSecret, s.Name, "", s.Items, s.Optional)
			}
			if s := source.ConfigMap; s != nil {
				add(kindConfigMap, s.Name, "", s.Items, s.Optional)
			}
		}
	}
	return all
}

func (n need) of(kind, name, key string) need {
	n.kind, n.name, n.key = kind, name, key
	return n
}

func (p *pod) add(all []need, n need, optional *bool) []need {
	if n.name == "" || optional != nil && *optional {
		return all
	}
	n.pod = p
	return append(all, n)
}

// needsOf returns the needs of one kind.
func needsOf(pods []*pod, kind string) []need {
	var all []need
	for _, p := range pods {
		for _, n := range p.needs() {
			if n.kind == kind {
				all = append(all, n)
			}
		}
	}
	return all
}

// byUse groups needs that share a finding: those of one object and one key, or
// of one object if it is missing.
func byUse(needs []need, missing func(name string) bool) [][]need {
	type use struct{ release, object, name, key string }
	var uses [][]need
	index := map[use]int{}
	for _, n := range needs {
		u := use{n.pod.release, n.pod.object, n.name, n.key}
		if missing(n.name) {
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
