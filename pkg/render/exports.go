package render

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
)

// unresolved replaces a reference with an unknown value, so that the rest of the recipe can
// be validated.
const unresolved = "a"

// export returns the value of ref. known is false if the member was not rendered, which is
// reported elsewhere. problem is set if the member has no such value.
func (r *Renderer) export(to *Rendered, ref recipe.Reference) (text string, known bool, problem string) {
	if to == nil || len(to.Manifests.sorted) == 0 {
		return unresolved, false, ""
	}
	member := to.Recipe.Member
	if ref.Export == recipe.ServiceURL {
		url, err := to.Manifests.serviceURL()
		switch {
		case err != nil:
			return unresolved, false, fmt.Sprintf("%s: %v", member, err)
		case url == "":
			return unresolved, false, fmt.Sprintf("%s has no service_url, because it has no Ingress with a host; use internal_dns_name", member)
		}
		return url, true, ""
	}
	service := to.Manifests.service()
	if service == "" {
		return unresolved, false, fmt.Sprintf("%s has no %s, because it has no Service", member, ref.Export)
	}
	if ref.Export == recipe.InternalDNSName {
		return service + "." + r.Namespace + ".svc.cluster.local", true, ""
	}
	return service, true, ""
}

// service returns the name of the first Service, or "".
func (m Manifests) service() string {
	for _, manifest := range m.sorted {
		if manifest.Head.Kind == "Service" {
			return manifest.Head.Metadata.Name
		}
	}
	return ""
}

// serviceURL returns the address of the first host of an Ingress, or "".
func (m Manifests) serviceURL() (string, error) {
	for _, manifest := range m.sorted {
		if manifest.Head.Kind != "Ingress" {
			continue
		}
		ingress, err := decode(manifest.Content)
		if err != nil {
			return "", fmt.Errorf("cannot decode %s: %w", manifest.Name, err)
		}
		if url := ingressURL(ingress); url != "" {
			return url, nil
		}
	}
	return "", nil
}

func ingressURL(ingress *unstructured.Unstructured) string {
	rules, _, _ := unstructured.NestedSlice(ingress.Object, "spec", "rules")
	tls, _, _ := unstructured.NestedSlice(ingress.Object, "spec", "tls")
	scheme := "http"
	if len(tls) > 0 {
		scheme = "https"
	}
	for _, rule := range rules {
		fields, _ := rule.(map[string]any)
		if host, _ := fields["host"].(string); host != "" {
			return scheme + "://" + host
		}
	}
	return ""
}
