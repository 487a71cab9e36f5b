package secrets

import (
	"encoding/base64"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/corpus"
)

// lint returns the names of the rules that find something, and holds the
// texts to not having the value.
func lint(t *testing.T, payload string) []string {
	t.Helper()
	doc, err := source.Parse("payload", []byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	ops, err := Parse(doc)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, w := range Lint(doc, ops) {
		found = append(found, w.Rule)
		wantNoCanary(t, w.Rule, w.Error.Error())
		if w.Pos.Line == 0 || w.File != "payload" {
			t.Errorf("%s has no place: %v", w.Rule, w)
		}
	}
	return found
}

// TestLintDockerConfig looks at the keys, whose values may be in a file.
func TestLintDockerConfig(t *testing.T) {
	t.Parallel()
	for data, want := range map[string][]string{
		`{".dockerconfigjson": "` + canary + `"}`:                       {"docker-config"},
		`{".dockercfg": "` + canary + `"}`:                              {"docker-config"},
		`{".dockerconfigjson": {"valueFrom": {"file": "config.json"}}}`: {"docker-config"},
		`{"config.json": {"valueFrom": {"file": "config.json"}}}`:       nil, // to be mounted
	} {
		got := lint(t, `{"name": "a", "action": "create", "type": "opaque", "data": `+data+`}`)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", data, diff)
		}
	}
}

func TestLintOpaque(t *testing.T) {
	t.Parallel()
	encoded := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for rule, values := range map[string][]string{
		"": {
			"hf_" + canary, "nvapi-" + canary, "", "$oauthtoken", "postgresql://u:p@db.example.com:5432/x", "me@example.com",
			"an example of a text", "-----BEGIN KEY-----\n" + canary + "\n-----END KEY-----\n", "a\nb\n", "{\"a\": 1}\n", "[1]\n",
			encoded(canary), "\xff\xfe", "key", "your honour speaks", "a < b > c", "my-app", "my_database", "https://db.example/x",
			// Documents and what only resembles a mistake.
			"apiVersion: v1\nkind: Config\nusers: []\n", "A=1\r\nB=2\r\n", "hf_a" + canary + "\nhf_b" + canary + "\n", "hf_x: 1\nb: 2\n",
			"-----BEGIN A-----\n" + canary + "\n-----END A-----\n-----BEGIN B-----\n" + canary + "\n-----END B-----\n",
			`"a" and "b"`, `it's`, `"`, "a=b", "k2=x", "Bearer of news", "bearer " + canary, "select x=y", encoded("{\"auths\": {}}"), encoded("a: 1\nb: 2\n"), "deadbeefdeadbeef",
		},
		"placeholder": {
			"<hf_token>", "<your token>", "your-token", "YOUR_API_KEY", "my_password", "changeme", "CHANGE_ME", "replace-this", "hf_...<example-token>...",
			"nvapi-...", "nvapi-example", "auth-token-here", "xxxxx", "TODO", "${{ secrets.TOKEN }}", "hf_xxxxxxxx", "***", "sk-…", "my-hf-token",
		},
		"whitespace":      {"hf_" + canary + "\n", canary + "\r\n", " " + canary, canary + " ", "\t" + canary + "\n\n", " ", "\n"},
		"byte-order-mark": {byteOrderMark + canary, byteOrderMark + "{}"},
		"quoted-value":    {`"hf_` + canary + `"`, `'` + canary + `'`},
		"env-assignment":  {"HF_TOKEN=hf_" + canary, "export A=" + canary, `K="` + canary + `"`, "export HF_TOKEN='hf_" + canary + "'"},
		"auth-scheme":     {"Bearer hf_" + canary, "bearer sk-" + canary, "Authorization: Bearer hf_" + canary},
		"line-break":      {"hf_" + canary + "\n" + canary, "nvapi-" + canary + "\r\n" + canary + "\n"},
		"base64-encoded": {encoded("hf_" + canary), encoded("nvapi-" + canary), encoded("-----BEGIN CERTIFICATE-----\n" + canary), base64.RawURLEncoding.EncodeToString([]byte("ghp_" + canary + "??")),
			encoded(encoded("hf_" + canary)), encoded("hf_" + canary + "\n"), encoded(byteOrderMark + "hf_" + canary), encoded(canary + canary + "\n"), encoded(encoded("nvapi-"+canary+"\n") + "\n")},
	} {
		for _, value := range values {
			if value == "\xff\xfe" { // only a file can have it
				f := field{key: "k", in: map[string]Value{}}
				if message, _ := findPlaceholder(f, value); message != "" {
					t.Error("binary is called a placeholder")
				}
				continue
			}
			var want []string
			if rule != "" {
				want = []string{rule}
			}
			if diff := cmp.Diff(want, lint(t, opaque(ActionCreate, "a", "k", value))); diff != "" {
				t.Errorf("%q (-want +got):\n%s", value, diff)
			}
		}
	}
}

func TestLintRegistries(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		server, username, password string
		want                       []string
	}{
		{"nvcr.io", "$oauthtoken", "nvapi-" + canary, nil},
		{"nvcr.io", canary, "nvapi-" + canary, []string{"nvcr-username"}},
		{"nvcr.io/nim", "$oauthtoken", canary, []string{"nvcr-password"}},
		{"nvcr.io", "$oauthtoken", "nvapi-" + canary + "\n", []string{"whitespace"}},
		{"https://NVCR.io", "$oauthtoken", "nvapi-" + canary, nil},
		{"ghcr.io", canary, canary, nil},
		{"iad.ocir.io", "tenancy/" + canary, canary, nil},
		{"iad.ocir.io", "tenancy/oracleidentitycloudservice/" + canary, canary, nil},
		{"iad.ocir.io", canary, canary, []string{"ocir-username"}},
		{"iad.ocir.io", "iad.ocir.io/" + canary, canary, []string{"ocir-username"}},
		{"ocir.us-ashburn-1.oci.oraclecloud.com", canary, canary, []string{"ocir-username"}},
		{"docker.io", canary, canary, nil},
		{" ghcr.io ", canary, canary, nil},
	} {
		if diff := cmp.Diff(tt.want, lint(t, pullSecret(ActionCreate, "a", tt.server, tt.username, tt.password))); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", tt.server, tt.username, diff)
		}
	}
}

func TestLintPlaces(t *testing.T) {
	t.Parallel()
	doc, err := source.Parse("p.yaml", []byte(`
- name: r
  action: apply
  type: container_registry
  data:
    registries:
    - registry_server: ghcr.io
      username: u
      password: p
    - registry_server: docker.io
      username: u
      password: changeme
- {name: a, action: delete}
- name: b
  action: update
  type: opaque
  data: {later: {valueFrom: {env: X}}, token: <token>}
`))
	if err != nil {
		t.Fatal(err)
	}
	ops, err := Parse(doc)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range Lint(doc, ops) {
		got = append(got, w.Error.Error())
	}
	want := []string{
		"p.yaml:12:17: /0/data/registries/1/password: looks like a placeholder\nhint: replace it with the value",
		"p.yaml:17:47: /2/data/token: looks like a placeholder\nhint: replace it with the value",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	if err := Resolve(ops, Sources{Env: func(string) (string, bool) { return "hf_" + canary + "\n", true }}); err != nil {
		t.Fatal(err)
	}
	if found := Lint(doc, ops); len(found) != 3 || found[1].Rule != "whitespace" || found[1].Pointer != "/2/data/later" {
		t.Errorf("warnings after Resolve are %v", found)
	}
}

// TestLintCorpus has what is wrong with the published payloads, all of which
// have placeholders.
func TestLintCorpus(t *testing.T) {
	t.Parallel()
	dir := corpus.Dir(t, "secrets")
	for file, want := range map[string][]string{
		"hf-token-secret.json":           {"placeholder"},
		"container-registry-secret.json": {"ocir-username", "placeholder"},
		"example-registry-create.json":   {"placeholder", "placeholder"},
	} {
		data := readText(t, filepath.Join(dir, file))
		if diff := cmp.Diff(want, lint(t, data)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

// TestLintFixes has of each rule all that it says: what is wrong, and the fix.
func TestLintFixes(t *testing.T) {
	t.Parallel()
	nvcr := func(username, password string) string {
		return pullSecret(ActionCreate, "a", "nvcr.io", username, password)
	}
	value := func(text string) string { return opaque(ActionCreate, "a", "k", text) }
	for payload, want := range map[string]string{
		value("<hf_token>"):           "placeholder: looks like a placeholder\nhint: replace it with the value",
		value(" "):                    "whitespace: contains only whitespace\nhint: set the value, or remove the key",
		value("hf_" + canary + "\n"):  "whitespace: ends with a newline, which becomes part of the value and breaks HTTP headers\nhint: remove it; use printf %s instead of echo",
		value(" hf_" + canary):        "whitespace: starts with whitespace, which becomes part of the value\nhint: remove it",
		value("hf_" + canary + " "):   "whitespace: ends with whitespace, which becomes part of the value\nhint: remove it",
		value(" hf_" + canary + " "):  "whitespace: starts and ends with whitespace, which becomes part of the value\nhint: remove it",
		value(byteOrderMark + canary): "byte-order-mark: starts with a byte order mark, which becomes part of the value\nhint: save it as UTF-8 without a byte order mark",
		value(base64.StdEncoding.EncodeToString([]byte("hf_" + canary))):      "base64-encoded: is a base64-encoded token\nhint: use the plain text (base64 -d); Kubernetes encodes it",
		nvcr(canary, "nvapi-"+canary):                                         `nvcr-username: must be "$oauthtoken" for nvcr.io` + "\nhint: use '$oauthtoken', in single quotes in a shell",
		nvcr("$oauthtoken", canary):                                           "nvcr-password: does not look like an NGC API key, which starts with nvapi-\nhint: create one at https://org.ngc.nvidia.com/setup/api-keys",
		pullSecret(ActionCreate, "a", "iad.ocir.io", canary, canary):          "ocir-username: has no tenancy namespace\nhint: use <tenancy-namespace>/<user>, or <tenancy-namespace>/oracleidentitycloudservice/<user> for federated users",
		pullSecret(ActionCreate, "a", "iad.ocir.io", "iad.ocir.io/u", canary): "ocir-username: starts with the registry instead of the tenancy namespace\nhint: use <tenancy-namespace>/<user> (oci os ns get prints the tenancy namespace)",
	} {
		doc, err := source.Parse("payload", []byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, w := range Lint(doc, parse(t, payload)) {
			got = append(got, w.Rule+": "+w.Message+"\nhint: "+w.Hint)
		}
		if diff := cmp.Diff([]string{want}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", payload, diff)
		}
	}
}

// TestLintFiles has what only files and variables hold: other encodings, and
// documents, which end as they end.
func TestLintFiles(t *testing.T) {
	t.Parallel()
	units := func(order binary.AppendByteOrder, text string) string {
		var data []byte
		for _, unit := range utf16.Encode([]rune(text)) {
			data = order.AppendUint16(data, unit)
		}
		return string(data)
	}
	pem := "-----BEGIN PRIVATE KEY-----\r\n" + canary + "\r\n-----END PRIVATE KEY-----\r\n"
	for value, want := range map[string]string{
		units(binary.LittleEndian, byteOrderMark+"hf_"+canary):     "utf-16",
		units(binary.BigEndian, byteOrderMark+"hf_"+canary+"\r\n"): "utf-16",
		units(binary.LittleEndian, "hf_"+canary):                   "utf-16",
		units(binary.BigEndian, "hf_"+canary+"ü"):                  "utf-16",
		"hf_" + canary + "\n":                                      "whitespace",
		"hf_" + canary + "\r\n":                                    "whitespace",
		byteOrderMark + "hf_" + canary:                             "byte-order-mark",
		`"hf_` + canary + "\"\n":                                   "whitespace quoted-value",
		pem:                                                        "",
		"{\"auths\": {}}\n":                                        "",
		"apiVersion: v1\nkind: Config\nclusters: []\n":             "",
		"\xff\xfe\x00\x01\x02\x03":                                 "",
		"\x00\x01\x00\x02":                                         "",
		"\x7fELF\x02\x01\x01\x00":                                  "",
		strings.Repeat("\x00", 64):                                 "",
		"\xfe\xed\xfe\xed\x00\x00\x00\x02":                         "",
	} {
		file := filepath.Join(t.TempDir(), "value")
		if err := os.WriteFile(file, []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, place := range []string{`{"file":"` + file + `"}`, `{"env":"VALUE"}`} {
			text := from("k", place)
			doc, err := source.Parse("payload", []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			ops := parse(t, text)
			if err := Resolve(ops, Sources{File: os.ReadFile, Env: func(string) (string, bool) { return value, true }}); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, w := range Lint(doc, ops) {
				got = append(got, w.Rule)
				wantNoCanary(t, w.Rule, w.Error.Error())
				if w.Hint == "" {
					t.Errorf("%s has no fix: %v", w.Rule, w)
				}
			}
			if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
				t.Errorf("%q from %s (-want +got):\n%s", value, place, diff)
			}
		}
	}
}

// TestLintKeys leaves alone what a key says is meant.
func TestLintKeys(t *testing.T) {
	t.Parallel()
	for key, value := range map[string]string{
		".env": "HF_TOKEN=hf_" + canary, "app.env": "export A=1", "AUTHORIZATION": "Bearer hf_" + canary, "auth_header": "Token ghp_" + canary,
	} {
		if got := lint(t, opaque(ActionCreate, "a", key, value)); len(got) > 0 {
			t.Errorf("%s: %v", key, got)
		}
	}
}
