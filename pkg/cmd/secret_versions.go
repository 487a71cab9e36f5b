package cmd

import (
	"context"
	"slices"

	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/metadata"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/preflight"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
)

// secretVersionsKey is the value, under cluster, that has a service rolled out
// when a Secret that its pods read has changed.
const secretVersionsKey = "secretVersions"

// versions tells which version of Secrets the cluster has.
type versions struct {
	client    metadata.Interface
	namespace string
	// changing has the names of Secrets that a payload is about to change.
	changing []string
}

// aboutToChange stands for the version that a Secret is going to have.
const aboutToChange = "about to change"

func newVersions(getter genericclioptions.RESTClientGetter, namespace string, changing []string) (versions, error) {
	config, err := getter.ToRESTConfig()
	if err != nil {
		return versions{}, err
	}
	client, err := metadata.NewForConfig(config)
	return versions{client, namespace, changing}, err
}

// pin renders the workload anew with the versions of the Secrets that its pods
// read. Where a Secret can't be read, they are not restarted for that: it stays
// at the version of the release before.
func (v versions) pin(ctx context.Context, b *blueprint, w *workload) error {
	names, err := podspec.SecretsRead(w.objects)
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
			version = pinned(w.existing)[name]
		}
		if version != "" {
			known[name] = version
		}
	}
	if len(known) == 0 {
		return nil
	}
	return w.set(b, secretVersionsKey, known)
}

// pinned returns the versions of Secrets that a release was deployed with.
func pinned(r *release.Release) map[string]string {
	versions := map[string]string{}
	if r == nil {
		return versions
	}
	cluster, _ := r.Values[clusterKey].(map[string]any)
	known, _ := cluster[secretVersionsKey].(map[string]any)
	for name, version := range known {
		versions[name], _ = version.(string)
	}
	return versions
}
