package registry

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/distribution/distribution/v3/configuration"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
)

// push puts an image into a registry and returns its name and its digest.
func push(t *testing.T, server *httptest.Server, opts registry.Options, repository string) (image, digest string) {
	t.Helper()
	image = server.Listener.Addr().String() + "/" + repository + ":1"
	tag, err := name.NewTag(image)
	if err != nil {
		t.Fatal(err)
	}
	auth := authn.FromConfig(authn.AuthConfig{Username: username, Password: password})
	if err := remote.Write(tag, empty.Image, remote.WithAuth(auth), remote.WithTransport(opts.Transport)); err != nil {
		t.Fatal(err)
	}
	hash, err := empty.Image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return image, hash.String()
}

func TestCheckImage(t *testing.T) {
	t.Parallel()
	kinds := map[string]func(*testing.T, *authority) configuration.Auth{
		"htpasswd": func(t *testing.T, _ *authority) configuration.Auth { return htpasswd(t) },
		"token": func(t *testing.T, a *authority) configuration.Auth {
			return (&tokenService{lifetime: time.Hour, opens: "team/app"}).auth(t, a)
		},
	}
	for kind, auth := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			ca := newAuthority(t)
			server := newRegistry(t, auth(t, ca), ca.forHosts(time.Hour, "127.0.0.1"))
			opts := trusting(t, ca)
			image, digest := push(t, server, opts, "team/app")
			repository, _ := strings.CutSuffix(image, ":1")
			right, wrong := registry.NewCredential("x", username, password), registry.NewCredential("x", username, "wr0ng-c4n4ry")
			check := func(image string, c registry.Credential) error {
				return registry.CheckImage(t.Context(), image, c, opts)
			}

			wantOutcome(t, check(image, right), registry.Accepted, "")
			wantOutcome(t, check(repository+"@"+digest, right), registry.Accepted, "")
			wantOutcome(t, check(image+"@"+digest, right), registry.Accepted, "")
			wantOutcome(t, check(repository+":2", right), registry.NoImage, "image or tag not found on ")
			wantOutcome(t, check(repository, right), registry.NoImage, "image or tag not found on ") // there is no latest
			wantOutcome(t, check(image, wrong), registry.BadCredentials, "wrong user name or password (HTTP 401 from ")
			wantOutcome(t, check(image, registry.Credential{}), registry.AuthRequired, "requires credentials to pull this image")
			wantOutcome(t, check(image, registry.NewCredential("x", username, "")), registry.AuthRequired, "requires credentials to pull this image")
			wantOutcome(t, registry.CheckImage(t.Context(), image, right, registry.Options{}), registry.Untrusted, "is signed by an unknown authority")
			if kind == "token" {
				wantOutcome(t, check(repository+"/other:1", right), registry.Forbidden, "accepted the credentials but denied this image (HTTP 401)")
			} else {
				wantOutcome(t, check(repository+"/other:1", right), registry.NoImage, "image or tag not found on ")
			}
			server.Close()
			wantOutcome(t, check(image, right), registry.Unreachable, "from this machine (the cluster may still reach it)")
		})
	}
}

func TestCheckImageForEverybody(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	server := newRegistry(t, nil, ca.forHosts(time.Hour, "127.0.0.1"))
	opts := trusting(t, ca)
	image, _ := push(t, server, opts, "app")
	for _, c := range []registry.Credential{{}, registry.NewCredential("x", username, "wr0ng-c4n4ry")} {
		wantOutcome(t, registry.CheckImage(t.Context(), image, c, opts), registry.Accepted, "")
		wantOutcome(t, registry.CheckImage(t.Context(), image+"2", c, opts), registry.NoImage, "")
	}
	wantOutcome(t, registry.CheckImage(t.Context(), "Not an image", registry.Credential{}, opts), registry.NotChecked, "invalid image name")
}
