package release

import (
	"errors"
	"fmt"
	"os"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/kube"
	"helm.sh/helm/v3/pkg/storage"
	"helm.sh/helm/v3/pkg/storage/driver"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/dynamic"
	"k8s.io/klog/v2"
)

// Client works on the releases of one namespace, or lists those of all of them.
// Several goroutines may share it: each call has what it changes for itself.
type Client struct {
	// Log is told what takes time, or is not as expected. Calls come from
	// several goroutines, one at a time.
	Log func(format string, args ...any)
	// Redact takes from a text, which may quote the server, what nobody is to see.
	Redact func(text string) string
	// Group is the group of which what is deployed is a member, or "".
	Group string

	getter          genericclioptions.RESTClientGetter
	namespace       string
	store           driver.Driver
	storageResource string // the resource that keeps records, or "" where it is none of the cluster's

	dynamic dynamic.Interface
	mapper  meta.RESTMapper
}

// NewClient returns a client for namespace; "" means all namespaces, which only
// List can serve. Releases are stored where helm stores them, HELM_DRIVER
// included. Nothing is asked of the server yet.
func NewClient(getter genericclioptions.RESTClientGetter, namespace string) (*Client, error) {
	helmDriver := os.Getenv("HELM_DRIVER")
	if helmDriver == "memory" {
		return nil, errors.New("HELM_DRIVER=memory would forget the release at once: unset it")
	}
	config := &action.Configuration{}
	if err := config.Init(getter, namespace, helmDriver, debug); err != nil {
		return nil, fmt.Errorf("preparing helm: %w", err)
	}
	c := &Client{Log: func(string, ...any) {}, Redact: func(text string) string { return text }, getter: getter, namespace: namespace, store: config.Releases.Driver}
	switch c.store.Name() {
	case driver.SecretsDriverName:
		c.storageResource = "secrets"
	case driver.ConfigMapsDriverName:
		c.storageResource = "configmaps"
	}
	rest, err := getter.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	if c.dynamic, err = dynamic.NewForConfig(rest); err != nil {
		return nil, err
	}
	c.mapper, err = getter.ToRESTMapper()
	return c, err
}

// StorageResource is the resource of the cluster in which Helm keeps releases, or "" where
// a database does.
func (c *Client) StorageResource() string { return c.storageResource }

// StoresInSecrets reports whether what is kept of a release is as hard to read as a
// Secret, which may be among its objects.
func (c *Client) StoresInSecrets() bool { return c.storageResource != "configmaps" }

// configuration is Helm's, for one action.
func (c *Client) configuration(store driver.Driver, client kube.Interface) *action.Configuration {
	return &action.Configuration{RESTClientGetter: c.getter, KubeClient: client, Releases: storage.Init(store), Log: c.log}
}

func (c *Client) newKubeClient(getter genericclioptions.RESTClientGetter) *kube.Client {
	client := kube.New(getter)
	client.Log = c.log
	return client
}

// log passes on what Helm logs, which quotes servers.
func (c *Client) log(format string, args ...any) { debug("%s", c.Redact(fmt.Sprintf(format, args...))) }

func debug(format string, args ...any) { klog.V(4).Infof("helm: "+format, args...) }

// serverError are the server's, where an error is its answer: Helm puts some before
// them that say the same.
func serverError(err error) error {
	if answer := (*apierrors.StatusError)(nil); errors.As(err, &answer) {
		return answer
	}
	return err
}
