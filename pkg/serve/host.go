package serve

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// LocalURL returns the URL of a server for clients on the same machine.
func LocalURL(address netip.AddrPort) string {
	if address.Addr().IsUnspecified() {
		address = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), address.Port())
	}
	return "http://" + address.String() + "/secrets/"
}

// forThisHost accepts requests whose Host header is a loopback name or address, name, or
// the local address of the connection. It stops DNS rebinding, where the name of a web
// page resolves to this machine.
func forThisHost(name string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := hostOf(r.Host)
		if !isLoopback(host) && !isName(host, name) && !isLocal(host, r) {
			refuse(w, http.StatusForbidden, "Host header does not name this server; use localhost, or the host of its --address")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// sameOrigin rejects requests of web pages of other origins. Without CORS headers, they
// could not read the response either.
func sameOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, origin := range r.Header.Values("Origin") {
			if !strings.EqualFold(origin, "http://"+r.Host) {
				refuse(w, http.StatusForbidden, "Origin header does not match the server; requests from other web pages are not allowed")
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// sealed prevents caches from storing responses, and browsers from guessing their type.
func sealed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// hostOf returns the host of a Host header without port and brackets.
func hostOf(header string) string {
	if host, _, err := net.SplitHostPort(header); err == nil {
		return host
	}
	return strings.TrimSuffix(strings.TrimPrefix(header, "["), "]")
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback() || strings.EqualFold(host, "localhost")
}

// isName reports whether host is the configured name of the server. An address for all
// interfaces, such as 0.0.0.0, is not a name.
func isName(host, name string) bool {
	if address, err := netip.ParseAddr(name); err == nil && address.IsUnspecified() {
		return false
	}
	return name != "" && strings.EqualFold(host, name)
}

// isLocal reports whether host is the local address of the connection.
func isLocal(host string, r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	address, err := netip.ParseAddr(host)
	return ok && err == nil && local.AddrPort().Addr().Unmap() == address.Unmap()
}
