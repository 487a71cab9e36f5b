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

// dockerHub is what docker login and kubectl write for Docker Hub, and the one
// of its names that every reader of such a file knows.
const dockerHub = "https://index.docker.io/v1/"

// credentials is what .dockerconfigjson has of one registry.
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

// basicAuth reveals the credentials as HTTP basic authentication encodes them.
func basicAuth(registry map[string]Value) string {
	return base64.StdEncoding.EncodeToString(slices.Concat(registry[usernameKey].bytes(), []byte{':'}, registry[passwordKey].bytes()))
}

// rewrittenServers returns the registry servers that aren't written as the
// payload has them. A server is no secret, once it is known to be one: what
// Parse lets through has no credentials in it.
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

// normalServer spells a registry server so that the kubelet, which compares
// case and port as text, finds it for the images of that registry. It returns
// instead what is wrong with it, without quoting it.
func normalServer(given string) (server, problem string) {
	const want = `want a host such as "nvcr.io"`
	rest := strings.TrimSpace(given)
	if scheme, after, ok := strings.Cut(rest, "://"); ok {
		if !slices.Contains([]string{"https", "http", "oci"}, strings.ToLower(scheme)) {
			return "", "has a scheme that registries don't have: " + want
		}
		rest = after
	}
	host, path, _ := strings.Cut(strings.ToLower(rest), "/")
	path = strings.Trim(path, "/")
	if version, after, _ := strings.Cut(path, "/"); version == "v1" || version == "v2" {
		path = after // of the API, not of the images
	}
	switch {
	case strings.Contains(rest, "@"):
		return "", "has credentials in it: put them in username and password, and leave the host"
	case strings.ContainsFunc(rest, notInServer):
		return "", "is no registry server: " + want
	case !strings.ContainsAny(host, ".:") && host != "localhost":
		return "", "has no dot in its host, so no image could be pulled from it: " + want
	case strings.ContainsAny(path, ":*[]"):
		return "", "has more in it than a server, such as an image's tag: " + want
	case !hostAndPort.MatchString(host):
		return "", "has a port that is no number: " + want
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

// hostAndPort is a host, which may have wildcards, or an IPv6 address, which
// registries have only with a port.
var hostAndPort = regexp.MustCompile(`^([a-z0-9._*-]+(:\d+)?|\[[0-9a-f:]+\]:\d+)$`)

func notInServer(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	return !letter && !strings.ContainsRune(".-_:/*[]", r)
}
