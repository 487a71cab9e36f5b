package node

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/third_party/forked/golang/expansion"
)

// environment returns a container's environment as NAME=VALUE, or the first reason why it
// cannot be made, in the order of the kubelet. It leaves out the fields of the pod and the
// addresses of Services.
func (r *references) environment(ctx context.Context, c *corev1.Container) ([]string, error) {
	result := map[string]string{}
	for _, from := range c.EnvFrom {
		var err error
		var values map[string]string
		var optional *bool
		switch {
		case from.ConfigMapRef != nil:
			optional = from.ConfigMapRef.Optional
			values, err = r.configMap(ctx, from.ConfigMapRef.Name)
		case from.SecretRef != nil:
			optional = from.SecretRef.Optional
			values, err = r.secret(ctx, from.SecretRef.Name)
		}
		if err != nil && !forgiven(err, optional) {
			return nil, err
		}
		for k, v := range values {
			result[from.Prefix+k] = v
		}
	}
	expand := expansion.MappingFuncFor(result)
	for _, v := range c.Env {
		if v.ValueFrom == nil {
			result[v.Name] = expansion.Expand(v.Value, expand)
			continue
		}
		value, found, err := r.variable(ctx, v.ValueFrom)
		if err != nil {
			return nil, err
		}
		if found {
			result[v.Name] = value
		}
	}
	all := make([]string, 0, len(result))
	for name, value := range result {
		all = append(all, name+"="+value)
	}
	return all, nil
}

// variable returns the value of a key. An optional one may be missing.
func (r *references) variable(ctx context.Context, from *corev1.EnvVarSource) (value string, found bool, err error) {
	switch {
	case from.ConfigMapKeyRef != nil:
		ref := from.ConfigMapKeyRef
		values, err := r.configMap(ctx, ref.Name)
		return r.key("ConfigMap", ref.Name, ref.Key, keys{values, err}, ref.Optional)
	case from.SecretKeyRef != nil:
		ref := from.SecretKeyRef
		values, err := r.secret(ctx, ref.Name)
		return r.key("Secret", ref.Name, ref.Key, keys{values, err}, ref.Optional)
	}
	return "", false, nil
}

func (r *references) key(kind, name, key string, k keys, optional *bool) (string, bool, error) {
	value, found := k.values[key]
	switch {
	case k.err != nil && !forgiven(k.err, optional):
		return "", false, k.err
	case k.err == nil && !found && (optional == nil || !*optional):
		return "", false, fmt.Errorf("couldn't find key %v in %s %v/%v", key, kind, r.namespace, name)
	}
	return value, found, nil
}
