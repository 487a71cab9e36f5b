package registry

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/distribution/distribution/v3/configuration"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
)

// login logs in with credentials as a pull secret has them.
func login(t *testing.T, server, user, pass string, opts registry.Options) error {
	t.Helper()
	all, err := registry.Credentials(fmt.Appendf(nil, `{"auths":{%q:{"username":%q,"password":%q}}}`, server, user, pass))
	if err != nil {
		t.Fatal(err)
	}
	return registry.Login(t.Context(), all[0], opts)
}

func wantOutcome(t *testing.T, err error, want registry.Outcome, words string) {
	t.Helper()
	text := fmt.Sprint(err)
	if got := registry.OutcomeOf(err); got != want || !strings.Contains(text, words) {
		t.Errorf("outcome is %q: %v\nwant %q: … %s …", got, err, want, words)
	}
	if strings.Contains(text, "c4n4ry") {
		t.Errorf("the error quotes a password: %v", err)
	}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	const wrong = "wr0ng-c4n4ry"
	kinds := map[string]func(*testing.T, *authority) configuration.Auth{
		"htpasswd": func(t *testing.T, _ *authority) configuration.Auth { return htpasswd(t) },
		"token": func(t *testing.T, a *authority) configuration.Auth {
			return (&tokenService{lifetime: time.Hour}).auth(t, a)
		},
	}
	for kind, auth := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			ca := newAuthority(t)
			server := newRegistry(t, auth(t, ca), ca.forHosts(time.Hour, "127.0.0.1")).Listener.Addr().String()
			opts := trusting(t, ca)
			wantOutcome(t, login(t, server, username, password, opts), registry.Accepted, "")
			wantOutcome(t, login(t, "https://"+server+"/v2/", username, password, opts), registry.Accepted, "")
			wantOutcome(t, login(t, server+"/team", username, password, opts), registry.Accepted, "")
			wantOutcome(t, login(t, server, username, wrong, opts), registry.BadCredentials, "wrong user name or password (HTTP 401 from ")
			wantOutcome(t, login(t, server, "nobody", password, opts), registry.BadCredentials, "HTTP 401")
			wantOutcome(t, login(t, server, username, password+"\n", opts), registry.BadCredentials, "HTTP 401")
		})
	}
}

func TestLoginWithExpiredCredentials(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	expired := &tokenService{refusal: "The access key expired on 2025-11-01"}
	server := newRegistry(t, expired.auth(t, ca), ca.forHosts(time.Hour, "127.0.0.1"))
	err := login(t, server.Listener.Addr().String(), username, password, trusting(t, ca))
	wantOutcome(t, err, registry.Expired, `"The access key expired on 2025-11-01")`)
}

func TestLoginWithAnExpiredToken(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	late := &tokenService{lifetime: -time.Hour}
	server := newRegistry(t, late.auth(t, ca), ca.forHosts(time.Hour, "127.0.0.1"))
	err := login(t, server.Listener.Addr().String(), username, password, trusting(t, ca))
	wantOutcome(t, err, registry.ServerError, "rejects the token of its own token service")
}

func TestLoginToARegistryForEverybody(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	server := newRegistry(t, nil, ca.forHosts(time.Hour, "127.0.0.1"))
	err := login(t, server.Listener.Addr().String(), username, password, trusting(t, ca))
	wantOutcome(t, err, registry.Anonymous, "does not ask for credentials")
}

func TestLoginWithoutTrust(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	opts := trusting(t, ca)
	good := ca.forHosts(time.Hour, "127.0.0.1")
	at := func(s interface{ String() string }) string { return s.String() }

	trusted := newRegistry(t, htpasswd(t), good)
	wantOutcome(t, login(t, at(trusted.Listener.Addr()), username, password, opts), registry.Accepted, "")
	wantOutcome(t, login(t, at(trusted.Listener.Addr()), username, password, registry.Options{}), registry.Untrusted, "is signed by an unknown authority")
	wantOutcome(t, login(t, at(trusted.Listener.Addr()), username, password, trusting(t, newAuthority(t))), registry.Untrusted, "is signed by an unknown authority")

	other := newRegistry(t, htpasswd(t), ca.forHosts(time.Hour, "registry.example.com"))
	wantOutcome(t, login(t, at(other.Listener.Addr()), username, password, opts), registry.Untrusted, "is valid for registry.example.com")

	expired := newRegistry(t, htpasswd(t), ca.forHosts(-time.Minute, "127.0.0.1"))
	wantOutcome(t, login(t, at(expired.Listener.Addr()), username, password, opts), registry.Untrusted, "expired on ")

	hidden := &tokenService{lifetime: time.Hour}
	halfway := newRegistry(t, hidden.auth(t, newAuthority(t)), good)
	wantOutcome(t, login(t, at(halfway.Listener.Addr()), username, password, opts), registry.Untrusted, "certificate of localhost:")
}

func TestLoginOverPlainHTTP(t *testing.T) {
	t.Parallel()
	server := newRegistry(t, htpasswd(t), nil).Listener.Addr().String()
	wantOutcome(t, login(t, server, username, password, registry.Options{}), registry.Accepted, "") // it is this machine
	wantOutcome(t, login(t, server, username, "wrong", registry.Options{}), registry.BadCredentials, "HTTP 401")
}

func TestLoginOutOfReach(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	gone := newRegistry(t, htpasswd(t), ca.forHosts(time.Hour, "127.0.0.1"))
	gone.Close()
	err := login(t, gone.Listener.Addr().String(), username, password, registry.Options{})
	wantOutcome(t, err, registry.Unreachable, "refused the connection from this machine (the cluster may still reach it)")
	err = login(t, "registry.invalid", username, password, registry.Options{})
	wantOutcome(t, err, registry.Unreachable, "registry.invalid")
}
