package secrets

import (
	"strconv"
	"strings"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// registries reads the list of registries that a container_registry may have
// instead of one.
func (p *parser) registries(at string, data *source.Node) []map[string]Value {
	for _, m := range data.Members {
		if m.Key != registriesKey {
			p.atKey(at, m, "", "stands beside registries: move it into the list")
		}
	}
	at += source.Pointer(registriesKey)
	list := data.Member(registriesKey)
	if list.Kind != source.Array || len(list.Items) == 0 {
		p.at(at, list, "want a list of at least one registry, each an object with registry_server, username and password")
		return nil
	}
	var all []map[string]Value
	first := map[string]string{} // by server, the pointer to its first mention
	for i, item := range list.Items {
		here := at + source.Pointer(strconv.Itoa(i))
		if item.Kind != source.Object {
			p.at(here, item, "is %s: want an object with registry_server, username and password", describe(item))
			continue
		}
		registry := p.registry(here, item)
		all = append(all, registry)
		server, _ := normalServer(string(registry[serverKey].bytes()))
		if other, twice := first[server]; twice && server != "" {
			p.at(here+source.Pointer(serverKey), item.Member(serverKey), "is the same registry as %s: remove one", other)
		}
		first[server] = here
	}
	return all
}

// registry reads the credentials of one registry. The keys in others are known
// besides those, but not there.
func (p *parser) registry(at string, object *source.Node, others ...string) map[string]Value {
	rest, pasted := p.dockerKeys(at, object)
	p.unknownKeys(at, rest, registryHints(), append([]string{serverKey, usernameKey, passwordKey, emailKey}, others...)...)
	data := make(map[string]Value, len(object.Members))
	for _, key := range []string{serverKey, usernameKey, passwordKey, emailKey} {
		n := object.Member(key)
		if n == nil {
			if key != emailKey && !pasted {
				p.at(at, object, "has no %s", key)
			}
			continue
		}
		read := p.value
		if key == serverKey { // other checks need it before anything is resolved
			read = p.plain
		}
		value, ok := read(at+source.Pointer(key), n)
		if !ok {
			continue
		}
		data[key] = value
		if problem := credentialProblem(key, data); problem != "" {
			p.at(at+source.Pointer(key), n, "%s", problem)
		}
	}
	return data
}

// dockerKeys refuses the keys of a Docker config.json, and returns the object
// without them.
func (p *parser) dockerKeys(at string, object *source.Node) (rest *source.Node, found bool) {
	rest = &source.Node{Kind: object.Kind, Pos: object.Pos}
	for _, m := range object.Members {
		if words := dockerKey(m.Key); words != "" {
			p.atKey(at, m, "", "%s", words)
			continue
		}
		rest.Members = append(rest.Members, m)
	}
	return rest, len(rest.Members) < len(object.Members)
}

// dockerKey returns the fault of a key of a Docker config.json, which has the same data in
// another form, or no login.
func dockerKey(key string) string {
	switch strings.ToLower(key) {
	case "auth":
		return "must be replaced by username and password, which it holds as base64 (base64 -d prints username:password)"
	case "identitytoken", "registrytoken":
		return "is not a login that the kubelet can use: set username and password, such as those of a service account"
	case "credsstore", "credhelpers":
		return "names a credential helper, which the kubelet does not run: set registry_server, username and password"
	case "auths", corev1.DockerConfigJsonKey, corev1.DockerConfigKey:
		return "is the format of a Docker config.json: set registry_server, username and password, or a list of them in registries"
	}
	return ""
}

// credentialProblem returns the fault of a value of a registry's data, or "".
func credentialProblem(key string, registry map[string]Value) string {
	if registry[key].from != nil {
		return ""
	}
	text := string(registry[key].bytes())
	blank := strings.TrimSpace(text) == ""
	switch {
	case blank && key == usernameKey && isNvcr(registry):
		return `is empty: nvcr.io wants the user name "$oauthtoken", which shells take for a variable`
	case blank:
		return "is empty"
	case !utf8.ValidString(text):
		return "is not UTF-8 text"
	case key == serverKey:
		_, problem := normalServer(text)
		return problem
	case key == usernameKey && strings.Contains(text, ":"):
		return "has a colon, which ends a user name where registries read it: put what follows in password"
	}
	return ""
}

// serverHost returns the host of a registry's server without port and path.
func serverHost(registry map[string]Value) string {
	server, _ := normalServer(string(registry[serverKey].bytes()))
	host, _, _ := strings.Cut(server, "/")
	host, _, _ = strings.Cut(host, ":")
	return host
}

func isNvcr(registry map[string]Value) bool { return serverHost(registry) == "nvcr.io" }
