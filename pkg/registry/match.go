package registry

import (
	"cmp"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

// Host returns the registry of an image as spelled in image names, or "" if the name is
// invalid.
func Host(image string) string {
	host, _ := split(image)
	return host
}

// Repository returns an image without its tag and digest, as it is written.
func Repository(image string) string {
	image, _, _ = strings.Cut(image, "@")
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
		image = image[:i]
	}
	return image
}

func split(image string) (host, repository string) {
	ref, err := name.ParseReference(image)
	if err != nil {
		return "", ""
	}
	host = ref.Context().RegistryStr()
	if host == hubHost {
		host = "docker.io"
	}
	return host, ref.Context().RepositoryStr()
}

// Matching returns the credentials with which the kubelet pulls an image, in the order in
// which it tries them: the longest server first. It compares hosts part by part, with the
// wildcards * and ?, and the path of a server with the beginning of the image's. See
// https://kubernetes.io/docs/concepts/containers/images/#config-json.
func Matching(all []Credential, image string) []Credential {
	host, repository := split(image)
	if host == "" {
		return nil
	}
	target := &url.URL{Host: host, Path: "/" + repository}
	onHub := host == "docker.io" || !strings.ContainsAny(host, ".:") // including localhost, as in the kubelet
	var found, hub []Credential
	for _, c := range all {
		key := c.key()
		switch {
		case key == nil:
		case covers(key, target):
			found = append(found, c)
		case key.Host == hubHost && key.Path == "" && onHub:
			hub = append(hub, c)
		}
	}
	if len(found) == 0 {
		return hub
	}
	slices.SortStableFunc(found, func(a, b Credential) int {
		return -cmp.Compare(a.key().Host+a.key().Path, b.key().Host+b.key().Path)
	})
	return found
}

// key returns the server as the kubelet parses it, or nil if the kubelet ignores it.
func (c Credential) key() *url.URL {
	if c.reveal == nil {
		return nil
	}
	server, _, _ := c.reveal()
	if !strings.HasPrefix(server, "https://") && !strings.HasPrefix(server, "http://") {
		server = "https://" + server
	}
	parsed, err := url.Parse(server)
	if err != nil {
		return nil
	}
	under := parsed.Path
	if strings.HasPrefix(under, "/v1/") || strings.HasPrefix(under, "/v2/") {
		under = under[len("/v1"):]
	}
	if under == "/" {
		under = ""
	}
	// Parse again, as the kubelet does, which matters for unusual paths.
	parsed, err = url.Parse("https://" + parsed.Host + under)
	if err != nil {
		return nil
	}
	return parsed
}

// covers reports whether the server key applies to an image.
func covers(key, image *url.URL) bool {
	if key.Port() != image.Port() || !strings.HasPrefix(image.Path, key.Path) {
		return false
	}
	patterns, parts := strings.Split(key.Hostname(), "."), strings.Split(image.Hostname(), ".")
	return slices.EqualFunc(patterns, parts, func(pattern, part string) bool {
		ok, err := path.Match(pattern, part)
		return ok && err == nil
	})
}
