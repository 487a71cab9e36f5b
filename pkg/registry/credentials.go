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

// Credential is a user name and a password for a registry server. It prints as
// the server whatever the verb: the rest is behind a closure, where packages
// that print by reflection do not find it.
type Credential struct {
	Server string // for showing

	noLogin string // why it has no user name or no password, "" if it has both
	reveal  func() (key, username, password string)
}

var (
	_ fmt.Formatter  = Credential{}
	_ fmt.GoStringer = Credential{}
	_ json.Marshaler = Credential{}
	_ slog.LogValuer = Credential{}
)

// NewCredential returns the credentials for a server, spelled as in a
// .dockerconfigjson.
func NewCredential(server, username, password string) Credential {
	return Credential{
		Server:  shown(server),
		noLogin: authEntry{Username: username, Password: password}.noLogin(""),
		reveal:  func() (string, string, string) { return server, username, password },
	}
}

// NoLogin returns why the user name or the password is missing, so that the
// kubelet pulls anonymously, or "" if both are set.
func (c Credential) NoLogin() string { return c.noLogin }

// shown returns a server in a form that is safe to print. An invalid server
// could be anything, even a password.
func shown(server string) string {
	host := authority(server)
	before, path, _ := strings.Cut(server, host)
	plain := !strings.Contains(before, "@") && !strings.ContainsFunc(path, func(r rune) bool { return r != '/' && !isHostRune(r) })
	switch {
	case !isServer(host):
		return "(no registry server)"
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

// ErrNoLogin reports a .dockerconfigjson without a complete login. The kubelet
// ignores it.
var ErrNoLogin = errors.New("holds no login")

// dockerConfig holds the fields of a .dockerconfigjson that matter here. The
// kubelet neither runs credential helpers nor exchanges identity tokens; they
// only explain why there is no login. For the format see
// https://github.com/docker/cli/blob/master/cli/config/configfile/file.go.
type dockerConfig struct {
	Auths   map[string]json.RawMessage `json:"auths"`
	Headers map[string]string          `json:"HttpHeaders"` // for its faults only

	CredsStore  json.RawMessage            `json:"credsStore"`
	CredHelpers map[string]json.RawMessage `json:"credHelpers"`
}

// Credentials reads the .dockerconfigjson of a pull secret, sorted by server.
// Like the kubelet, it rejects the whole file if a part of it is malformed. It
// returns ErrNoLogin if no server has both a user name and a password.
func Credentials(dockerconfigjson []byte) ([]Credential, error) {
	var config dockerConfig
	if !json.Valid(dockerconfigjson) {
		return nil, errors.New("is no JSON: want {\"auths\":{SERVER:{\"auth\":…}}}")
	}
	if json.Unmarshal(dockerconfigjson, &config) != nil {
		return nil, errors.New("is no Docker configuration: want {\"auths\":{SERVER:{\"auth\":…}}}")
	}
	var all []Credential
	var faults []error
	logins, why := 0, `expected {"auths":{SERVER:{"auth":…}}}`
	if helper := config.helper(""); helper != "" {
		why = helper
	}
	for _, server := range slices.Sorted(maps.Keys(config.Auths)) {
		e, fault := readEntry(config.Auths[server])
		if fault != "" {
			faults = append(faults, fmt.Errorf("auths: %q: %s", shown(server), fault))
		}
		c := NewCredential(server, e.Username, e.Password)
		if c.noLogin = e.noLogin(config.helper(server)); c.noLogin == "" {
			logins++
		} else {
			why = c.noLogin
		}
		all = append(all, c)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	if logins == 0 {
		return nil, fmt.Errorf("%w: %s", ErrNoLogin, why)
	}
	return all, nil
}

// helper explains which setting leaves the login of a server, or of any server
// for "", to a credential helper. It returns "" if none does.
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

// authEntry is the entry of one server in a .dockerconfigjson.
type authEntry struct {
	Username, Password, Email, Auth string

	token bool // it has a token for clients that exchange it
}

// noLogin explains why the entry has no user name or no password; helper is the
// explanation for its server, if any. It returns "" if it has both.
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

// readEntry decodes the entry of one server. Like the kubelet, it prefers auth
// to username and password and ignores identity tokens.
func readEntry(raw json.RawMessage) (e authEntry, fault string) {
	if json.Unmarshal(raw, &e) != nil {
		return authEntry{}, "want an object with auth, or username and password, as strings"
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
		return authEntry{}, "auth: is no base64"
	}
	var found bool
	if e.Username, e.Password, found = strings.Cut(string(decoded), ":"); !found {
		return authEntry{}, "auth: want username and password with a colon between them, in base64"
	}
	return e, ""
}
