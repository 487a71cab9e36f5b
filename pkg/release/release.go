// Package release keeps deployed recipes as Helm releases: it installs,
// upgrades, rolls back, lists and removes them. It is the only package that
// knows helm/action, so that another Helm can take its place here.
//
// What it writes is what helm would write: `helm list`, `helm history` and
// `helm rollback` see every release made here. Four things are added to Helm,
// each around a seam that Helm itself has:
//
//   - storageDriver (Helm's storage): the record that a run works on carries the run's
//     mark and a heartbeat, which tells a run that works from one that was killed.
//   - kubeClient (Helm's client of the cluster): what other revisions left is
//     removed, failed Jobs run again, and a server that is away is waited for.
//   - uninstall: all objects of all revisions go, not only those of the last one.
//   - rollout note: what did not work when it was watched has a note in its description.
package release

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"helm.sh/helm/v3/pkg/release"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Release is one revision of a deployed recipe.
type Release struct {
	Name        string
	Namespace   string
	Revision    int
	Status      string // in Helm's words: deployed, failed, pending-install, …
	Updated     time.Time
	Chart       string         // name of the chart that made it
	Manifest    string         // the YAML that was applied
	Values      map[string]any // that the chart was rendered with
	Group       string         // as GroupLabel spells it, "" where it is no member of a group
	Description string         // what Helm says of the revision

	applied []*unstructured.Unstructured
}

// AppliedObjects are the objects with all fields that may have been sent since a revision
// was deployed last, those of killed runs included: what an upgrade of r, which
// Get has returned, is compared with.
func (r *Release) AppliedObjects() []*unstructured.Unstructured { return r.applied }

// CheckChart returns an error where another chart than the named one made r.
func (r *Release) CheckChart(chart string) error {
	if r.Chart == chart {
		return nil
	}
	return fmt.Errorf("release %q in namespace %q belongs to chart %q: remove it with 'helm uninstall -n %[2]s %[1]s', or give the recipe another deployment_name",
		r.Name, r.Namespace, r.Chart)
}

// Uninstalling reports whether the release is being removed, or was removed and left
// only its history: what comes next owes it nothing.
func (r *Release) Uninstalling() bool {
	return r.Status == release.StatusUninstalling.String() || r.Status == release.StatusUninstalled.String()
}

// Get returns the newest revision of a release, or ErrNotFound.
func (c *Client) Get(name string) (*Release, error) {
	found, err := history(c.store, name)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, c.notFound(name)
	}
	newest := convert(found[len(found)-1])
	newest.applied = appliedObjects(sinceDeployed(found))
	return newest, nil
}

// History returns all revisions that are kept of a release, oldest first, or
// ErrNotFound.
func (c *Client) History(name string) ([]*Release, error) {
	found, err := history(c.store, name)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, c.notFound(name)
	}
	revisions := make([]*Release, len(found))
	for i, r := range found {
		revisions[i] = convert(r)
	}
	return revisions, nil
}

// List returns every release that a chart of the given name made, sorted by
// name and namespace.
func (c *Client) List(chartName string) ([]*Release, error) {
	found, err := c.store.List(func(r *release.Release) bool { return r.Info != nil }) // Helm's own would panic without
	if err != nil {
		return nil, fmt.Errorf("listing releases, which Helm keeps in Secrets: %w", serverError(err))
	}
	newest := map[[2]string]*release.Release{}
	for _, r := range found {
		key := [2]string{r.Name, r.Namespace}
		if last := newest[key]; last == nil || last.Version < r.Version {
			newest[key] = r
		}
	}
	var releases []*Release
	for _, r := range newest {
		if converted := convert(r); converted.Chart == chartName {
			releases = append(releases, converted)
		}
	}
	slices.SortFunc(releases, func(a, b *Release) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Namespace, b.Namespace))
	})
	return releases, nil
}

func convert(r *release.Release) *Release {
	converted := &Release{Name: r.Name, Namespace: r.Namespace, Revision: r.Version, Manifest: r.Manifest, Values: r.Config, Group: r.Labels[groupLabel]}
	if r.Info != nil {
		converted.Status, converted.Updated = r.Info.Status.String(), r.Info.LastDeployed.Time
		converted.Description = r.Info.Description
	}
	if r.Chart != nil && r.Chart.Metadata != nil {
		converted.Chart = r.Chart.Metadata.Name
	}
	return converted
}
