package release

import (
	"context"
	"fmt"

	"helm.sh/helm/v3/pkg/action"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Uninstall removes a release and its objects, and returns what was removed. It
// goes on where another one was cut off.
func (c *Client) Uninstall(ctx context.Context, name string) (*Release, error) {
	var removed *Release
	err := c.persist(ctx, func() error {
		var err error
		removed, err = c.uninstall(ctx, name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("removing %s: %w", name, err)
	}
	return removed, nil
}

// uninstall removes the release's objects, those of revisions that failed too,
// and its history.
func (c *Client) uninstall(ctx context.Context, name string) (*Release, error) {
	history, err := c.History(name)
	if err != nil {
		return nil, err
	}
	if last := history[len(history)-1]; last.pending() && last.run != "" && last.run != c.run {
		c.Say("release %s, revision %d, is %s: looking whether its run is alive", last.Name, last.Revision, last.Status)
		if err := c.claim(ctx, last); err != nil {
			return nil, err
		}
	}
	removed, err := action.NewUninstall(c.config).Run(name)
	if err != nil {
		return nil, explain(err)
	}
	gone := convert(removed.Release)
	return gone, c.removeObjects(ctx, name, leftOver(history, nil))
}

// Volumes returns the names of the claims that a release has or had, and that
// Helm keeps when it is removed.
func (c *Client) Volumes(ctx context.Context, name string) ([]string, error) {
	client, err := c.config.KubernetesClientSet()
	if err != nil {
		return nil, err
	}
	claims, err := client.CoreV1().PersistentVolumeClaims(c.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("listing the volumes of %s: %w", name, err)
	}
	var names []string
	for i := range claims.Items {
		claim := &claims.Items[i]
		if c.owns(name, claim) && claim.Annotations[policyAnnotation] == policyKeep && claim.DeletionTimestamp == nil {
			names = append(names, claim.Name)
		}
	}
	return names, nil
}

// DeleteVolume removes a claim, and with it what is on the volume.
func (c *Client) DeleteVolume(ctx context.Context, name string) error {
	client, err := c.config.KubernetesClientSet()
	if err != nil {
		return err
	}
	if err := client.CoreV1().PersistentVolumeClaims(c.namespace).Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
		return fmt.Errorf("removing volume %s: %w", name, err)
	}
	return nil
}
