// Package kube connects commands to the user's cluster, as chosen by kubectl's
// flags. It refuses answers that cannot come from an API server, runs credential
// plugins interruptibly, reports each server warning once, and keeps the bodies of
// requests out of logs. It sends no requests of its own.
package kube

import (
	"context"
	"fmt"
	"net/http"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/dynamic"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
)

// NewConfigFlags returns kubectl's flags that choose a cluster. warn receives the
// server's warnings. Requests are not throttled in the client: the server's
// priority and fairness does that.
func NewConfigFlags(ctx context.Context, warn func(format string, args ...any)) *genericclioptions.ConfigFlags {
	flags := genericclioptions.NewConfigFlags(true).WithDiscoveryQPS(-1)
	warnings := &serverWarnings{warn: warn} // shared by all clients, so that each is reported once
	login := &clusterLogin{ctx: ctx}
	return flags.WithWrapConfigFn(func(c *rest.Config) *rest.Config {
		c.QPS = -1
		c.WarningHandler = warnings
		c.Wrap(func(inner http.RoundTripper) http.RoundTripper { return newOnlyAPI(withoutWarnings{inner}, c.Host) })
		return login.wrap(c)
	})
}

// Cluster is a connection to the user's cluster.
type Cluster struct {
	Getter    genericclioptions.RESTClientGetter
	Namespace string   // of -n, or of the kubeconfig's context
	Server    string   // address of the API server
	Flags     []string // that chose the cluster, for suggested commands
	Dynamic   dynamic.Interface
	Mapper    meta.RESTMapper
	Core      corev1client.CoreV1Interface // for subresources: logs
}

// Connect returns a connection to the cluster. It sends no request.
func Connect(getter genericclioptions.RESTClientGetter) (*Cluster, error) {
	namespace, err := Namespace(getter)
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
	return &Cluster{Getter: getter, Namespace: namespace, Server: config.Host, Flags: Flags(getter), Dynamic: client, Mapper: mapper, Core: core}, nil
}

// BinaryConfig returns the configuration of clients that send protobuf, which saves
// both sides most of the encoding of large batches. It ignores server warnings,
// because those about Secrets may quote a value.
func BinaryConfig(getter genericclioptions.RESTClientGetter) (*rest.Config, error) {
	config, err := getter.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	config.WarningHandler = rest.NoWarnings{}
	config.ContentType = "application/vnd.kubernetes.protobuf"
	config.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	return config, nil
}

// SecretsClient returns a client for Secrets with the configuration of
// BinaryConfig.
func SecretsClient(getter genericclioptions.RESTClientGetter) (corev1client.CoreV1Interface, error) {
	config, err := BinaryConfig(getter)
	if err != nil {
		return nil, err
	}
	return corev1client.NewForConfig(config)
}

// Flags returns the flags with which the user chose another cluster than the
// kubeconfig's current one. A suggested command needs them.
func Flags(getter genericclioptions.RESTClientGetter) []string {
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

// Namespace returns the namespace of -n or of the kubeconfig's context.
func Namespace(getter genericclioptions.RESTClientGetter) (string, error) {
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

// OfflineNamespace returns the namespace for commands that need no cluster. If the
// kubeconfig is unusable, it is that of -n, or the default namespace with a warning.
func OfflineNamespace(getter genericclioptions.RESTClientGetter, warn func(format string, args ...any)) (string, error) {
	_, _, unusable := getter.ToRawKubeConfigLoader().Namespace()
	if unusable == nil {
		return Namespace(getter)
	}
	if flags, ok := getter.(*genericclioptions.ConfigFlags); ok && flags.Namespace != nil && *flags.Namespace != "" {
		return *flags.Namespace, validNamespace(*flags.Namespace)
	}
	warn("cannot load the kubeconfig: %v; using namespace %q", unusable, metav1.NamespaceDefault)
	return metav1.NamespaceDefault, nil
}
