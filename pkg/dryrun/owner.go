package dryrun

import (
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
)

// errForeign is the error for an existing object of another owner.
var errForeign = errors.New("already exists and is not part of this release")

// foreign returns the error for an existing object of another owner.
func foreign(live *unstructured.Unstructured) error {
	words := ownership.Of(live)
	if words == "" {
		words = createdBy(live) + ": delete it"
	}
	reason, fix, _ := strings.Cut(words, ": ")
	return hint.Text(fmt.Errorf("%w; it %s", errForeign, reason), fix+", or use another deployment_name")
}

// createdBy names the program that wrote an object without an owner.
func createdBy(live *unstructured.Unstructured) string {
	for _, entry := range live.GetManagedFields() {
		if entry.Manager != "" && entry.Subresource == "" {
			by := "was created with " + entry.Manager
			if strings.HasPrefix(entry.Manager, "kubectl") {
				by = "was created manually (" + entry.Manager + ")"
			}
			return by
		}
	}
	return "has no known owner"
}
