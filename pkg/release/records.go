package release

import (
	"os"
	"strings"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/metadata"

	corev1 "k8s.io/api/core/v1"
)

// records is where Helm keeps its releases, without what is in them.
func (c *Client) records() (metadata.ResourceInterface, error) {
	config, err := c.config.RESTClientGetter.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	client, err := metadata.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	resource := "secrets"
	if strings.HasPrefix(os.Getenv("HELM_DRIVER"), "configmap") {
		resource = "configmaps"
	}
	return client.Resource(corev1.SchemeGroupVersion.WithResource(resource)).Namespace(c.namespace), nil
}

func (c *Client) dynamic() (dynamic.Interface, error) {
	config, err := c.config.RESTClientGetter.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	return dynamic.NewForConfig(config)
}

// GroupLabel is the name of a group in the shape of a label's value: as it is
// where it can be.
func GroupLabel(group string) string {
	fits := func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r) {
			return r
		}
		return '-'
	}
	const longest = 63
	label := strings.Map(fits, group)
	return strings.Trim(label[:min(len(label), longest)], "-_.")
}
