package preflight

import corev1 "k8s.io/api/core/v1"

// need is a Secret, or a key of one, without which a pod does not start.
type need struct {
	object, where string
	secret        string
	key           string // "" for whatever keys it has
	file          bool   // it becomes a file, not a variable
}

// needs returns what the pod needs of Secrets, but for pulling its images.
func (p pod) needs() []need {
	var all []need
	add := func(where, secret, key string, file bool, optional *bool) {
		if secret != "" && (optional == nil || !*optional) {
			all = append(all, need{p.object, p.in(where), secret, key, file})
		}
	}
	for _, c := range p.containers() {
		in := "container " + c.Name + ": "
		for _, from := range c.EnvFrom {
			if ref := from.SecretRef; ref != nil {
				add(in+"envFrom", ref.Name, "", false, ref.Optional)
			}
		}
		for _, env := range c.Env {
			if env.ValueFrom != nil && env.ValueFrom.SecretKeyRef != nil {
				ref := env.ValueFrom.SecretKeyRef
				add(in+"env "+env.Name, ref.Name, ref.Key, false, ref.Optional)
			}
		}
	}
	files := func(volume, secret string, items []corev1.KeyToPath, optional *bool) {
		if len(items) == 0 {
			add("volume "+volume, secret, "", true, optional)
		}
		for _, item := range items {
			add("volume "+volume, secret, item.Key, true, optional)
		}
	}
	for _, v := range p.spec.Volumes {
		if v.Secret != nil {
			files(v.Name, v.Secret.SecretName, v.Secret.Items, v.Secret.Optional)
		}
		if v.Projected != nil {
			for _, source := range v.Projected.Sources {
				if source.Secret != nil {
					files(v.Name, source.Secret.Name, source.Secret.Items, source.Secret.Optional)
				}
			}
		}
	}
	return all
}

// pullSecrets returns the names of the pod's pull secrets.
func (p pod) pullSecrets() []string {
	var names []string
	for _, ref := range p.spec.ImagePullSecrets {
		if ref.Name != "" {
			names = append(names, ref.Name)
		}
	}
	return names
}
