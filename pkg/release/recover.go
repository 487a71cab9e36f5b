package release

import (
	"context"
	"fmt"
	"time"

	"helm.sh/helm/v3/pkg/release"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// runLabel marks the records of releases that this package writes with the run
// that wrote them.
const runLabel = "kubectl-blueprint.github.io/run"

// groupLabel holds the group of which a release is a member.
const groupLabel = "kubectl-blueprint.github.io/group"

// labels are those of the records that this run writes.
func (c *Client) labels() map[string]string {
	labels := map[string]string{runLabel: c.run}
	if c.Group != "" {
		labels[groupLabel] = GroupLabel(c.Group)
	}
	return labels
}

// recover takes over a release that a killed run left half done, and returns it
// as it is then. A run that lives touches its record every second; one that does
// not for a while is dead. It is ErrNotFound once a removal that was cut off has
// been finished.
func (c *Client) recover(ctx context.Context, r *Release) (*Release, error) {
	if !r.pending() {
		return r, nil
	}
	if r.run == "" {
		return nil, fmt.Errorf("%w: release %q in namespace %q is %s by helm, or its run was killed; wait for it, or remove the release with 'kubectl blueprint undeploy %[2]s'",
			ErrBusy, r.Name, r.Namespace, r.Status)
	}
	if r.run != c.run {
		c.Say("release %s, revision %d, is %s: looking whether its run is alive", r.Name, r.Revision, r.Status)
		if err := c.claim(ctx, r); err != nil {
			return nil, err
		}
		c.Say("release %s: the run was killed; going on from there", r.Name)
	}
	if r.Status == release.StatusUninstalling.String() {
		if _, err := c.uninstall(ctx, r.Name); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %q in namespace %q", ErrNotFound, r.Name, r.Namespace)
	}
	record, err := c.config.Releases.Get(r.Name, r.Revision)
	if err != nil {
		return nil, err
	}
	record.SetStatus(release.StatusFailed, "its run was killed")
	if record.Labels == nil {
		record.Labels = map[string]string{}
	}
	record.Labels[runLabel] = c.run
	if err := c.config.Releases.Update(record); err != nil {
		return nil, err
	}
	return c.Get(r.Name)
}

// claim makes this run the owner of a record, where its owner has not touched it
// for a while. The server lets through only one of several that try.
func (c *Client) claim(ctx context.Context, r *Release) error {
	first, err := c.recordVersion(ctx, r)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(silence):
	}
	err = c.patchRecord(ctx, r, fmt.Sprintf(`{"metadata":{"resourceVersion":%q,"labels":{%q:%q}}}`, first, runLabel, c.run))
	if apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
		return fmt.Errorf("%w: release %q in namespace %q, revision %d, is %s: see how it ends with 'kubectl blueprint status %[2]s', then deploy again if need be",
			ErrBusy, r.Name, r.Namespace, r.Revision, r.Status)
	}
	return err
}

const (
	// heartbeat is how often a run touches its record.
	heartbeat = time.Second
	// silence is for how long a record is not touched once its run is dead.
	silence = 5 * time.Second
)

// beat touches the pending record of a release until the returned function is
// called, which waits for the last touch.
func (c *Client) beat(ctx context.Context, name string) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(heartbeat)
		defer ticker.Stop()
		for n := 0; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			// What goes wrong here goes wrong for the operation, too, which says so.
			if r, err := c.Get(name); err == nil && r.pending() && r.run == c.run {
				_ = c.patchRecord(ctx, r, fmt.Sprintf(`{"metadata":{"annotations":{"kubectl-blueprint.github.io/heartbeat":"%d"}}}`, n))
			}
		}
	}()
	return func() { cancel(); <-ended }
}

// recordName is the name of the object in which Helm keeps a revision.
func recordName(r *Release) string {
	return fmt.Sprintf("sh.helm.release.v1.%s.v%d", r.Name, r.Revision)
}

// recordVersion is the resourceVersion of the record.
func (c *Client) recordVersion(ctx context.Context, r *Release) (string, error) {
	records, err := c.records()
	if err != nil {
		return "", err
	}
	found, err := records.Get(ctx, recordName(r), metav1.GetOptions{})
	if err != nil {
		return "", err
	}
	return found.ResourceVersion, nil
}

func (c *Client) patchRecord(ctx context.Context, r *Release, patch string) error {
	records, err := c.records()
	if err != nil {
		return err
	}
	_, err = records.Patch(ctx, recordName(r), types.MergePatchType, []byte(patch), metav1.PatchOptions{})
	return err
}
