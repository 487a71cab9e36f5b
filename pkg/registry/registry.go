// Package registry logs in to container registries and checks images there:
//
//	.dockerconfigjson → Credentials → Login → nil or *Error
//	                         └ Matching an image → CheckImage → nil or *Error
//
// A login asks the registry for its authentication method, fetches a token if it needs
// one, and requests /v2/ with the credentials; a check of an image requests the head of
// its manifest. Neither pulls anything, and both send a password only once, since a
// second try could lock an account. The password goes to the registry, or to the token
// service that the registry names, over HTTPS; over plain HTTP only to this machine.
//
// An Error distinguishes a wrong password from problems of the registry and of the
// network. Its text comes from this package, except for the name of the server and for
// messages of the registry without any part of the credentials. Errors of net/http and
// go-containerregistry, which quote, never leave the package.
package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// DefaultTimeout limits the duration of a whole login.
const DefaultTimeout = 15 * time.Second

// Options control how to reach registries. The zero value is ready to use.
type Options struct {
	Transport http.RoundTripper // nil for a default one, with the proxy of the environment
	Timeout   time.Duration     // 0 for DefaultTimeout
}

// Login logs in with the credentials. It returns nil if the registry accepted them, an
// *Error if not or if that is unknown, and the error of ctx if ctx ended first.
func Login(ctx context.Context, c Credential, opts Options) error {
	l := login{opts: opts}
	if failure := l.resolveServer(c); failure != nil {
		return failure.of(c.Server)
	}
	failure, err := l.withTimeout(ctx, l.run)
	if err != nil {
		return fmt.Errorf("logging in to %q: %w", c.Server, err)
	}
	return failure.of(c.Server)
}

// withTimeout calls run with the timeout of the options. It returns the error of ctx if
// ctx ended first.
func (l *login) withTimeout(ctx context.Context, run func(context.Context) *Error) (*Error, error) {
	if l.opts.Timeout == 0 {
		l.opts.Timeout = DefaultTimeout
	}
	if l.opts.Transport == nil {
		own := http.DefaultTransport.(*http.Transport).Clone()
		defer own.CloseIdleConnections()
		l.opts.Transport = own
	}
	bounded, cancel := context.WithTimeout(ctx, l.opts.Timeout)
	defer cancel()
	failure := run(bounded)
	if failure != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return failure, nil
}

// login is one login. It is never printed.
type login struct {
	opts               Options
	registry           name.Registry
	username, password string
}

// resolveServer sets the registry and the login from the credentials.
func (l *login) resolveServer(c Credential) *Error {
	var key string
	if c.reveal != nil {
		key, l.username, l.password = c.reveal()
	}
	host, failure := hostOf(key)
	switch {
	case failure != nil:
		return failure
	case c.noLogin != "":
		return newError(NoLogin, "cannot log in: %s", c.noLogin)
	}
	registry, err := name.NewRegistry(host, name.StrictValidation)
	if err != nil {
		return newError(NotChecked, noServer)
	}
	l.registry = registry
	return nil
}

func (l *login) run(ctx context.Context) *Error {
	challenge, err := transport.Ping(ctx, l.registry, l.transport(l.registry.RegistryStr()))
	if err != nil {
		return l.pingError(err)
	}
	switch strings.ToLower(challenge.Scheme) {
	case "bearer":
		token, failure := l.token(ctx, challenge)
		if failure != nil {
			return failure
		}
		return l.authorize(ctx, challenge, "Bearer "+token)
	case "basic":
		return l.authorize(ctx, challenge, l.basic())
	case "":
		// The registry allows anonymous access. It may still check credentials, so
		// send them.
		if failure := l.authorize(ctx, challenge, l.basic()); failure != nil {
			return failure
		}
		return newError(Anonymous, "%s does not ask for credentials, so these could not be checked", l.registry)
	}
	return newError(NotRegistry, noAuthMethod, l.registry)
}

// noAuthMethod is the message for servers that no client can log in to.
const noAuthMethod = "%s is not a usable registry: it supports neither basic nor token authentication"

// token logs in to the token service that the registry names.
func (l *login) token(ctx context.Context, challenge *transport.Challenge, scopes ...string) (string, *Error) {
	realm, err := url.Parse(challenge.Parameters["realm"])
	if err != nil || !isServer(realm.Host) {
		return "", newError(ServerError, "%s requires a token but names no token service", l.registry)
	}
	switch {
	case realm.Scheme == "http" && !challenge.Insecure:
		return "", plainHTTP(realm.Host)
	case isInternal(realm.Hostname()) && realm.Host != l.registry.RegistryStr():
		// go-containerregistry rejects this, so that a registry cannot make clients
		// send requests to their internal network.
		return "", newError(NotChecked, "token service of %s has the internal address %s, to which nothing is sent; use a host name", l.registry, realm.Host)
	}
	auth := authn.FromConfig(authn.AuthConfig{Username: l.username, Password: l.password})
	token, err := transport.Exchange(ctx, l.registry, auth, l.transport(""), scopes, challenge)
	if err != nil {
		return "", l.refusal(err, realm.Host)
	}
	if token.Token == "" {
		return token.AccessToken, nil // Exchange returns one of the two
	}
	return token.Token, nil
}

// authorize requests /v2/ with the credentials or the token.
func (l *login) authorize(ctx context.Context, challenge *transport.Challenge, authorization string) *Error {
	scheme := "https"
	if challenge.Insecure {
		scheme = "http"
	}
	host := l.registry.RegistryStr()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+host+"/v2/", nil)
	if err != nil {
		return newError(NotChecked, noServer)
	}
	req.Header.Set("Authorization", authorization)
	resp, err := (&http.Client{Transport: l.transport(host)}).Do(req)
	if err != nil {
		return l.refusal(err, host)
	}
	defer func() { _ = resp.Body.Close() }()
	if err := transport.CheckError(resp, http.StatusOK); err != nil {
		return l.authError(resp, err)
	}
	if resp.Header.Get("Docker-Distribution-Api-Version") == "" && strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		return newError(NotRegistry, "%s is not a registry: /v2/ returns a web page", host)
	}
	return nil
}

// authError returns why /v2/ does not return HTTP 200.
func (l *login) authError(resp *http.Response, err error) *Error {
	challenge := resp.Header.Get("Www-Authenticate")
	asked := resp.StatusCode == http.StatusUnauthorized
	token := strings.HasPrefix(resp.Request.Header.Get("Authorization"), "Bearer ")
	switch {
	case asked && token && strings.Contains(challenge, "invalid_token"):
		return newError(ServerError, "%s rejects the token of its own token service; do their clocks and keys match?", l.registry)
	case asked && token:
		return newError(Forbidden, "token service of %s accepted the credentials, but the token grants no access; is pulling permitted?", l.registry)
	case asked && challenge == "":
		return newError(NotRegistry, noAuthMethod, l.registry)
	case resp.StatusCode == http.StatusNotFound:
		return notRegistry(l.registry.RegistryStr(), resp.StatusCode)
	}
	return l.refusal(err, l.registry.RegistryStr())
}

func (l *login) basic() string {
	req := http.Request{Header: http.Header{}}
	req.SetBasicAuth(l.username, l.password)
	return req.Header.Get("Authorization")
}

// transport returns a transport to one host, or to any if host is empty.
func (l *login) transport(host string) http.RoundTripper {
	return transport.NewUserAgent(guard{l.opts.Transport, host}, "kubectl-blueprint")
}

// guard rejects requests that could reveal the password.
type guard struct {
	next http.RoundTripper
	host string
}

var (
	errElsewhere = errors.New("redirected to another host")
	errPlainHTTP = errors.New("plain HTTP")
)

func (g guard) RoundTrip(req *http.Request) (*http.Response, error) {
	switch {
	case g.host != "" && req.URL.Host != g.host:
		return nil, errElsewhere
	case req.URL.Scheme != "https" && !IsLoopback(req.URL.Hostname()):
		return nil, errPlainHTTP
	}
	return g.next.RoundTrip(req)
}

// IsLoopback reports whether a host name is one of this machine.
func IsLoopback(hostname string) bool {
	if hostname == "localhost" || strings.HasSuffix(hostname, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(hostname)
	return err == nil && addr.Unmap().IsLoopback()
}

func isInternal(hostname string) bool {
	addr, err := netip.ParseAddr(hostname)
	addr = addr.Unmap()
	return err == nil && (addr.IsLoopback() || addr.IsPrivate() || addr.IsLinkLocalUnicast() || addr.IsUnspecified())
}
