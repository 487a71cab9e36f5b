package modelhub

import (
	"context"
	"errors"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
)

// ngcRegistry is the registry of NGC.
const ngcRegistry = "nvcr.io"

// NewNGCKey is the fix for a missing or invalid API key.
const NewNGCKey = "create an API key at https://org.ngc.nvidia.com/setup/api-keys"

// ngcCredential returns the credential with which an API key logs in to NGC's registry.
// See https://docs.nvidia.com/ngc/latest/ngc-private-registry-user-guide.html.
func ngcCredential(t Token) registry.Credential {
	return registry.NewCredential(ngcRegistry, "$oauthtoken", t.text())
}

// IsNIM reports whether an image is a NIM, which downloads its model from NGC.
func IsNIM(image string) bool { return strings.HasPrefix(image, ngcRegistry+"/nim/") }

// NGC reports whether an API key grants access to the repository of a NIM image, which
// requires the same entitlement as the model. It returns an error only if ctx ends first.
func (c *Client) NGC(ctx context.Context, image string, t Token) (Answer, error) {
	return c.ask(ctx, question{image: image, token: t.hash()}, func(ctx context.Context) Answer {
		err := registry.CheckImage(ctx, image, ngcCredential(t), registry.Options{Transport: c.opts.Transport, Timeout: c.opts.Timeout})
		return ngcAnswer(err, image)
	})
}

// VerifyNGC reports whether an API key is accepted by NGC's registry. It returns the host
// that was asked, and an error only if ctx ends first.
func (c *Client) VerifyNGC(ctx context.Context, t Token) (a Answer, host string, err error) {
	a, err = c.ask(ctx, question{image: ngcRegistry, token: t.hash()}, func(ctx context.Context) Answer {
		err := registry.Login(ctx, ngcCredential(t), registry.Options{Transport: c.opts.Transport, Timeout: c.opts.Timeout})
		return ngcAnswer(err, ngcRegistry)
	})
	return a, ngcRegistry, err
}

func ngcAnswer(err error, image string) Answer {
	var problem *registry.Error
	switch registry.OutcomeOf(err) {
	case registry.Accepted, registry.NoImage: // the check of the image reports a missing tag
		return Answer{Outcome: Granted}
	case registry.BadCredentials, registry.Expired:
		return Answer{InvalidToken, ngcRegistry + " rejects the API key: wrong, expired or revoked", NewNGCKey}
	case registry.Forbidden:
		return Answer{NotGranted, "the API key grants no access to " + registry.Repository(image), catalogFix(image)}
	}
	if errors.As(err, &problem) {
		return Answer{Outcome: Unreachable, Reason: problem.Reason}
	}
	return Answer{Outcome: Unreachable, Reason: "cannot connect to " + ngcRegistry}
}

// catalogFix returns the fix for missing access, with the page of the image in the catalog
// of NGC, on which users accept its terms.
func catalogFix(image string) string {
	parts := strings.Split(registry.Repository(image), "/")
	if len(parts) != 4 {
		return "use an API key of an organization with access"
	}
	return "accept the terms at https://catalog.ngc.nvidia.com/orgs/" + parts[1] + "/teams/" + parts[2] + "/containers/" + parts[3]
}
