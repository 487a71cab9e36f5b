package secrets

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	corev1 "k8s.io/api/core/v1"
)

const byteOrderMark = "\ufeff"

// tokenStarts returns the prefixes of the tokens of well-known services.
func tokenStarts() []string {
	return []string{
		"hf_", "nvapi-", "sk-", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "dckr_pat_", "dop_v1_",
		"AKIA", "ASIA", "AIza", "eyJhbGciOi", "-----BEGIN ",
	}
}

func looksLikeToken(text string) bool {
	return slices.ContainsFunc(tokenStarts(), func(start string) bool { return strings.HasPrefix(text, start) })
}

// isRegistry reports whether the value is one of a registry's credentials.
func (f field) isRegistry() bool { return f.op.Type == TypeContainerRegistry }

// findDockerConfig looks at the key only. The kubelet pulls with Secrets of its
// own types alone.
func findDockerConfig(f field) string {
	if f.op.Type != TypeOpaque || f.key != corev1.DockerConfigJsonKey && f.key != corev1.DockerConfigKey {
		return ""
	}
	return "does not make a pull secret, as the kubelet ignores it in an opaque Secret: use type container_registry with registry_server, username and password"
}

func findByteOrderMark(_ field, text string) string {
	if strings.HasPrefix(text, byteOrderMark) {
		return "begins with a byte order mark, which becomes part of the value: save it as UTF-8 without BOM"
	}
	return ""
}

// placeholder matches a whole value; reserved is the part of one that may say
// example and mean it.
var (
	placeholder = regexp.MustCompile(`(?i)^(?:` + strings.Join([]string{
		`<[^<>\n]+>`, `\$?\{\{[^\n]*\}\}`, // a template's, with blanks in it or not
		`your[-_]\S*`, `\S*[-_](your[-_]\S*|x{4,})`, `my[-_]([^\s_-]+[-_])?(token|key|secret|password)`,
		`(change|replace)[-_]?(me|this)`, `todo|fixme|tbd|x{3,}|\*{3,}`,
		`\S*(\.\.\.|…)\S*`, `\S*example\S*`, `\S*(token|password|secret|key)[-_](goes[-_])?here`,
	}, "|") + `)$`)
	reserved = regexp.MustCompile(`(?i)example\.(com|org|net|edu)|\.example\b`)
)

// findPlaceholder leaves alone what has blanks in it, which is text that may
// well speak of examples.
func findPlaceholder(_ field, text string) string {
	const longest = 256 // a longer text is none, and takes long to match
	text = strings.TrimSpace(strings.TrimPrefix(text, byteOrderMark))
	if len(text) <= longest && placeholder.MatchString(reserved.ReplaceAllString(text, "")) {
		return "looks like a placeholder: put the value in its place"
	}
	return ""
}

// findBlank leaves alone what has several lines, or is a document, where a
// blank at the end belongs to the format.
func findBlank(f field, text string) string {
	trimmed := strings.TrimSpace(text)
	document := strings.ContainsAny(trimmed, "\n\r") || strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[")
	switch {
	case trimmed == text || document && !f.isRegistry() || f.key == serverKey && f.isRegistry():
	case trimmed == "":
		return "is blank: remove the key, or give its value"
	case strings.TrimRight(text, "\r\n") == trimmed:
		return `ends with a newline, which becomes part of the value and breaks HTTP headers: remove it (printf %s instead of echo)`
	case strings.TrimLeftFunc(text, unicode.IsSpace) == trimmed:
		return "begins with a blank, which becomes part of the value: remove it"
	case strings.TrimRightFunc(text, unicode.IsSpace) == trimmed:
		return "ends with a blank, which becomes part of the value: remove it"
	default:
		return "begins and ends with a blank, which become part of the value: remove them"
	}
	return ""
}

func findRewrittenServer(f field, _ string) string {
	if !f.isRegistry() || f.key != serverKey {
		return ""
	}
	if server := rewrittenServer(f.in); server != "" {
		return "is written as " + server + ", which is what the kubelet looks for: write that"
	}
	return ""
}

func findNvcrUsername(f field, text string) string {
	if !f.isRegistry() || f.key != usernameKey || !isNvcr(f.in) || text == "$oauthtoken" {
		return ""
	}
	return `isn't the one user name that nvcr.io takes with an API key: write "$oauthtoken", which shells take for a variable`
}

func findNvcrPassword(f field, text string) string {
	if !f.isRegistry() || f.key != passwordKey || !isNvcr(f.in) || strings.HasPrefix(strings.TrimSpace(text), "nvapi-") {
		return ""
	}
	return "isn't an API key of NGC, which begin with nvapi-: make one at https://org.ngc.nvidia.com/setup/api-keys"
}

func findOcirUsername(f field, text string) string {
	host := serverHost(f.in)
	ocir := strings.HasSuffix(host, ".ocir.io") || strings.HasPrefix(host, "ocir.") && strings.HasSuffix(host, ".oci.oraclecloud.com")
	if !f.isRegistry() || f.key != usernameKey || !ocir {
		return ""
	}
	tenancy, _, found := strings.Cut(text, "/")
	switch {
	case !found:
		return "has no tenancy: write <tenancy-namespace>/<user>, or <tenancy-namespace>/oracleidentitycloudservice/<user> where users are federated"
	case strings.EqualFold(tenancy, host):
		return "begins with the registry: write <tenancy-namespace>/<user> (oci os ns get shows the tenancy namespace)"
	}
	return ""
}
