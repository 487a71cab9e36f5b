// Package release keeps deployed recipes as Helm releases: it installs,
// upgrades, lists and removes them. It is the only package that knows
// helm/action, so that another Helm can take its place here.
//
// What it writes is what helm would write: `helm list`, `helm history` and
// `helm rollback` see every release made here.
package release

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/release"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/klog/v2"
)

// Release is one deployed recipe.
type Release struct {
	Name      string
	Namespace string
	Revision  int
	Status    string // in Helm's words: deployed, failed, pending-install, …
	Updated   time.Time
	Chart     string         // name of the chart that made it
	Manifest  string         // the YAML that was applied last
	Values    map[string]any // that the chart was rendered with
	Group     string         // as GroupLabel spells it, "" where it is no member of a group
	About     string         // what Helm says of the revision

	run string // who wrote the record, "" where helm itself did
}

// MadeBy returns an error where another chart than the named one made r.
func (r *Release) MadeBy(chart string) error {
	if r.Chart == chart {
		return nil
	}
	return fmt.Errorf("release %q in namespace %q belongs to chart %q: remove it, or give the recipe another deployment_name",
		r.Name, r.Namespace, r.Chart)
}

// pending reports whether a run is at work on r, or was killed while it was.
func (r *Release) pending() bool {
	return strings.HasPrefix(r.Status, "pending") || r.Status == release.StatusUninstalling.String()
}

// Client works on the releases of one namespace, or of all of them. It is not
// for several goroutines, as Helm's own code isn't.
type Client struct {
	// Say is told what takes time, or is not as expected.
	Say func(format string, args ...any)
	// Group is the group of which what is deployed is a member, or "".
	Group string

	config        *action.Configuration
	namespace     string
	allNamespaces bool
	run           string // tells the records of this run from those of others
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
	return &Client{
		Say:    func(string, ...any) {},
		config: config, namespace: namespace, allNamespaces: namespace == "",
		run: strings.ToLower(rand.Text()),
	}, nil
}

// Get returns the newest revision of a release, or ErrNotFound.
func (c *Client) Get(name string) (*Release, error) {
	r, err := action.NewGet(c.config).Run(name)
	if err != nil {
		return nil, c.notFound(name, err)
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
	converted := &Release{Name: r.Name, Namespace: r.Namespace, Revision: r.Version, Manifest: r.Manifest, Values: r.Config, Group: r.Labels[groupLabel], run: r.Labels[runLabel]}
	if r.Info != nil {
		converted.Status, converted.Updated = r.Info.Status.String(), r.Info.LastDeployed.Time
		converted.About = r.Info.Description
	}
	if r.Chart != nil && r.Chart.Metadata != nil {
		converted.Chart = r.Chart.Metadata.Name
	}
	return converted
}
