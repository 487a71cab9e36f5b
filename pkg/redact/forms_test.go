package redact_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// form is a way in which a program may quote a value.
type form struct {
	name   string
	encode func(string) string
	exact  bool // the whole value is replaced; else the message is withheld
}

var forms = []form{
	{"as it is", func(v string) string { return v }, true},
	{"%q", strconv.Quote, true},
	{"%+q", strconv.QuoteToASCII, false},
	{"%v of bytes", func(v string) string { return fmt.Sprintf("%d", []byte(v)) }, true},
	{"%#v of bytes", func(v string) string { return fmt.Sprintf("%#v", []byte(v)) }, false},
	{"%x", func(v string) string { return hex.EncodeToString([]byte(v)) }, true},
	{"%X", func(v string) string { return fmt.Sprintf("%X", v) }, true},
	{"% x", func(v string) string { return fmt.Sprintf("% x", v) }, false},
	{"%#x", func(v string) string { return fmt.Sprintf("%#x", v) }, true},
	{"hex with colons", func(v string) string { return strings.ReplaceAll(fmt.Sprintf("% x", v), " ", ":") }, true},
	{"upper hex with colons", func(v string) string { return strings.ReplaceAll(fmt.Sprintf("% X", v), " ", ":") }, true},
	{`\x`, func(v string) string { return `\x` + strings.ReplaceAll(fmt.Sprintf("% x", v), " ", `\x`) }, false},
	{"octal", func(v string) string {
		var out strings.Builder
		for _, b := range []byte(v) {
			fmt.Fprintf(&out, `\%03o`, b)
		}
		return out.String()
	}, false},
	{"list of bytes", func(v string) string { return strings.ReplaceAll(fmt.Sprintf("%d", []byte(v)), " ", ", ") }, false},
	{"JSON", func(v string) string { text, _ := json.Marshal(v); return string(text) }, true},
	{"JSON in JSON", func(v string) string {
		text, _ := json.Marshal(v)
		text, _ = json.Marshal(string(text))
		return string(text)
	}, true},
	{`JSON with \u`, func(v string) string {
		var out strings.Builder
		for _, r := range v {
			if r < 0x80 && r != '"' && r != '\\' && r >= ' ' {
				out.WriteRune(r)
				continue
			}
			fmt.Fprintf(&out, `\u%04x`, r)
		}
		return out.String()
	}, false},
	{"query", url.QueryEscape, true},
	{"path", url.PathEscape, true},
	{"encodeURIComponent", func(v string) string { return strings.ReplaceAll(url.QueryEscape(v), "+", "%20") }, true},
	{"lower case percent", func(v string) string { return strings.ToLower(url.QueryEscape(v)) }, false},
	{"all percent", func(v string) string { return "%" + strings.ReplaceAll(fmt.Sprintf("% X", v), " ", "%") }, false},
	{"percent twice", func(v string) string { return url.QueryEscape(url.QueryEscape(v)) }, false},
	{"HTML", html.EscapeString, true},
	{"named entities", func(v string) string {
		return strings.NewReplacer("&#34;", "&quot;", "&#39;", "&apos;").Replace(html.EscapeString(v))
	}, false},
	{"numeric entities", func(v string) string {
		var out strings.Builder
		for _, r := range v {
			fmt.Fprintf(&out, "&#x%X;", r)
		}
		return out.String()
	}, false},
	{"base64", func(v string) string { return base64.StdEncoding.EncodeToString([]byte(v)) }, true},
	{"base64 for URLs", func(v string) string { return base64.RawURLEncoding.EncodeToString([]byte(v)) }, true},
	{"base64 twice", func(v string) string {
		return base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(v))))
	}, false},
	{"base64 of base64 for URLs", func(v string) string {
		return base64.RawURLEncoding.EncodeToString([]byte(base64.RawURLEncoding.EncodeToString([]byte(v))))
	}, false},
	{"base64 in lines", func(v string) string {
		return cut(base64.StdEncoding.EncodeToString([]byte(v)), 10, "\n")
	}, false},
	{"base64 in quoted lines", func(v string) string {
		return strconv.Quote(cut(base64.StdEncoding.EncodeToString([]byte(v)), 10, "\n"))
	}, false},
	{"base64 in lower case", func(v string) string { return strings.ToLower(base64.StdEncoding.EncodeToString([]byte(v))) }, false},
	{"another user's Basic header", func(v string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte("someone:"+v))
	}, false},
	{"Basic header of user name", func(v string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(v+":x"))
	}, false},
	{"base64 of JSON", func(v string) string {
		text, _ := json.Marshal(map[string]string{"k": v})
		return base64.StdEncoding.EncodeToString(text)
	}, false},
	{"upper case", strings.ToUpper, false},
	{"lower case", strings.ToLower, false},
	{"title", func(v string) string { return strings.ToUpper(v[:1]) + v[1:] }, false},
	{"beginning", func(v string) string { return v[:len(v)*2/3] + "…" }, false},
	{"end", func(v string) string { return "…" + v[len(v)/3:] }, false},
	{"middle", func(v string) string { return "…" + v[2:len(v)-2] + "…" }, false},
	{"beginning in base64", func(v string) string {
		return base64.StdEncoding.EncodeToString([]byte(v))[:len(v)] + "…(truncated)"
	}, false},
	{"end in base64", func(v string) string {
		encoded := base64.StdEncoding.EncodeToString([]byte(v))
		return "…" + encoded[len(encoded)/3:]
	}, false},
	{"end in hex", func(v string) string { return hex.EncodeToString([]byte(v))[len(v)/2|1:] }, false},
	{"beginning of bytes", func(v string) string { return fmt.Sprintf("%d", []byte(v[:len(v)*2/3])) + "..." }, false},
	{"lines", func(v string) string { return cut(v, 5, "\n") }, false},
	{"quoted lines", func(v string) string { return strconv.Quote(cut(v, 5, "\n")) }, false},
	{"groups", func(v string) string { return cut(v, 4, "-") }, false},
	{"spaced", func(v string) string { return cut(v, 1, " ") }, false},
	{"list", func(v string) string { return cut(v, 3, `", "`) }, false},
	{"folded YAML", func(v string) string { return cut(v, 7, "\n    ") }, false},
}

// cut puts sep between groups of n runes.
func cut(v string, n int, sep string) string {
	var out bytes.Buffer
	for i, r := range []rune(v) {
		if i > 0 && i%n == 0 {
			out.WriteString(sep)
		}
		out.WriteRune(r)
	}
	return out.String()
}

// secretsOfUsers are values as people have them.
var secretsOfUsers = []string{
	"hf_AbCdEfGhIjKlMnOpQrStUvWxYz012345",
	"correct horse & battery <staple>",
	`P@ss"w0rd\with'quotes-1234`,
	"Pässwörd-größer-als-8",
	"postgres://app:S3cr3tPassw0rd@db.example.com:5432/orders?sslmode=require",
	"https://objectstorage.us-ashburn-1.oraclecloud.com/p/ParTok3n_AbCdEfGhIjKlMnOp-5555/n/ns/b/models/o/",
	"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
}

// TestForms quotes every value in every way.
func TestForms(t *testing.T) {
	t.Parallel()
	for _, value := range secretsOfUsers {
		for _, f := range forms {
			quoted := f.encode(value)
			text := `admission webhook "x.example.com" denied the request: value ` + quoted + " is not allowed"
			got := redact.New([]byte(value)).Text(text)
			switch {
			case got == redact.Withheld && !f.exact:
			case strings.Contains(got, redact.Mask) && !strings.Contains(got, quoted) && strings.HasSuffix(got, " is not allowed"):
				if rest := strings.TrimSuffix(got, " is not allowed"); !strings.Contains(rest[len(rest)-8:], redact.Mask) {
					t.Errorf("%s: %q is left of\n%s", f.name, got, text)
				}
			default:
				t.Errorf("%s:\n%s\n%s", f.name, text, got)
			}
		}
	}
}

// TestShortValues has values that are too short to be recognized in pieces.
func TestShortValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ value, text, want string }{
		{"a-b", "denied: a-b", redact.Withheld},
		{"a-b", `denied: "a-b"`, redact.Withheld},
		{"a-b", "denied: A-B", redact.Withheld},
		{"a-b", "denied: ya-b", "denied: ya-b"},
		{"a-b", "denied: YS1i.", "denied: ***."},
		{"a-b", "denied: [97 45 98]", "denied: ***"},
		{"hunter2", "denied: hunter2", "denied: ***"},
		{"hunter2", "denied: xhunter2x", "denied: x***x"},
		{"hunter2", "denied: HUNTER2", redact.Withheld},
		{"hunter2", "denied: Hunter2.", redact.Withheld},
		{"hunter2", "denied: xHUNTER2", "denied: xHUNTER2"},
		{"hunter2", "denied: aHVudGVyMg==", "denied: ***"},
		{"s3cr3t", "denied: 733363723374", "denied: ***"},
		{"s3cr3t", "denied: S3CR3T", redact.Withheld},
		{"übung", "denied: übung", "denied: ***"},
		{"1", "used: secrets=1, limited: secrets=1", "used: secrets=1, limited: secrets=1"},
		{"1", "value 1 is not allowed", redact.Withheld},
		{"", "denied: ", "denied: "},
	} {
		if got := redact.New([]byte(c.value)).Text(c.text); got != c.want {
			t.Errorf("%q in %q: got %q, want %q", c.value, c.text, got, c.want)
		}
	}
}

// TestLogins looks for what is inside of a pull secret.
func TestLogins(t *testing.T) {
	t.Parallel()
	auth := base64.StdEncoding.EncodeToString([]byte("robot-7:open sesame"))
	config := `{"auths":{"registry.example.com":{"username":"$oauthtoken","password":"nvapi-0123456789abcdef","auth":"` +
		base64.StdEncoding.EncodeToString([]byte("$oauthtoken:nvapi-0123456789abcdef")) + `"},"ghcr.io":{"auth":"` + auth + `"}}}`
	r := redact.New([]byte(config))
	for text, want := range map[string]string{
		"denied: " + config:                                       "denied: ***",
		"denied: nvapi-0123456789abcdef":                          "denied: ***",
		"denied: nvapi-0123456789…":                               redact.Withheld,
		"denied: robot-7":                                         "denied: ***",
		"denied: open sesame":                                     "denied: ***",
		"denied: OPEN SESAME":                                     redact.Withheld,
		"denied: " + auth:                                         "denied: ***",
		"denied: " + auth[:16] + "…":                              redact.Withheld,
		"denied: registry.example.com is not trusted":             "denied: registry.example.com is not trusted",
		"denied: $oauthtoken of registry.example.com":             "denied: $oauthtoken of registry.example.com",
		base64.StdEncoding.EncodeToString([]byte(config)):         "***",
		base64.StdEncoding.EncodeToString([]byte(config))[:120]:   redact.Withheld,
		fmt.Sprintf("%q", config[:90]):                            redact.Withheld,
		"\"auths\" must not have a field \"username\" of ghcr.io": "\"auths\" must not have a field \"username\" of ghcr.io",
	} {
		if got := r.Text(text); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
