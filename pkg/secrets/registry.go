package secrets

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
)

// The keys of a container_registry's data.
const (
	serverKey   = "registry_server"
	usernameKey = "username"
	passwordKey = "password"
	emailKey    = "email"
)

// dockerHub is what docker login and kubectl write for Docker Hub, and the one
// of its names that every reader of such a file knows.
const dockerHub = "https://index.docker.io/v1/"

// dockerConfig reveals the contents of .dockerconfigjson.
func (op Operation) dockerConfig() []byte {
	type credentials struct {
		Username string `json:"username"`
		Password string `json:"password"`
		Email    string `json:"email,omitempty"`
		Auth     string `json:"auth"`
	}
	text := func(key string) string { return string(op.Data[key].bytes()) }
	server, _ := normalServer(text(serverKey))
	config, _ := json.Marshal(map[string]any{"auths": map[string]credentials{server: { // strings always marshal
		Username: text(usernameKey),
		Password: text(passwordKey),
		Email:    text(emailKey),
		Auth:     op.auth(),
	}}})
	return config
}

// auth reveals the credentials as HTTP basic authentication encodes them.
func (op Operation) auth() string {
	return base64.StdEncoding.EncodeToString(slices.Concat(op.Data[usernameKey].bytes(), []byte{':'}, op.Data[passwordKey].bytes()))
}

// rewrittenServer returns the registry server as it is written, where that
// isn't how the payload has it. A server is no secret, once it is known to be
// one: what Parse lets through has no credentials in it.
func (op Operation) rewrittenServer() string {
	given := string(op.Data[serverKey].bytes())
	if server, _ := normalServer(given); server != given && op.Type == TypeContainerRegistry {
		return server
	}
	return ""
}

// normalServer spells a registry server so that the kubelet, which compares
// case and port as text, finds it for the images of that registry. It returns
// instead what is wrong with it, without quoting it.
func normalServer(given string) (server, fault string) {
	const want = `want a host such as "nvcr.io"`
	rest := strings.TrimSpace(given)
	if scheme, after, ok := strings.Cut(rest, "://"); ok {
		if !slices.Contains([]string{"https", "http", "oci"}, strings.ToLower(scheme)) {
			return "", "has a scheme that registries don't have: " + want
		}
		rest = after
	}
	host, path, _ := strings.Cut(rest, "/")
	host, path = strings.ToLower(host), strings.Trim(path, "/")
	switch {
	case strings.Contains(rest, "@"):
		return "", "has credentials in it: put them in username and password, and leave the host"
	case strings.ContainsFunc(rest, notInServer):
		return "", "is no registry server: " + want
	case !strings.ContainsAny(host, ".:") && host != "localhost":
		return "", "has no dot in its host, so no image could be pulled from it: " + want
	}
	version := path == "" || path == "v1" || path == "v2"
	switch {
	case version && isDockerHub(host):
		return dockerHub, ""
	case version:
		return host, ""
	}
	return host + "/" + path, ""
}

func isDockerHub(host string) bool {
	return slices.Contains([]string{
		"docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com", "hub.docker.com",
	}, host)
}

func notInServer(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	return !letter && !strings.ContainsRune(".-_:/*[]", r)
}
