package source

import "regexp"

// name matches words of letters, which may be joined by dashes, dots and
// underscores: HF_TOKEN, tls.crt, registryServer.
var name = regexp.MustCompile(`^\.?[A-Za-z]{1,16}([-._][A-Za-z]{1,16})*$`)

// IsName reports whether a key reads as a name, and not as a token or a
// password that stands where a key belongs, such as in {token, hf_x1y2z3}, where
// a comma stands for a colon. Only keys that do may be quoted from a payload.
func IsName(key string) bool {
	const longest = 40
	return len(key) <= longest && name.MatchString(key)
}
