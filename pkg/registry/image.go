package registry

import (
	"context"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// CheckImage requests the head of an image's manifest from its registry, with the
// credentials that the kubelet would use, or without credentials if c is the zero
// Credential. It returns nil if the image can be pulled, an *Error if not or if that is
// unknown, and the error of ctx if ctx ended first.
func CheckImage(ctx context.Context, image string, c Credential, opts Options) error {
	ref, err := name.ParseReference(image)
	if err != nil {
		return newError(NotChecked, "invalid image name").of(image)
	}
	l := login{opts: opts, registry: ref.Context().Registry}
	if c.reveal != nil {
		_, l.username, l.password = c.reveal()
	}
	failure, err := l.withTimeout(ctx, func(ctx context.Context) *Error { return l.image(ctx, ref) })
	if err != nil {
		return err
	}
	return failure.of(ref.Context().RegistryStr())
}

// image requests the head of a manifest.
func (l *login) image(ctx context.Context, ref name.Reference) *Error {
	challenge, err := transport.Ping(ctx, l.registry, l.transport(l.registry.RegistryStr()))
	if err != nil {
		return l.pingError(err)
	}
	authorization := ""
	switch strings.ToLower(challenge.Scheme) {
	case "bearer":
		token, failure := l.token(ctx, challenge, ref.Scope(transport.PullScope))
		if failure != nil {
			return l.anonymously(failure)
		}
		authorization = "Bearer " + token
	case "basic":
		if !l.anonymous() {
			authorization = l.basic()
		}
	case "":
	default:
		return newError(NotRegistry, noAuthMethod, l.registry)
	}
	return l.anonymously(l.head(ctx, challenge, ref, authorization))
}

func (l *login) head(ctx context.Context, challenge *transport.Challenge, ref name.Reference, authorization string) *Error {
	host := l.registry.RegistryStr()
	scheme := "https"
	if challenge.Insecure {
		scheme = "http"
	}
	address := scheme + "://" + host + "/v2/" + ref.Context().RepositoryStr() + "/manifests/" + ref.Identifier()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
	if err != nil {
		return newError(NotChecked, noServer)
	}
	req.Header.Set("Accept", strings.Join([]string{
		string(types.OCIImageIndex), string(types.OCIManifestSchema1), string(types.DockerManifestList), string(types.DockerManifestSchema2),
	}, ","))
	way := l.transport("") // some registries redirect anonymous requests
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
		way = l.transport(host)
	}
	resp, err := (&http.Client{Transport: way}).Do(req)
	if err != nil {
		return l.refusal(err, host)
	}
	defer func() { _ = resp.Body.Close() }()
	switch {
	case resp.StatusCode != http.StatusOK && resp.Request.URL.Host != host:
		return newError(NotChecked, "%s redirects to a host that is not a registry (HTTP %d)", host, resp.StatusCode)
	case resp.StatusCode == http.StatusNotFound:
		return newError(NoImage, "image or tag not found on %s", host)
	case resp.StatusCode == http.StatusForbidden, resp.StatusCode == http.StatusUnauthorized && strings.HasPrefix(authorization, "Bearer "):
		return newError(Forbidden, "%s accepted the credentials but denied this image (HTTP %d): no permission to pull, or no such image", host, resp.StatusCode)
	}
	if err := transport.CheckError(resp, http.StatusOK); err != nil {
		return l.refusal(err, host)
	}
	return nil
}

// anonymous reports whether the kubelet would pull without credentials.
func (l *login) anonymous() bool { return l.username == "" || l.password == "" }

// anonymously returns failure, or AuthRequired if it rejects a request without
// credentials.
func (l *login) anonymously(failure *Error) *Error {
	if failure == nil || !l.anonymous() || failure.Outcome != BadCredentials && failure.Outcome != Expired && failure.Outcome != Forbidden {
		return failure
	}
	return newError(AuthRequired, "%s requires credentials to pull this image", l.registry)
}
