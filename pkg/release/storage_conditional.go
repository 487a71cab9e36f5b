package release

import (
	"context"
	"fmt"
	"sync"

	"helm.sh/helm/v3/pkg/storage/driver"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	typedv1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
)

// conditionalDriver returns Helm's storage driver with conditional updates: they fail if
// a record has changed since it was last read. A SQL driver has no resource versions
// and is returned unchanged.
func (c *Client) conditionalDriver(config *rest.Config) (driver.Driver, error) {
	if c.storageResource == "" {
		return c.store, nil
	}
	clients, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	read := &versions{of: map[string]string{}}
	if c.storageResource == "configmaps" {
		return driver.NewConfigMaps(configMapsAsRead{clients.CoreV1().ConfigMaps(c.namespace), read}), nil
	}
	return driver.NewSecrets(secretsAsRead{clients.CoreV1().Secrets(c.namespace), read}), nil
}

// versions holds the resource version of each record that was read.
type versions struct {
	mu sync.Mutex
	of map[string]string
}

func (v *versions) read(o metav1.Object) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.of[o.GetName()] = o.GetResourceVersion()
}

// pin makes an update of o conditional on the version that was read. It can be used once
// per read.
func (v *versions) pin(o metav1.Object) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	version, ok := v.of[o.GetName()]
	if !ok {
		return fmt.Errorf("cannot update record %s: it was not read before", o.GetName())
	}
	delete(v.of, o.GetName())
	o.SetResourceVersion(version)
	return nil
}

type secretsAsRead struct {
	typedv1.SecretInterface
	versions *versions
}

func (s secretsAsRead) Get(ctx context.Context, name string, options metav1.GetOptions) (*corev1.Secret, error) {
	found, err := s.SecretInterface.Get(ctx, name, options)
	if err == nil {
		s.versions.read(found)
	}
	return found, err
}

func (s secretsAsRead) Update(ctx context.Context, o *corev1.Secret, options metav1.UpdateOptions) (*corev1.Secret, error) {
	if err := s.versions.pin(o); err != nil {
		return nil, err
	}
	return s.SecretInterface.Update(ctx, o, options)
}

type configMapsAsRead struct {
	typedv1.ConfigMapInterface
	versions *versions
}

func (s configMapsAsRead) Get(ctx context.Context, name string, options metav1.GetOptions) (*corev1.ConfigMap, error) {
	found, err := s.ConfigMapInterface.Get(ctx, name, options)
	if err == nil {
		s.versions.read(found)
	}
	return found, err
}

func (s configMapsAsRead) Update(ctx context.Context, o *corev1.ConfigMap, options metav1.UpdateOptions) (*corev1.ConfigMap, error) {
	if err := s.versions.pin(o); err != nil {
		return nil, err
	}
	return s.ConfigMapInterface.Update(ctx, o, options)
}
