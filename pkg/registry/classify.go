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
	// A name of this machine is tried over HTTPS and plain HTTP, and err is both
	// failures: a bad certificate counts more than what plain HTTP answers.
	if failure := untrusted(err, host); failure != nil {
		return failure
	}
	var answer *transport.Error
	if !errors.As(err, &answer) {
		if failure := connection(err, host); failure != nil {
			return failure
		}
		return unreachable("the connection to %s fails", host)
	}
	switch code := answer.StatusCode; {
	case isBusy(code):
		return busy(host, code)
	case code == http.StatusForbidden:
		return newError(ServerError, "%s answers with HTTP 403 before it asks for credentials: does it let this machine in?", host)
	default:
		return notRegistry(host, code)
	}
}

// refusal returns why host, the registry or its token service, rejects the credentials.
func (l *login) refusal(err error, host string) *Error {
	var answer *transport.Error
	if !errors.As(err, &answer) {
		var sending *url.Error
		failure := connection(err, host)
		switch {
		case failure != nil:
			return failure
		case errors.As(err, &sending):
			return unreachable("the connection to %s fails", host)
		}
		return newError(ServerError, "%s, the token service of %s, gives no token", host, l.registry)
	}
	from := fmt.Sprintf("HTTP %d from %s", answer.StatusCode, host)
	if said := l.serverMessage(answer); said != "" {
		from += fmt.Sprintf(", which says %q", said)
	}
	code := answer.StatusCode
	refused := code == http.StatusUnauthorized || code == http.StatusForbidden
	switch {
	case refused && saysExpired(answer):
		return newError(Expired, "the credentials have expired (%s): make new ones", from)
	case code == http.StatusUnauthorized:
		return newError(BadCredentials, "the user name or password is wrong (%s)", from)
	case code == http.StatusForbidden:
		return newError(Forbidden, "the credentials are not let in (%s): are they revoked, without the right to log in, or wrong?", from)
	case isBusy(code):
		return busy(host, code)
	}
	return newError(ServerError, "the login fails for a reason other than the credentials (%s)", from)
}

func saysExpired(answer *transport.Error) bool {
	body := *answer
	body.Request = nil // whose URL may say so too
	return strings.Contains(strings.ToLower(body.Error()), "expired")
}

func isBusy(code int) bool { return code == http.StatusTooManyRequests || code >= 500 }

func busy(host string, code int) *Error {
	return newError(ServerError, "%s is busy or broken (HTTP %d): try again later", host, code)
}

func notRegistry(host string, code int) *Error {
	return newError(NotRegistry, "%s is no registry: /v2/ answers with HTTP %d", host, code)
}

func plainHTTP(host string) *Error {
	return newError(PlainHTTP, "%s speaks plain HTTP, so the password was not sent: serve it with TLS, or nodes have to be told to pull without", host)
}

func unreachable(format string, args ...any) *Error {
	return newError(Unreachable, format+", from here: the cluster may still reach it", args...)
}

// connection returns why the connection failed, or nil if err has another cause.
func connection(err error, host string) *Error {
	var lookup *net.DNSError
	var dial *net.OpError
	var timed net.Error
	switch failure := untrusted(err, host); {
	case failure != nil:
		return failure
	case errors.Is(err, http.ErrSchemeMismatch):
		return plainHTTP(host)
	case errors.As(err, new(tls.RecordHeaderError)):
		return newError(NotRegistry, "%s is no registry: it speaks neither TLS nor HTTP", host)
	case errors.Is(err, errElsewhere):
		return newError(NotChecked, "%s redirects to another host, where the credentials are not sent: name that host instead", host)
	case errors.As(err, &dial) && dial.Op == "proxyconnect":
		return unreachable("the proxy of this machine does not answer")
	case errors.As(err, &lookup) && lookup.IsNotFound:
		return unreachable("there is no host %s", host)
	case errors.As(err, &lookup):
		return unreachable("the name %s can't be looked up", host)
	case errors.Is(err, syscall.ECONNREFUSED):
		return unreachable("%s refuses the connection", host)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timed) && timed.Timeout():
		return unreachable("%s does not answer in time", host)
	case errors.Is(err, errPlainHTTP):
		return plainHTTP(host)
	}
	return nil
}

// untrusted returns why the certificate of host is not trusted, or nil if err has another
// cause.
func untrusted(err error, host string) *Error {
	const trust = "make this machine trust it to test it, and every node to pull from it"
	var verification *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var mismatch x509.HostnameError
	var invalid x509.CertificateInvalidError
	var remote *net.OpError
	switch {
	case errors.As(err, &unknown):
		return newError(Untrusted, "the certificate of %s is signed by an authority that this machine does not trust: %s", host, trust)
	case errors.As(err, &mismatch):
		return newError(Untrusted, "the certificate of %s is for %s: correct the name of the server, or the certificate", host, names(mismatch.Certificate))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && time.Now().Before(invalid.Cert.NotBefore):
		return newError(Untrusted, "the certificate of %s is valid only from %s on: is the clock of this machine right?", host, day(invalid.Cert.NotBefore))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return newError(Untrusted, "the certificate of %s expired on %s: renew it", host, day(invalid.Cert.NotAfter))
	case errors.As(err, &invalid), errors.As(err, &verification), errors.As(err, new(x509.SystemRootsError)):
		return newError(Untrusted, "the certificate of %s is not valid: %s", host, trust)
	case errors.As(err, &remote) && remote.Op == "remote error": // what crypto/tls calls an alert
		return newError(Untrusted, "%s breaks the TLS handshake off: does it want a client certificate?", host)
	}
	return nil
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// names lists whom a certificate is for.
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
		return "no host at all"
	case len(all) > most:
		return strings.Join(all[:most], ", ") + " and others"
	}
	return strings.Join(all, ", ")
}
