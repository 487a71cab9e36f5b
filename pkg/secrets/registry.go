package secrets

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
)

// The keys of a container_registry's data.
const (
	serverKey   = "registry_server"
	usernameKey = "username"
	passwordKey = "password"
	emailKey    = "email"

	registriesKey = "registries" // a list of the above, instead
)

// dockerHub is the name that docker login and kubectl write for Docker Hub. All clients
// know this name.
const dockerHub = "https://index.docker.io/v1/"

// credentials is the entry of one registry in a .dockerconfigjson.
type credentials struct {
	Username string `json:"username"`
	Password string `json:"password"`
	Email    string `json:"email,omitempty"`
	Auth     string `json:"auth"`
}

// auths reveals the credentials of each registry by its server.
func (op Operation) auths() map[string]credentials {
	all := map[string]credentials{}
	for _, registry := range op.registries() {
		text := func(key string) string { return string(registry[key].bytes()) }
		server, _ := normalServer(text(serverKey))
		all[server] = credentials{text(usernameKey), text(passwordKey), text(emailKey), basicAuth(registry)}
	}
	return all
}

// dockerConfig reveals the contents of .dockerconfigjson.
func (op Operation) dockerConfig() []byte {
	config, _ := json.Marshal(map[string]any{"auths": op.auths()}) // strings always marshal
	return config
}

// basicAuth reveals the credentials, encoded for HTTP basic authentication.
func basicAuth(registry map[string]Value) string {
	return base64.StdEncoding.EncodeToString(slices.Concat(registry[usernameKey].bytes(), []byte{':'}, registry[passwordKey].bytes()))
}

// rewrittenServers returns the normalized registry servers that differ from the payload.
// They are safe to print, because Parse rejects servers with credentials.
func (op Operation) rewrittenServers() []string {
	var all []string
	for _, registry := range op.registries() {
		if server := rewrittenServer(registry); server != "" {
			all = append(all, server)
		}
	}
	return all
}

func rewrittenServer(registry map[string]Value) string {
	given := string(registry[serverKey].bytes())
	if server, _ := normalServer(given); server != given {
		return server
	}
	return ""
}

// normalServer returns a registry server in the spelling that the kubelet matches; it
// compares case and port as text. For an invalid server it returns an error message, which
// does not quote it.
func normalServer(given string) (server, problem string) {
	const example = `, such as "nvcr.io"`
	rest := strings.TrimSpace(given)
	if scheme, after, ok := strings.Cut(rest, "://"); ok {
		if !slices.Contains([]string{"https", "http", "oci"}, strings.ToLower(scheme)) {
			return "", "must be a registry server with scheme https or none" + example
		}
		rest = after
	}
	host, path, _ := strings.Cut(strings.ToLower(rest), "/")
	path = strings.Trim(path, "/")
	if version, after, _ := strings.Cut(path, "/"); version == "v1" || version == "v2" {
		path = after // the version of the API, not part of image names
	}
	switch {
	case strings.Contains(rest, "@"):
		return "", "must not contain credentials; use username and password"
	case strings.ContainsFunc(rest, notInServer):
		return "", "must be a registry server" + example
	case !strings.ContainsAny(host, ".:") && host != "localhost":
		return "", "must have a host name with a dot" + example
	case strings.ContainsAny(path, ":*[]"):
		return "", "must be a registry server without image tag" + example
	case !hostAndPort.MatchString(host):
		return "", "must be a registry server with a numeric port or none" + example
	}
	hub := registry.IsDockerHub(strings.TrimSuffix(host, ":443"))
	switch {
	case hub && path == "":
		return dockerHub, ""
	case hub:
		return "docker.io/" + path, ""
	case path == "":
		return host, ""
	}
	return host + "/" + path, ""
}

// hostAndPort matches a host, possibly with wildcards, or an IPv6 address with a port.
var hostAndPort = regexp.MustCompile(`^([a-z0-9._*-]+(:\d+)?|\[[0-9a-f:]+\]:\d+)$`)

func notInServer(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	return !letter && !strings.ContainsRune(".-_:/*[]", r)
}
