package deploy

import (
	"context"
	"slices"

	"k8s.io/client-go/metadata"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/preflight"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
)

// secretVersionsKey is the cluster value with the versions of Secrets. A new version
// restarts the pods that read the Secret.
const secretVersionsKey = "secretVersions"

// aboutToChange stands for the next version of a Secret that a payload changes.
const aboutToChange = "about to change"

// secretVersions reads the resource versions of Secrets.
type secretVersions struct {
	client    metadata.Interface
	namespace string
	changing  []string // names of Secrets that a payload is about to change
}

func newSecretVersions(c *kube.Cluster, changing []string) (secretVersions, error) {
	config, err := c.Getter.ToRESTConfig()
	if err != nil {
		return secretVersions{}, err
	}
	client, err := metadata.NewForConfig(config)
	return secretVersions{client, c.Namespace, changing}, err
}

// pin renders the release again with the versions of the Secrets that its pods read.
// A Secret that the user may not read keeps the version of the existing release, so
// that its pods are not restarted.
func (v secretVersions) pin(ctx context.Context, b *blueprint.Blueprint, r *Release) error {
	names, err := podspec.SecretsRead(r.Objects)
	if err != nil || len(names) == 0 {
		return err
	}
	known := map[string]any{}
	for _, name := range names {
		version := aboutToChange
		if !slices.Contains(v.changing, name) {
			if version, err = preflight.SecretVersion(ctx, v.client, v.namespace, name); err != nil {
				return err
			}
		}
		if version == "" {
			version = pinned(r.Existing)[name]
		}
		if version != "" {
			known[name] = version
		}
	}
	if len(known) == 0 {
		return nil
	}
	return r.SetClusterValue(b, secretVersionsKey, known)
}

// pinned returns the versions of Secrets that a release was deployed with.
func pinned(r *release.Release) map[string]string {
	versions := map[string]string{}
	if r == nil {
		return versions
	}
	cluster, _ := r.Values[render.ClusterKey].(map[string]any)
	known, _ := cluster[secretVersionsKey].(map[string]any)
	for name, version := range known {
		versions[name], _ = version.(string)
	}
	return versions
}
