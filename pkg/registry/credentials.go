package registry

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
)

// Credential is a user name and a password for a registry server. It always prints as the
// server. The rest is behind a function, so that packages that print by reflection do not
// find it.
type Credential struct {
	Server string // for output

	noLogin string // why it has no user name or no password, "" if it has both
	reveal  func() (key, username, password string)
}

var (
	_ fmt.Formatter  = Credential{}
	_ fmt.GoStringer = Credential{}
	_ json.Marshaler = Credential{}
	_ slog.LogValuer = Credential{}
)

// NewCredential returns the credentials for a server, spelled as in a .dockerconfigjson.
func NewCredential(server, username, password string) Credential {
	return Credential{
		Server:  shown(server),
		noLogin: authEntry{Username: username, Password: password}.noLogin(""),
		reveal:  func() (string, string, string) { return server, username, password },
	}
}

// NoLogin returns why the credentials lack a user name or password, so that the kubelet
// pulls without credentials, or "" if they have both.
func (c Credential) NoLogin() string { return c.noLogin }

// shown returns a server for output. It hides text that is not a server, because it may be
// a misplaced password.
func shown(server string) string {
	host := authority(server)
	before, path, _ := strings.Cut(server, host)
	plain := !strings.Contains(before, "@") && !strings.ContainsFunc(path, func(r rune) bool { return r != '/' && !isHostRune(r) })
	switch {
	case !isServer(host):
		return "(invalid server)"
	case plain:
		return server
	}
	return host
}

// String returns the server.
func (c Credential) String() string { return c.Server }

// GoString returns the server.
func (c Credential) GoString() string { return c.Server }

// Format writes the server for every verb.
func (c Credential) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, c.Server) }

// MarshalJSON writes the server.
func (c Credential) MarshalJSON() ([]byte, error) { return json.Marshal(c.Server) }

// MarshalText writes the server, for YAML and XML.
func (c Credential) MarshalText() ([]byte, error) { return []byte(c.Server), nil }

// LogValue logs as the server.
func (c Credential) LogValue() slog.Value { return slog.StringValue(c.Server) }

// ErrNoLogin is returned for a .dockerconfigjson without logins, which the kubelet
// ignores.
var ErrNoLogin = errors.New("has no login")

// dockerConfig holds the fields of a .dockerconfigjson that matter here. The kubelet runs
// no credential helpers and exchanges no identity tokens: these fields only explain a
// missing login. See https://docs.docker.com/reference/cli/docker/#docker-cli-configuration-file-configjson-properties.
type dockerConfig struct {
	Auths   map[string]json.RawMessage `json:"auths"`
	Headers map[string]string          `json:"HttpHeaders"` // only validated

	CredsStore  json.RawMessage            `json:"credsStore"`
	CredHelpers map[string]json.RawMessage `json:"credHelpers"`
}

// Credentials returns the credentials in the .dockerconfigjson of a pull secret, sorted by
// server. Like the kubelet, it rejects a file with any malformed part. It returns
// ErrNoLogin if no server has both a user name and a password.
func Credentials(dockerconfigjson []byte) ([]Credential, error) {
	const expected = `expected {"auths":{SERVER:{"auth":…}}}`
	var config dockerConfig
	if !json.Valid(dockerconfigjson) {
		return nil, errors.New("invalid JSON; " + expected)
	}
	if json.Unmarshal(dockerconfigjson, &config) != nil {
		return nil, errors.New("invalid Docker configuration; " + expected)
	}
	var all []Credential
	var failures []error
	logins, why := 0, expected
	if helper := config.helper(""); helper != "" {
		why = helper
	}
	for _, server := range slices.Sorted(maps.Keys(config.Auths)) {
		e, failure := readEntry(config.Auths[server])
		if failure != "" {
			failures = append(failures, fmt.Errorf("auths: %q: %s", shown(server), failure))
		}
		c := NewCredential(server, e.Username, e.Password)
		if c.noLogin = e.noLogin(config.helper(server)); c.noLogin == "" {
			logins++
		} else {
			why = c.noLogin
		}
		all = append(all, c)
	}
	if err := errors.Join(failures...); err != nil {
		return nil, err
	}
	if logins == 0 {
		return nil, fmt.Errorf("%w: %s", ErrNoLogin, why)
	}
	return all, nil
}

// helper returns the setting that names a credential helper for a server, or for all
// servers if server is "". It returns "" if there is none.
func (c dockerConfig) helper(server string) string {
	const keeps = " names a credential helper, which the kubelet does not run"
	_, named := c.CredHelpers[server]
	switch store := string(c.CredsStore); {
	case named || server == "" && len(c.CredHelpers) > 0:
		return "credHelpers" + keeps
	case store != "" && store != "null" && store != `""`:
		return "credsStore" + keeps
	}
	return ""
}

// authEntry is the entry of a .dockerconfigjson for one server.
type authEntry struct {
	Username, Password, Email, Auth string

	token bool // it has an identity or registry token
}

// noLogin returns why the entry has no user name or no password, or "" if it has both.
// helper is the setting that names a credential helper for its server.
func (e authEntry) noLogin(helper string) string {
	switch {
	case e.Username != "" && e.Password != "":
		return ""
	case e.token:
		return "it has only an identity token, which the kubelet does not use"
	case helper != "":
		return helper
	case e.Username == "":
		return "it has no user name"
	}
	return "it has no password"
}

// readEntry reads the entry of a .dockerconfigjson for one server. Like the kubelet, it
// prefers auth to username and password, and ignores identity tokens.
func readEntry(raw json.RawMessage) (e authEntry, failure string) {
	if json.Unmarshal(raw, &e) != nil {
		return authEntry{}, "must be an object with auth, or username and password, as strings"
	}
	var tokens struct{ IdentityToken, RegistryToken any }
	e.token = json.Unmarshal(raw, &tokens) == nil && (tokens.IdentityToken != nil || tokens.RegistryToken != nil)
	if e.Auth == "" {
		return e, ""
	}
	encoding := base64.RawStdEncoding
	if strings.HasSuffix(strings.TrimSpace(e.Auth), "=") {
		encoding = base64.StdEncoding
	}
	decoded, err := encoding.DecodeString(e.Auth)
	if err != nil {
		return authEntry{}, "auth must be base64"
	}
	var found bool
	if e.Username, e.Password, found = strings.Cut(string(decoded), ":"); !found {
		return authEntry{}, "auth must be username:password in base64"
	}
	return e, ""
}
