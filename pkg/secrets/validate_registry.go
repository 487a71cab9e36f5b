package secrets

import (
	"strconv"
	"strings"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// registries reads a list of registries.
func (p *parser) registries(at string, data *source.Node) []map[string]Value {
	for _, m := range data.Members {
		if m.Key != registriesKey {
			p.atKey(at, m, "move it into the list", "cannot be used together with registries")
		}
	}
	at += source.Pointer(registriesKey)
	list := data.Member(registriesKey)
	if list.Kind != source.Array || len(list.Items) == 0 {
		p.at(at, list, "use a list of objects with registry_server, username and password", "must be a list of at least one registry")
		return nil
	}
	var all []map[string]Value
	first := map[string]string{} // by server, the pointer to its first entry
	for i, item := range list.Items {
		here := at + source.Pointer(strconv.Itoa(i))
		if item.Kind != source.Object {
			p.at(here, item, "", "must be an object with registry_server, username and password, got %s", describe(item))
			continue
		}
		registry := p.registry(here, item)
		all = append(all, registry)
		server, _ := normalServer(string(registry[serverKey].bytes()))
		if other, twice := first[server]; twice && server != "" {
			p.at(here+source.Pointer(serverKey), item.Member(serverKey), "remove one of them", "duplicate registry (first defined at %s)", other)
		}
		first[server] = here
	}
	return all
}

// registry reads the credentials of one registry. Errors about unknown keys list others
// as additional keys.
func (p *parser) registry(at string, object *source.Node, others ...string) map[string]Value {
	rest, pasted := p.dockerKeys(at, object)
	p.unknownKeys(at, rest, registryHints(), append([]string{serverKey, usernameKey, passwordKey, emailKey}, others...)...)
	data := make(map[string]Value, len(object.Members))
	for _, key := range []string{serverKey, usernameKey, passwordKey, emailKey} {
		n := object.Member(key)
		if n == nil {
			if key != emailKey && !pasted {
				p.at(at, object, "", "%s is required", key)
			}
			continue
		}
		read := p.value
		if key == serverKey { // other checks need it before Resolve
			read = p.plain
		}
		value, ok := read(at+source.Pointer(key), n)
		if !ok {
			continue
		}
		data[key] = value
		if message, hint := credentialProblem(key, data); message != "" {
			p.at(at+source.Pointer(key), n, hint, "%s", message)
		}
	}
	return data
}

// dockerKeys adds an error for each key of a Docker config.json, and returns the object
// without them.
func (p *parser) dockerKeys(at string, object *source.Node) (rest *source.Node, found bool) {
	rest = &source.Node{Kind: object.Kind, Pos: object.Pos}
	for _, m := range object.Members {
		if message, hint := dockerKey(m.Key); message != "" {
			p.atKey(at, m, hint, "%s", message)
			continue
		}
		rest.Members = append(rest.Members, m)
	}
	return rest, len(rest.Members) < len(object.Members)
}

// dockerKey returns the error and the hint for a key of a Docker config.json, or "".
func dockerKey(key string) (message, hint string) {
	switch strings.ToLower(key) {
	case "auth":
		return "Docker's auth is not supported", "set username and password (base64 -d decodes auth to username:password)"
	case "identitytoken", "registrytoken":
		return "tokens are not supported, because the kubelet does not use them", "set username and password, for example of a service account"
	case "credsstore", "credhelpers":
		return "credential helpers are not supported, because the kubelet does not run them", "set registry_server, username and password"
	case "auths", corev1.DockerConfigJsonKey, corev1.DockerConfigKey:
		return "Docker's config.json is not supported", "set registry_server, username and password, or a list of them in registries"
	}
	return "", ""
}

// credentialProblem returns the error and the hint for a value of a registry, or "".
func credentialProblem(key string, registry map[string]Value) (message, hint string) {
	if registry[key].from != nil {
		return "", ""
	}
	text := string(registry[key].bytes())
	blank := strings.TrimSpace(text) == ""
	switch {
	case blank && key == usernameKey && isNvcr(registry):
		return "must not be empty", nvcrUsernameHint
	case blank:
		return "must not be empty", ""
	case !utf8.ValidString(text):
		return "must be UTF-8 text", ""
	case key == serverKey:
		_, problem := normalServer(text)
		return problem, ""
	case key == usernameKey && strings.Contains(text, ":"):
		return "must not contain a colon", "move the part after the colon to password"
	}
	return "", ""
}

// nvcrUsernameHint is the hint for a missing or wrong user name for nvcr.io.
const nvcrUsernameHint = "use '$oauthtoken', in single quotes in a shell"

// serverHost returns the host of a registry server without port and path.
func serverHost(registry map[string]Value) string {
	server, _ := normalServer(string(registry[serverKey].bytes()))
	host, _, _ := strings.Cut(server, "/")
	host, _, _ = strings.Cut(host, ":")
	return host
}

func isNvcr(registry map[string]Value) bool { return serverHost(registry) == "nvcr.io" }
