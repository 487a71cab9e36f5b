// Package release keeps deployed recipes as Helm releases: it installs,
// upgrades, lists and removes them. It is the only package that knows
// helm/action, so that another Helm can take its place here.
//
// What it writes is what helm would write: `helm list`, `helm history` and
// `helm rollback` see every release made here.
package release

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/klog/v2"
)

// ErrNotFound says that there is no release of that name.
var ErrNotFound = errors.New("release not found")

// Release is one deployed recipe.
type Release struct {
	Name      string
	Namespace string
	Revision  int
	Status    string // in Helm's words: deployed, failed, pending-install, …
	Updated   time.Time
	Chart     string // name of the chart that made it
	Manifest  string // the YAML that was applied last
	Values    map[string]any
}

// MadeBy returns an error where another chart than the named one made r.
func (r *Release) MadeBy(chart string) error {
	if r.Chart == chart {
		return nil
	}
	return fmt.Errorf("release %q in namespace %q belongs to chart %q: remove it, or give the recipe another deployment_name",
		r.Name, r.Namespace, r.Chart)
}

// Upgradable returns an error where Helm would not take a new revision of r:
// while another run works on it, or after one that was killed.
func (r *Release) Upgradable() error {
	if !strings.HasPrefix(r.Status, "pending") && !strings.HasPrefix(r.Status, "uninstall") {
		return nil
	}
	return fmt.Errorf("release %q in namespace %q is %s: another run works on it, or was killed; wait for it, or remove the release with 'kubectl blueprint undeploy %[1]s' and deploy again",
		r.Name, r.Namespace, r.Status)
}

// Client works on the releases of one namespace, or of all of them.
type Client struct {
	config        *action.Configuration
	namespace     string
	allNamespaces bool
}

// NewClient returns a client for namespace; "" means all namespaces, which only
// List can serve. Releases are stored where helm stores them, HELM_DRIVER
// included.
func NewClient(getter genericclioptions.RESTClientGetter, namespace string) (*Client, error) {
	storage := os.Getenv("HELM_DRIVER")
	if storage == "memory" {
		return nil, errors.New("HELM_DRIVER=memory would forget the release at once: unset it")
	}
	config := &action.Configuration{}
	debug := func(format string, args ...any) { klog.V(4).Infof("helm: "+format, args...) }
	if err := config.Init(getter, namespace, storage, debug); err != nil {
		return nil, fmt.Errorf("preparing helm: %w", err)
	}
	return &Client{config: config, namespace: namespace, allNamespaces: namespace == ""}, nil
}

// Get returns the newest revision of a release, or ErrNotFound.
func (c *Client) Get(name string) (*Release, error) {
	r, err := action.NewGet(c.config).Run(name)
	if errors.Is(err, driver.ErrReleaseNotFound) {
		return nil, fmt.Errorf("%w: %q in namespace %q", ErrNotFound, name, c.namespace)
	}
	if err != nil {
		return nil, fmt.Errorf("reading release %q: %w", name, err)
	}
	return convert(r), nil
}

// List returns every release that a chart of the given name made, sorted by
// name and namespace.
func (c *Client) List(chartName string) ([]*Release, error) {
	list := action.NewList(c.config)
	list.All, list.AllNamespaces = true, c.allNamespaces
	list.SetStateMask()
	found, err := list.Run()
	if err != nil {
		return nil, fmt.Errorf("listing releases: %w", err)
	}
	releases := make([]*Release, 0, len(found))
	for _, r := range found {
		if converted := convert(r); converted.Chart == chartName {
			releases = append(releases, converted)
		}
	}
	return releases, nil
}

func convert(r *release.Release) *Release {
	converted := &Release{Name: r.Name, Namespace: r.Namespace, Revision: r.Version, Manifest: r.Manifest, Values: r.Config}
	if r.Info != nil {
		converted.Status, converted.Updated = r.Info.Status.String(), r.Info.LastDeployed.Time
	}
	if r.Chart != nil && r.Chart.Metadata != nil {
		converted.Chart = r.Chart.Metadata.Name
	}
	return converted
}

// Uninstall removes a release and its objects, and returns what was removed.
func (c *Client) Uninstall(name string) (*Release, error) {
	removed, err := action.NewUninstall(c.config).Run(name)
	if err != nil {
		if errors.Is(err, driver.ErrReleaseNotFound) {
			return nil, fmt.Errorf("%w: %q in namespace %q", ErrNotFound, name, c.namespace)
		}
		return nil, fmt.Errorf("removing release %q: %w", name, err)
	}
	return convert(removed.Release), nil
}
