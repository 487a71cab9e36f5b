package registry

import "strings"

const noServer = `invalid registry server, which the kubelet ignores; use a host such as "nvcr.io"`

// hubHost is the host that clients log in to for Docker Hub.
const hubHost = "index.docker.io"

// IsDockerHub reports whether a host is one of the names of Docker Hub.
func IsDockerHub(host string) bool {
	switch host {
	case "docker.io", hubHost, "registry-1.docker.io", "registry.hub.docker.com", "hub.docker.com":
		return true
	}
	return false
}

// hostOf returns the host, with its port, of a key of auths: a host, a host and a path,
// or a URL.
func hostOf(key string) (string, *Error) {
	host := strings.ToLower(authority(key))
	switch {
	case strings.ContainsAny(host, "*?"):
		return "", newError(NotChecked, "cannot log in to a server with wildcards")
	case !isServer(host):
		return "", newError(NotChecked, noServer)
	case IsDockerHub(host):
		return hubHost, nil
	}
	return host, nil
}

// authority returns the host of a key as the kubelet parses it.
func authority(key string) string {
	for _, scheme := range []string{"https://", "http://"} {
		if rest, ok := strings.CutPrefix(key, scheme); ok {
			key = rest
			break
		}
	}
	host, _, _ := strings.Cut(key, "/")
	return host[strings.LastIndex(host, "@")+1:] // the kubelet ignores user names
}

// isServer reports whether host looks like a host, so that it can be printed.
func isServer(host string) bool {
	return host != "" && !strings.HasSuffix(host, ":") && !strings.ContainsFunc(host, func(r rune) bool { return !isHostRune(r) })
}

func isHostRune(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	return letter || strings.ContainsRune(".-_:[]*", r)
}
