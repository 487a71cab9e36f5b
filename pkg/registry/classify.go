package registry

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// pingError returns the error for a failed request for the registry's authentication
// method.
func (l *login) pingError(err error) *Error {
	host := l.registry.RegistryStr()
	// For names of this machine, err joins the failures of HTTPS and plain HTTP. An
	// untrusted certificate matters more than the response over plain HTTP.
	if failure := untrusted(err, host); failure != nil {
		return failure
	}
	var answer *transport.Error
	if !errors.As(err, &answer) {
		if failure := ConnectionError(err, host); failure != nil {
			return failure
		}
		return unreachable("cannot connect to %s", host)
	}
	switch code := answer.StatusCode; {
	case isBusy(code):
		return busy(host, code)
	case code == http.StatusForbidden:
		return newError(ServerError, "%s returned HTTP 403 before authentication; is this machine allowed to connect?", host)
	default:
		return notRegistry(host, code)
	}
}

// refusal returns why host, the registry or its token service, rejects the credentials.
func (l *login) refusal(err error, host string) *Error {
	var answer *transport.Error
	if !errors.As(err, &answer) {
		var sending *url.Error
		failure := ConnectionError(err, host)
		switch {
		case failure != nil:
			return failure
		case errors.As(err, &sending):
			return unreachable("cannot connect to %s", host)
		}
		return newError(ServerError, "%s, the token service of %s, returned no token", host, l.registry)
	}
	from := fmt.Sprintf("HTTP %d from %s", answer.StatusCode, host)
	if said := l.serverMessage(answer); said != "" {
		from += fmt.Sprintf(": %q", said)
	}
	code := answer.StatusCode
	refused := code == http.StatusUnauthorized || code == http.StatusForbidden
	switch {
	case refused && saysExpired(answer):
		return newError(Expired, "credentials expired (%s)", from)
	case code == http.StatusUnauthorized:
		return newError(BadCredentials, "wrong user name or password (%s)", from)
	case code == http.StatusForbidden:
		return newError(Forbidden, "credentials rejected (%s): revoked, wrong, or not allowed to log in", from)
	case isBusy(code):
		return busy(host, code)
	}
	return newError(ServerError, "login failed for a reason other than the credentials (%s)", from)
}

// saysExpired reports whether the registry's response mentions expiry.
func saysExpired(answer *transport.Error) bool {
	body := *answer
	body.Request = nil // its URL may contain the word
	return strings.Contains(strings.ToLower(body.Error()), "expired")
}

func isBusy(code int) bool { return code == http.StatusTooManyRequests || code >= 500 }

func busy(host string, code int) *Error {
	return newError(ServerError, "%s is overloaded or failing (HTTP %d); try again later", host, code)
}

func notRegistry(host string, code int) *Error {
	return newError(NotRegistry, "%s is not a registry: /v2/ returns HTTP %d", host, code)
}

func plainHTTP(host string) *Error {
	return newError(PlainHTTP, "%s uses plain HTTP, so the password was not sent; enable TLS, or configure every node to pull over HTTP", host)
}

func unreachable(format string, args ...any) *Error {
	return newError(Unreachable, format+" from this machine (the cluster may still reach it)", args...)
}

// ConnectionError returns why the connection to a host failed, or nil if err has another
// cause. Its text quotes nothing of err.
func ConnectionError(err error, host string) *Error {
	var lookup *net.DNSError
	var dial *net.OpError
	var timed net.Error
	switch failure := untrusted(err, host); {
	case failure != nil:
		return failure
	case errors.Is(err, http.ErrSchemeMismatch):
		return plainHTTP(host)
	case errors.As(err, new(tls.RecordHeaderError)):
		return newError(NotRegistry, "%s is not a registry: it uses neither TLS nor HTTP", host)
	case errors.Is(err, errElsewhere):
		return newError(NotChecked, "%s redirects to another host, to which credentials are not sent; use that host instead", host)
	case errors.As(err, &dial) && dial.Op == "proxyconnect":
		return unreachable("cannot connect to the proxy")
	case errors.As(err, &lookup) && lookup.IsNotFound:
		return unreachable("host %s not found", host)
	case errors.As(err, &lookup):
		return unreachable("cannot resolve %s", host)
	case errors.Is(err, syscall.ECONNREFUSED):
		return unreachable("%s refused the connection", host)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timed) && timed.Timeout():
		return unreachable("connection to %s timed out", host)
	case errors.Is(err, errPlainHTTP):
		return plainHTTP(host)
	}
	return nil
}

// untrusted returns why the certificate of host is not trusted, or nil if err has another
// cause.
func untrusted(err error, host string) *Error {
	const trust = "trust it on every node, and on this machine for this check"
	var verification *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var mismatch x509.HostnameError
	var invalid x509.CertificateInvalidError
	var remote *net.OpError
	switch {
	case errors.As(err, &unknown):
		return newError(Untrusted, "certificate of %s is signed by an unknown authority; %s", host, trust)
	case errors.As(err, &mismatch):
		return newError(Untrusted, "certificate of %s is valid for %s; correct the server name or the certificate", host, names(mismatch.Certificate))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && time.Now().Before(invalid.Cert.NotBefore):
		return newError(Untrusted, "certificate of %s is not valid before %s; is the clock of this machine correct?", host, day(invalid.Cert.NotBefore))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return newError(Untrusted, "certificate of %s expired on %s; renew it", host, day(invalid.Cert.NotAfter))
	case errors.As(err, &invalid), errors.As(err, &verification), errors.As(err, new(x509.SystemRootsError)):
		return newError(Untrusted, "certificate of %s is not valid; %s", host, trust)
	case errors.As(err, &remote) && remote.Op == "remote error": // a TLS alert
		return newError(Untrusted, "%s aborted the TLS handshake; does it require a client certificate?", host)
	}
	return nil
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// names returns the hosts of a certificate.
func names(c *x509.Certificate) string {
	var all []string
	for _, n := range c.DNSNames {
		if isServer(n) {
			all = append(all, n)
		}
	}
	for _, ip := range c.IPAddresses {
		all = append(all, ip.String())
	}
	const most = 5
	switch {
	case len(all) == 0:
		return "no host"
	case len(all) > most:
		return strings.Join(all[:most], ", ") + " and others"
	}
	return strings.Join(all, ", ")
}
