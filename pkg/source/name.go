package source

import "regexp"

// name matches words of letters, which may be joined by dashes, dots and
// underscores: HF_TOKEN, tls.crt, registryServer.
var name = regexp.MustCompile(`^\.?[A-Za-z]{1,16}([-._][A-Za-z]{1,16})*$`)

// IsName reports whether a key reads as a name. Other keys of a payload must not be
// printed, because they may be misplaced values, as in {token, hf_x1y2z3}, where a comma
// replaces the colon.
func IsName(key string) bool {
	const longest = 40
	return len(key) <= longest && name.MatchString(key)
}
