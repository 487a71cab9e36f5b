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

// Client manages the releases of one namespace, or lists those of all namespaces. It is
// safe for concurrent use once its fields are set.
type Client struct {
	// Log receives progress and warnings. Calls may come from several goroutines. One run
	// makes one call at a time.
	Log func(format string, args ...any)
	// Redact removes secret values from a text, such as a server error.
	Redact func(text string) string
	// Group is the group that deployed releases belong to, or "".
	Group string

	getter          genericclioptions.RESTClientGetter
	namespace       string
	store           driver.Driver
	storageResource string // the resource that stores releases, or "" for a database

	dynamic dynamic.Interface
	mapper  meta.RESTMapper
}

// NewClient returns a client for namespace; "" means all namespaces, which only List
// supports. It uses Helm's storage driver, as set by HELM_DRIVER. It sends no request.
func NewClient(getter genericclioptions.RESTClientGetter, namespace string) (*Client, error) {
	helmDriver := os.Getenv("HELM_DRIVER")
	if helmDriver == "memory" {
		return nil, errors.New("HELM_DRIVER=memory cannot store releases; unset it")
	}
	config := &action.Configuration{}
	if err := config.Init(getter, namespace, helmDriver, debug); err != nil {
		return nil, fmt.Errorf("cannot initialize helm: %w", err)
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

// StorageResource returns the resource that stores releases, "secrets" or "configmaps",
// or "" for a database.
func (c *Client) StorageResource() string { return c.storageResource }

// StoresInSecrets reports whether stored releases are protected like Secrets, which may
// be among their objects. It is false only for ConfigMaps.
func (c *Client) StoresInSecrets() bool { return c.storageResource != "configmaps" }

// configuration returns Helm's configuration for one action.
func (c *Client) configuration(store driver.Driver, client kube.Interface) *action.Configuration {
	return &action.Configuration{RESTClientGetter: c.getter, KubeClient: client, Releases: storage.Init(store), Log: c.log}
}

func (c *Client) newKubeClient(getter genericclioptions.RESTClientGetter) *kube.Client {
	client := kube.New(getter)
	client.Log = c.log
	return client
}

// log passes on the log of Helm, redacted because it quotes servers.
func (c *Client) log(format string, args ...any) { debug("%s", c.Redact(fmt.Sprintf(format, args...))) }

func debug(format string, args ...any) { klog.V(4).Infof("helm: "+format, args...) }

// serverError returns the server's response in err without Helm's prefixes, or err if it
// has none.
func serverError(err error) error {
	if answer := (*apierrors.StatusError)(nil); errors.As(err, &answer) {
		return answer
	}
	return err
}
