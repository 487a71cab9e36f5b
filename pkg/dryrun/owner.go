package dryrun

import (
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
)

// errForeign is the error for an object that belongs to something else.
var errForeign = errors.New("is there already and is not part of this release")

// foreign returns the error for an object that exists and belongs to something else.
func foreign(live *unstructured.Unstructured) error {
	words := ownership.Of(live)
	if words == "" {
		words = madeBy(live) + ": remove it"
	}
	return fmt.Errorf("%w: it %s, or give the recipe another deployment_name", errForeign, words)
}

// madeBy names the program that wrote an object nobody claims.
func madeBy(live *unstructured.Unstructured) string {
	for _, entry := range live.GetManagedFields() {
		if entry.Manager != "" && entry.Subresource == "" {
			by := "was made with " + entry.Manager
			if strings.HasPrefix(entry.Manager, "kubectl") {
				by = "was made by hand (" + entry.Manager + ")"
			}
			return by
		}
	}
	return "belongs to nobody"
}
