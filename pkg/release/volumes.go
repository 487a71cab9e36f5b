package release

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

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
