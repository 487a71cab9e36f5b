package cmd

import (
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
)

// emptyPlan returns a plan without releases for the chart, the server and the
// namespace of this run.
func emptyPlan(getter genericclioptions.RESTClientGetter, b *blueprint.Blueprint) (diff.Plan, error) {
	config, err := getter.ToRESTConfig()
	if err != nil {
		return diff.Plan{}, err
	}
	namespace, err := kube.Namespace(getter)
	if err != nil {
		return diff.Plan{}, err
	}
	return diff.Plan{Chart: b.Chart.Digest(), Server: config.Host, Namespace: namespace, Plugin: pluginVersion()}, nil
}
