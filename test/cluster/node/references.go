package node

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/client-go/kubernetes"
)

// references reads the Secrets and ConfigMaps of one namespace, each at most
// once. Its errors are worded as the kubelet words them.
type references struct {
	client     kubernetes.Interface
	namespace  string
	secrets    map[string]keys
	configMaps map[string]keys
}

// keys are the keys of a Secret or a ConfigMap with their values, or why there are none.
type keys struct {
	values map[string]string
	err    error
}

// errNotFound is wrapped by the errors that an optional reference forgives.
var errNotFound = errors.New("not found")

func newReferences(client kubernetes.Interface, namespace string) *references {
	return &references{client, namespace, map[string]keys{}, map[string]keys{}}
}

func (r *references) secret(ctx context.Context, name string) (map[string]string, error) {
	k, ok := r.secrets[name]
	if !ok {
		s, err := r.client.CoreV1().Secrets(r.namespace).Get(ctx, name, metav1.GetOptions{})
		k = newKeys("secret", name, err)
		if err == nil {
			add(k.values, s.Data)
		}
		r.secrets[name] = k
	}
	return k.values, k.err
}

func (r *references) configMap(ctx context.Context, name string) (map[string]string, error) {
	k, ok := r.configMaps[name]
	if !ok {
		m, err := r.client.CoreV1().ConfigMaps(r.namespace).Get(ctx, name, metav1.GetOptions{})
		k = newKeys("configmap", name, err)
		if err == nil {
			add(k.values, m.Data)
			add(k.values, m.BinaryData)
		}
		r.configMaps[name] = k
	}
	return k.values, k.err
}

func newKeys(kind, name string, err error) keys {
	if apierrors.IsNotFound(err) {
		err = fmt.Errorf("%s %q %w", kind, name, errNotFound)
	}
	return keys{map[string]string{}, err}
}

func add[V string | []byte](values map[string]string, data map[string]V) {
	for k, v := range data {
		values[k] = string(v)
	}
}

// volume returns why a volume cannot be set up.
func (r *references) volume(ctx context.Context, v corev1.VolumeSource) error {
	switch {
	case v.Secret != nil:
		return r.secretItems(ctx, v.Secret.SecretName, v.Secret.Items, v.Secret.Optional)
	case v.ConfigMap != nil:
		return r.configMapItems(ctx, v.ConfigMap.Name, v.ConfigMap.Items, v.ConfigMap.Optional)
	case v.Projected != nil:
		var errs []error
		for _, s := range v.Projected.Sources {
			switch {
			case s.Secret != nil:
				errs = append(errs, r.secretItems(ctx, s.Secret.Name, s.Secret.Items, s.Secret.Optional))
			case s.ConfigMap != nil:
				errs = append(errs, r.configMapItems(ctx, s.ConfigMap.Name, s.ConfigMap.Items, s.ConfigMap.Optional))
			}
		}
		return utilerrors.NewAggregate(errs) // drops the nil ones
	}
	return nil
}

func (r *references) secretItems(ctx context.Context, name string, items []corev1.KeyToPath, optional *bool) error {
	values, err := r.secret(ctx, name)
	return missingItem("references non-existent secret key: %s", values, err, items, optional)
}

func (r *references) configMapItems(ctx context.Context, name string, items []corev1.KeyToPath, optional *bool) error {
	values, err := r.configMap(ctx, name)
	return missingItem("configmap references non-existent config key: %s", values, err, items, optional)
}

func missingItem(format string, values map[string]string, err error, items []corev1.KeyToPath, optional *bool) error {
	if forgiven(err, optional) {
		return nil
	}
	for _, item := range items {
		if _, found := values[item.Key]; err == nil && !found && (optional == nil || !*optional) {
			return fmt.Errorf(format, item.Key)
		}
	}
	return err
}

func forgiven(err error, optional *bool) bool {
	return errors.Is(err, errNotFound) && optional != nil && *optional
}
