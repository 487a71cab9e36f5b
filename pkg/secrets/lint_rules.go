package secrets

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	corev1 "k8s.io/api/core/v1"
)

const byteOrderMark = "\ufeff"

// tokenStarts returns the prefixes of tokens of well-known services.
func tokenStarts() []string {
	return []string{
		"hf_", "nvapi-", "sk-", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "dckr_pat_", "dop_v1_",
		"AKIA", "ASIA", "AIza", "eyJhbGciOi", "-----BEGIN ",
	}
}

func looksLikeToken(text string) bool {
	return slices.ContainsFunc(tokenStarts(), func(start string) bool { return strings.HasPrefix(text, start) })
}

// isRegistry reports whether the value is part of the credentials of a registry.
func (f field) isRegistry() bool { return f.op.Type == TypeContainerRegistry }

// isDockerConfig reports whether the key is a pull secret's in an opaque Secret. The
// kubelet ignores it, because it reads credentials only from Secrets of its own types.
func isDockerConfig(f field) bool {
	return f.op.Type == TypeOpaque && (f.key == corev1.DockerConfigJsonKey || f.key == corev1.DockerConfigKey)
}

func findByteOrderMark(_ field, text string) (message, hint string) {
	if strings.HasPrefix(text, byteOrderMark) {
		return "starts with a byte order mark, which becomes part of the value", "save it as UTF-8 without a byte order mark"
	}
	return "", ""
}

// placeholder matches a whole value. reserved matches parts of real values that contain
// the word example.
var (
	placeholder = regexp.MustCompile(`(?i)^(?:` + strings.Join([]string{
		`<[^<>\n]+>`, `\$?\{\{[^\n]*\}\}`, // of templates, with or without spaces
		`your[-_]\S*`, `\S*[-_](your[-_]\S*|x{4,})`, `my[-_]([^\s_-]+[-_])?(token|key|secret|password)`,
		`(change|replace)[-_]?(me|this)`, `todo|fixme|tbd|x{3,}|\*{3,}`,
		`\S*(\.\.\.|…)\S*`, `\S*example\S*`, `\S*(token|password|secret|key)[-_](goes[-_])?here`,
	}, "|") + `)$`)
	reserved = regexp.MustCompile(`(?i)example\.(com|org|net|edu)|\.example\b`)
)

// findPlaceholder finds placeholders. It accepts text with spaces, which may legitimately
// mention examples.
func findPlaceholder(_ field, text string) (message, hint string) {
	const longest = 256 // longer texts are not placeholders, and slow to match
	text = strings.TrimSpace(strings.TrimPrefix(text, byteOrderMark))
	if len(text) <= longest && placeholder.MatchString(reserved.ReplaceAllString(text, "")) {
		return "looks like a placeholder", "replace it with the value"
	}
	return "", ""
}

// findWhitespace finds leading and trailing whitespace. It accepts text of several lines
// and documents, which may end with a newline.
func findWhitespace(f field, text string) (message, hint string) {
	trimmed := strings.TrimSpace(text)
	document := strings.ContainsAny(trimmed, "\n\r") || strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[")
	switch {
	case trimmed == text || document && !f.isRegistry() || f.key == serverKey && f.isRegistry():
	case trimmed == "":
		return "contains only whitespace", "set the value, or remove the key"
	case strings.TrimRight(text, "\r\n") == trimmed:
		return "ends with a newline, which becomes part of the value and breaks HTTP headers", "remove it; use printf %s instead of echo"
	case strings.TrimLeftFunc(text, unicode.IsSpace) == trimmed:
		return "starts with whitespace, which becomes part of the value", "remove it"
	case strings.TrimRightFunc(text, unicode.IsSpace) == trimmed:
		return "ends with whitespace, which becomes part of the value", "remove it"
	default:
		return "starts and ends with whitespace, which becomes part of the value", "remove it"
	}
	return "", ""
}

func findNvcrUsername(f field, text string) (message, hint string) {
	if !f.isRegistry() || f.key != usernameKey || !isNvcr(f.in) || text == "$oauthtoken" {
		return "", ""
	}
	return `must be "$oauthtoken" for nvcr.io`, nvcrUsernameHint
}

func findNvcrPassword(f field, text string) (message, hint string) {
	if !f.isRegistry() || f.key != passwordKey || !isNvcr(f.in) || strings.HasPrefix(strings.TrimSpace(text), "nvapi-") {
		return "", ""
	}
	return "does not look like an NGC API key, which starts with nvapi-", "create one at https://org.ngc.nvidia.com/setup/api-keys"
}

func findOcirUsername(f field, text string) (message, hint string) {
	host := serverHost(f.in)
	ocir := strings.HasSuffix(host, ".ocir.io") || strings.HasPrefix(host, "ocir.") && strings.HasSuffix(host, ".oci.oraclecloud.com")
	if !f.isRegistry() || f.key != usernameKey || !ocir {
		return "", ""
	}
	tenancy, _, found := strings.Cut(text, "/")
	switch {
	case !found:
		return "has no tenancy namespace", "use <tenancy-namespace>/<user>, or <tenancy-namespace>/oracleidentitycloudservice/<user> for federated users"
	case strings.EqualFold(tenancy, host):
		return "starts with the registry instead of the tenancy namespace", "use <tenancy-namespace>/<user> (oci os ns get prints the tenancy namespace)"
	}
	return "", ""
}
