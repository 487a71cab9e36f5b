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

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
)

// UninstallOptions are the options of Uninstall.
type UninstallOptions struct {
	Volumes bool          // also delete claims annotated to be kept
	Timeout time.Duration // how long to wait for the deletion of all objects; 0 means no wait
	DryRun  bool          // server-side dry run
	Basis   *Basis        // reviewed state, or nil
}

// UninstallResult lists the objects of a removed release, as kind.group/name.
type UninstallResult struct {
	Deleted, Kept []string
}

// Uninstall removes a release, its history and the objects of all its revisions; Helm
// removes those of the last revision only. It continues an interrupted removal. It
// returns ErrNotFound if the release does not exist.
//
// The removal is a revision of its own until it ends. Only one of several concurrent
// runs can create it, and it lists the remaining objects if the run is killed.
func (c *Client) Uninstall(ctx context.Context, name string, how UninstallOptions) (UninstallResult, error) {
	r, err := c.newRun(ctx, name)
	if err != nil {
		return UninstallResult{}, err
	}
	r.forceTakeover, r.basis = true, how.Basis
	found, err := r.uninstall(how)
	if err != nil {
		return UninstallResult{}, fmt.Errorf("cannot remove %s: %w", name, c.redactError(err))
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
		marker.SetStatus(release.StatusFailed, "Uninstallation failed: "+err.Error())
		if failed := (storageDriver{r.store, r}).Update(recordKey(marker), marker); errors.Is(failed, ErrLost) {
			return UninstallResult{}, failed
		}
		return UninstallResult{}, err // more useful than the error of recording it
	}
	for _, record := range append(r.past, marker) { // the record of the removal last
		if _, err := (storageDriver{r.store, r}).Delete(recordKey(record)); err != nil {
			return UninstallResult{}, err
		}
	}
	return found, nil
}

// createMarker creates the record of the removal. If a quota forbids another record, it
// takes over the last one instead.
func (r *run) createMarker(last *release.Release, going []*unstructured.Unstructured) (*release.Release, error) {
	marker := *last
	info := *last.Info
	info.Status, info.Description, info.LastDeployed, info.Deleted = release.StatusUninstalling, "Uninstallation in progress", helmtime.Now(), helmtime.Now()
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

// setManifest lists the objects in the record of a removal: whole if they fit, otherwise
// by name and labels.
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

// deleteObjects deletes objects in Helm's uninstall order, and waits for their deletion
// if a timeout is set.
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
			found.Kept = append(found.Kept, objref.ID(o))
		case what == deleted:
			found.Deleted, leaving = append(found.Deleted, objref.ID(o)), append(leaving, o)
		}
	}
	if how.DryRun {
		return found, nil
	}
	return found, r.waitForDeletions(leaving, how.Timeout)
}

// waitForDeletions waits until none of the objects exists, unless timeout is 0.
func (r *run) waitForDeletions(leaving []*unstructured.Unstructured, timeout time.Duration) error {
	if timeout <= 0 {
		return nil
	}
	for deadline := time.Now().Add(timeout); len(leaving) > 0; leaving = leaving[1:] {
		if err := r.waitForDeletionUntil(deadline, leaving[0], timeout); err != nil {
			return err
		}
		r.logOnce("%s: deleted", objref.ID(leaving[0]))
	}
	return nil
}

// Volume is a PersistentVolumeClaim of a release, which may have been removed.
type Volume struct {
	Release string
	Claim   *unstructured.Unstructured
}

// ID returns kind/name, as in UninstallResult.
func (v Volume) ID() string { return objref.ID(v.Claim) }

// Volumes returns the claims of all present and removed releases in the namespace.
func (c *Client) Volumes(ctx context.Context) ([]Volume, error) {
	claims, err := c.dynamic.Resource(schema.GroupVersionResource{Version: "v1", Resource: "persistentvolumeclaims"}).
		Namespace(c.namespace).List(ctx, metav1.ListOptions{LabelSelector: ownership.HelmSelector})
	if err != nil {
		return nil, fmt.Errorf("cannot list volumes: %w", err)
	}
	var volumes []Volume
	for i := range claims.Items {
		if release := c.owner(&claims.Items[i]); release != "" {
			volumes = append(volumes, Volume{Release: release, Claim: &claims.Items[i]})
		}
	}
	return volumes, nil
}

// RemoveVolume deletes a claim, and with it the data on its volume.
func (c *Client) RemoveVolume(ctx context.Context, v Volume, how UninstallOptions) (UninstallResult, error) {
	r, err := c.newRun(ctx, v.Release)
	if err != nil {
		return UninstallResult{}, err
	}
	how.Volumes = true
	return r.deleteObjects([]*unstructured.Unstructured{v.Claim}, how)
}
