package release

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/releaseutil"
	helmtime "helm.sh/helm/v3/pkg/time"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
)

// UninstallOptions is how Uninstall removes.
type UninstallOptions struct {
	Volumes bool          // remove claims of volumes that the chart says to keep
	Timeout time.Duration // how long to wait until all objects are gone; 0: not at all
	DryRun  bool          // have the server try it, and remove nothing
	Basis   *Basis        // what the removal was decided on, or nil
}

// UninstallResult is what Uninstall has found, by name.
type UninstallResult struct {
	Deleted, Kept []string
}

// Uninstall removes a release, its history and its objects: those that any
// revision may have left, for Helm would remove those of the last one alone. It
// goes on from where another one was cut off, and has nothing to do, ErrNotFound,
// where one has ended.
//
// The removal is a revision of its own, until it is through: so it is one of
// several runs that wins, and what is to go is known if it is killed.
func (c *Client) Uninstall(ctx context.Context, name string, how UninstallOptions) (UninstallResult, error) {
	r, err := c.newRun(ctx, name)
	if err != nil {
		return UninstallResult{}, err
	}
	r.forceTakeover, r.basis = true, how.Basis
	found, err := r.uninstall(how)
	if err != nil {
		return UninstallResult{}, fmt.Errorf("removing %s: %w", name, c.redactError(err))
	}
	return found, nil
}

func (r *run) uninstall(how UninstallOptions) (UninstallResult, error) {
	ready := r.recoverPending
	if how.DryRun {
		ready = r.loadHistory
	}
	if err := ready(); err != nil {
		return UninstallResult{}, err
	}
	last := r.last()
	if last == nil {
		return UninstallResult{}, r.notFound(r.name)
	}
	going := appliedObjects(sinceDeployed(r.past))
	if last.Info.Status == release.StatusUninstalled {
		going = nil
	}
	if how.DryRun {
		return r.deleteObjects(going, how)
	}
	marker, err := r.createMarker(last, going)
	if err != nil {
		return UninstallResult{}, err
	}
	defer func() { r.lease.release() }()
	found, err := r.deleteObjects(going, how)
	if err != nil {
		marker.SetStatus(release.StatusFailed, "Removal failed: "+err.Error())
		if failed := (storageDriver{r.store, r}).Update(recordKey(marker), marker); errors.Is(failed, ErrLost) {
			return UninstallResult{}, failed
		}
		return UninstallResult{}, err // which tells more than why it can't be recorded
	}
	for _, record := range append(r.past, marker) { // the removal's own is the last to go
		if _, err := (storageDriver{r.store, r}).Delete(recordKey(record)); err != nil {
			return UninstallResult{}, err
		}
	}
	return found, nil
}

// createMarker makes the record of the removal. Where no more records may be made, as
// in a namespace that is at its quota, the last one has to do.
func (r *run) createMarker(last *release.Release, going []*unstructured.Unstructured) (*release.Release, error) {
	marker := *last
	info := *last.Info
	info.Status, info.Description, info.LastDeployed, info.Deleted = release.StatusUninstalling, "Removal under way", helmtime.Now(), helmtime.Now()
	marker.Labels = maps.Clone(last.Labels)
	if marker.Labels == nil {
		marker.Labels = map[string]string{}
	}
	marker.Labels[runLabel] = r.id
	marker.Info, marker.Version = &info, last.Version+1
	if err := r.setManifest(&marker, going); err != nil {
		return nil, err
	}
	err := (storageDriver{r.store, r}).Create(recordKey(&marker), &marker)
	if !apierrors.IsForbidden(err) {
		return &marker, err
	}
	now := time.Now()
	marker.Version = last.Version
	r.past = r.past[:len(r.past)-1]
	if r.recordObjects() != nil {
		if err := r.retry(func() error { return r.takeOver(last, "") }); err != nil {
			return nil, err
		}
	}
	r.acquire(recordKey(&marker), now)
	return &marker, (storageDriver{r.store, r}).Update(recordKey(&marker), &marker)
}

// setManifest makes objects the manifest of a removal's record: of all revisions
// together, they may be too large for one. Then their names have to do.
func (r *run) setManifest(marker *release.Release, going []*unstructured.Unstructured) error {
	var err error
	if marker.Manifest, err = manifestOf(going); err != nil {
		return err
	}
	if err := r.checkSize(marker); !errors.Is(err, ErrTooLarge) {
		return err
	}
	names := make([]*unstructured.Unstructured, len(going))
	for i, o := range going {
		names[i] = &unstructured.Unstructured{Object: map[string]any{"apiVersion": o.GetAPIVersion(), "kind": o.GetKind()}}
		names[i].SetName(o.GetName())
		names[i].SetNamespace(o.GetNamespace())
		names[i].SetLabels(o.GetLabels())
	}
	bare := *marker.Chart
	bare.Templates, bare.Files, bare.Raw, bare.Schema = nil, nil, nil, nil
	marker.Chart, marker.Config = &bare, nil
	marker.Manifest, err = manifestOf(names)
	return err
}

func manifestOf(all []*unstructured.Unstructured) (string, error) {
	manifest := &strings.Builder{}
	for _, o := range all {
		text, err := yaml.Marshal(o)
		if err != nil {
			return "", err
		}
		manifest.WriteString("---\n" + string(text))
	}
	return manifest.String(), nil
}

// deleteObjects removes objects in Helm's order.
func (r *run) deleteObjects(going []*unstructured.Unstructured, how UninstallOptions) (UninstallResult, error) {
	going = slices.Clone(going)
	slices.SortStableFunc(going, func(a, b *unstructured.Unstructured) int {
		return slices.Index(releaseutil.UninstallOrder, a.GetKind()) - slices.Index(releaseutil.UninstallOrder, b.GetKind())
	})
	var found UninstallResult
	var leaving []*unstructured.Unstructured
	for _, o := range going {
		what := notFound
		err := r.retry(func() (err error) {
			what, err = r.deleteObject(o, deleteOptions{foreground: how.Timeout > 0, volumes: how.Volumes, dryRun: how.DryRun})
			return err
		})
		switch {
		case err != nil:
			return UninstallResult{}, err
		case what == kept:
			found.Kept = append(found.Kept, id(o))
		case what == deleted:
			found.Deleted, leaving = append(found.Deleted, id(o)), append(leaving, o)
		}
	}
	if how.DryRun {
		return found, nil
	}
	return found, r.waitForDeletions(leaving, how.Timeout)
}

// waitForDeletions waits until objects are no more.
func (r *run) waitForDeletions(leaving []*unstructured.Unstructured, timeout time.Duration) error {
	if timeout <= 0 {
		return nil
	}
	for deadline := time.Now().Add(timeout); len(leaving) > 0; leaving = leaving[1:] {
		if err := r.waitForDeletionUntil(deadline, leaving[0], timeout); err != nil {
			return err
		}
		r.logOnce("%s: deleted", id(leaving[0]))
	}
	return nil
}

// Volume is a claim that a release has, or has left when it was removed.
type Volume struct {
	Release string
	Claim   *unstructured.Unstructured
}

// ID is kind/name, as in UninstallResult.
func (v Volume) ID() string { return id(v.Claim) }

// Volumes are the claims in the namespace that releases have or have left.
func (c *Client) Volumes(ctx context.Context) ([]Volume, error) {
	claims, err := c.dynamic.Resource(schema.GroupVersionResource{Version: "v1", Resource: "persistentvolumeclaims"}).
		Namespace(c.namespace).List(ctx, metav1.ListOptions{LabelSelector: "app.kubernetes.io/managed-by=Helm"})
	if err != nil {
		return nil, fmt.Errorf("listing volumes: %w", err)
	}
	var volumes []Volume
	for i := range claims.Items {
		if release := c.owner(&claims.Items[i]); release != "" {
			volumes = append(volumes, Volume{Release: release, Claim: &claims.Items[i]})
		}
	}
	return volumes, nil
}

// RemoveVolume removes a claim that a release has left, and with it what is on
// the volume.
func (c *Client) RemoveVolume(ctx context.Context, v Volume, how UninstallOptions) (UninstallResult, error) {
	r, err := c.newRun(ctx, v.Release)
	if err != nil {
		return UninstallResult{}, err
	}
	how.Volumes = true
	return r.deleteObjects([]*unstructured.Unstructured{v.Claim}, how)
}
