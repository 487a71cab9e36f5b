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
// the server, however it is printed: the rest is behind a function, where
// packages that print by reflection don't find it.
type Credential struct {
	Server string // for showing

	reveal func() (key, username, password string)
}

var (
	_ fmt.Formatter  = Credential{}
	_ fmt.GoStringer = Credential{}
	_ json.Marshaler = Credential{}
	_ slog.LogValuer = Credential{}
)

// NewCredential returns the credentials for a server, which is spelled as in a
// .dockerconfigjson.
func NewCredential(server, username, password string) Credential {
	return Credential{
		Server: shown(server),
		reveal: func() (string, string, string) { return server, username, password },
	}
}

// shown is a server for showing. A server that is none may be anything, even a
// password.
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

// ErrNoRegistry is a .dockerconfigjson without any credentials, which the kubelet
// doesn't mind.
var ErrNoRegistry = errors.New("has no registry in it: want {\"auths\":{SERVER:{\"auth\":…}}}")

// Credentials reads the .dockerconfigjson of a pull secret as the kubelet does,
// which refuses the whole of it where a part is malformed. They are sorted by
// server.
func Credentials(dockerconfigjson []byte) ([]Credential, error) {
	var config struct {
		Auths   map[string]json.RawMessage `json:"auths"`
		Headers map[string]string          `json:"HttpHeaders"` // for its faults only
	}
	if !json.Valid(dockerconfigjson) {
		return nil, errors.New("is no JSON: want {\"auths\":{SERVER:{\"auth\":…}}}")
	}
	if json.Unmarshal(dockerconfigjson, &config) != nil {
		return nil, errors.New("is no Docker configuration: want {\"auths\":{SERVER:{\"auth\":…}}}")
	}
	if len(config.Auths) == 0 {
		return nil, ErrNoRegistry
	}
	var all []Credential
	var faults []error
	for _, server := range slices.Sorted(maps.Keys(config.Auths)) {
		username, password, fault := entry(config.Auths[server])
		if fault != "" {
			faults = append(faults, fmt.Errorf("auths: %q: %s", shown(server), fault))
		}
		all = append(all, NewCredential(server, username, password))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return all, nil
}

// entry reads what a .dockerconfigjson has for one server. As for the kubelet,
// auth counts more than username and password, and identity tokens nothing.
func entry(raw json.RawMessage) (username, password, fault string) {
	var e struct{ Username, Password, Email, Auth string }
	if json.Unmarshal(raw, &e) != nil {
		return "", "", "want an object with auth, or username and password, as strings"
	}
	if e.Auth == "" {
		return e.Username, e.Password, ""
	}
	encoding := base64.RawStdEncoding
	if strings.HasSuffix(strings.TrimSpace(e.Auth), "=") {
		encoding = base64.StdEncoding
	}
	decoded, err := encoding.DecodeString(e.Auth)
	if err != nil {
		return "", "", "auth: is no base64"
	}
	username, password, found := strings.Cut(string(decoded), ":")
	if !found {
		return "", "", "auth: want username and password with a colon between them, in base64"
	}
	return username, password, ""
}
