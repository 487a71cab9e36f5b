package cmd

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/dynamic"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
)

// newConfigFlags returns kubectl's own flags for the cluster. Requests are not
// throttled here: the server's priority and fairness does that, and knows more.
func newConfigFlags(ctx context.Context, stderr io.Writer) *genericclioptions.ConfigFlags {
	flags := genericclioptions.NewConfigFlags(true).WithDiscoveryQPS(-1)
	warnings := &serverWarnings{stderr: stderr} // one for all clients, so that each is said once
	login := &clusterLogin{ctx: ctx}
	return flags.WithWrapConfigFn(func(c *rest.Config) *rest.Config {
		c.QPS = -1
		c.WarningHandler = warnings
		c.Wrap(func(inner http.RoundTripper) http.RoundTripper { return newOnlyAPI(withoutWarnings{inner}, c.Host) })
		return login.wrap(c)
	})
}

// cluster is what commands need to talk to the user's cluster.
type cluster struct {
	namespace string   // that of -n or of the kubeconfig's context
	flags     []string // that chose the cluster, for commands that are told
	dynamic   dynamic.Interface
	mapper    meta.RESTMapper
	core      corev1client.CoreV1Interface // for what has no object: logs
}

func connect(getter genericclioptions.RESTClientGetter) (*cluster, error) {
	namespace, err := namespaceOf(getter)
	if err != nil {
		return nil, err
	}
	config, err := getter.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	core, err := corev1client.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	mapper, err := getter.ToRESTMapper()
	if err != nil {
		return nil, err
	}
	return &cluster{namespace: namespace, flags: clusterFlags(getter), dynamic: client, mapper: mapper, core: core}, nil
}

// clusterFlags are those with which the user chose another cluster than that of
// the environment. A command that is suggested without them would be of the
// wrong cluster.
func clusterFlags(getter genericclioptions.RESTClientGetter) []string {
	flags, ok := getter.(*genericclioptions.ConfigFlags)
	if !ok {
		return nil
	}
	var all []string
	for _, f := range []struct {
		name  string
		value *string
	}{{"--kubeconfig", flags.KubeConfig}, {"--context", flags.Context}, {"--cluster", flags.ClusterName}} {
		if f.value != nil && *f.value != "" {
			all = append(all, f.name, *f.value)
		}
	}
	return all
}

// namespaceOf returns the namespace of -n or of the kubeconfig's context.
func namespaceOf(getter genericclioptions.RESTClientGetter) (string, error) {
	namespace, _, err := getter.ToRawKubeConfigLoader().Namespace()
	if err != nil {
		return "", err
	}
	return namespace, validNamespace(namespace)
}

func validNamespace(name string) error {
	if len(validation.IsDNS1123Label(name)) > 0 {
		return fmt.Errorf(`invalid namespace %q: must be at most 63 lower-case letters, digits and "-", and start and end with a letter or digit`, name)
	}
	return nil
}

// offlineNamespace is namespaceOf for what needs no cluster: without a usable
// kubeconfig the namespace is that of -n, or the default with a warning.
func offlineNamespace(getter genericclioptions.RESTClientGetter, stderr io.Writer) (string, error) {
	_, _, unusable := getter.ToRawKubeConfigLoader().Namespace()
	if unusable == nil {
		return namespaceOf(getter)
	}
	if flags, ok := getter.(*genericclioptions.ConfigFlags); ok && flags.Namespace != nil && *flags.Namespace != "" {
		return *flags.Namespace, validNamespace(*flags.Namespace)
	}
	warn(stderr, "cannot load the kubeconfig: %v; using namespace %q", unusable, metav1.NamespaceDefault)
	return metav1.NamespaceDefault, nil
}
