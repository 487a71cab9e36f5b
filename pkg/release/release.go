// Package release stores deployed recipes as Helm releases: it installs, upgrades,
// rolls back, lists and removes them. It is the only package that imports
// helm/action, so that Helm can be replaced in one place.
//
// Its records are those of helm: `helm list`, `helm history` and `helm rollback`
// work on every release. It extends Helm through Helm's own interfaces:
//
//   - storageDriver (driver.Driver): the record of a run holds a lease, which
//     distinguishes a run in progress from one that was killed.
//   - kubeClient (kube.Client): prunes the objects of other revisions, runs failed
//     Jobs again and retries while the server is unavailable.
//   - Uninstall: removes the objects of all revisions, not only of the last one.
//   - NoteRolloutFailed: marks revisions whose rollout failed.
package release

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"helm.sh/helm/v3/pkg/release"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
)

// Release is one revision of a deployed recipe.
type Release struct {
	Name        string
	Namespace   string
	Revision    int
	Status      string // Helm's status: deployed, failed, pending-install, …
	Updated     time.Time
	Chart       string         // chart name
	Manifest    string         // applied YAML
	Values      map[string]any // chart values
	Group       string         // as returned by GroupLabel, or ""
	Description string         // Helm's description of the revision

	// RolloutFailed reports whether the last watched rollout of the revision failed.
	RolloutFailed bool

	applied []*unstructured.Unstructured
}

// AppliedObjects returns every object that may have been applied since a revision was
// last deployed, with all its fields, including those of killed runs. An upgrade is
// compared with them. Only Get sets them.
func (r *Release) AppliedObjects() []*unstructured.Unstructured { return r.applied }

// CheckChart returns an error if another chart made r.
func (r *Release) CheckChart(chart string) error {
	if r.Chart == chart {
		return nil
	}
	err := fmt.Errorf("release %q in namespace %q belongs to chart %q", r.Name, r.Namespace, r.Chart)
	return hint.Run(err, "choose another deployment_name, or uninstall it", hint.Command{"helm", "uninstall", "-n", r.Namespace, r.Name})
}

// Uninstalling reports whether the release is being removed, or was removed and only its
// history is left.
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

// History returns all stored revisions of a release, oldest first, or ErrNotFound.
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

// List returns the newest revision of every release made by the named chart, sorted by
// name and namespace.
func (c *Client) List(chartName string) ([]*Release, error) {
	found, err := c.store.List(func(r *release.Release) bool { return r.Info != nil }) // Helm's own filter panics without Info
	if err != nil {
		return nil, fmt.Errorf("cannot list Helm releases: %w", serverError(err))
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
	converted := &Release{Name: r.Name, Namespace: r.Namespace, Revision: r.Version, Manifest: r.Manifest, Values: r.Config, Group: r.Labels[groupLabel], RolloutFailed: rolloutFailed(r)}
	if r.Info != nil {
		converted.Status, converted.Updated = r.Info.Status.String(), r.Info.LastDeployed.Time
		converted.Description = r.Info.Description
	}
	if r.Chart != nil && r.Chart.Metadata != nil {
		converted.Chart = r.Chart.Metadata.Name
	}
	return converted
}
