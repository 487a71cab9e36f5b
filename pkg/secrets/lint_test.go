package secrets

import (
	"encoding/base64"
	"path/filepath"
	"testing"

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
		},
		"placeholder": {
			"<hf_token>", "<your token>", "your-token", "YOUR_API_KEY", "my_password", "changeme", "CHANGE_ME", "replace-this", "hf_...<example-token>...",
			"nvapi-...", "nvapi-example", "auth-token-here", "xxxxx", "TODO", "${{ secrets.TOKEN }}", "hf_xxxxxxxx", "***", "sk-…", "my-hf-token",
		},
		"blank":           {"hf_" + canary + "\n", canary + "\r\n", " " + canary, canary + " ", "\t" + canary + "\n\n", " ", "\n"},
		"byte-order-mark": {byteOrderMark + canary},
		"base64":          {encoded("hf_" + canary), encoded("nvapi-" + canary), encoded("-----BEGIN CERTIFICATE-----\n" + canary), base64.RawURLEncoding.EncodeToString([]byte("ghp_" + canary + "??"))},
	} {
		for _, value := range values {
			if value == "\xff\xfe" { // only a file can have it
				if f := (field{key: "k", in: map[string]Value{}}); findPlaceholder(f, value) != "" {
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
		{"nvcr.io", "$oauthtoken", "nvapi-" + canary + "\n", []string{"blank"}},
		{"https://NVCR.io", "$oauthtoken", "nvapi-" + canary, []string{"registry-server"}},
		{"ghcr.io", canary, canary, nil},
		{"iad.ocir.io", "tenancy/" + canary, canary, nil},
		{"iad.ocir.io", "tenancy/oracleidentitycloudservice/" + canary, canary, nil},
		{"iad.ocir.io", canary, canary, []string{"ocir-username"}},
		{"iad.ocir.io", "iad.ocir.io/" + canary, canary, []string{"ocir-username"}},
		{"ocir.us-ashburn-1.oci.oraclecloud.com", canary, canary, []string{"ocir-username"}},
		{"docker.io", canary, canary, []string{"registry-server"}},
		{" ghcr.io ", canary, canary, []string{"registry-server"}},
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
		"p.yaml:10:24: /0/data/registries/1/registry_server: is written as https://index.docker.io/v1/, which is what the kubelet looks for: write that",
		"p.yaml:12:17: /0/data/registries/1/password: looks like a placeholder: put the value in its place",
		"p.yaml:17:47: /2/data/token: looks like a placeholder: put the value in its place",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	if err := Resolve(ops, Sources{Env: func(string) (string, bool) { return "hf_" + canary + "\n", true }}); err != nil {
		t.Fatal(err)
	}
	if found := Lint(doc, ops); len(found) != 4 || found[2].Rule != "blank" || found[2].Pointer != "/2/data/later" {
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
		value("<hf_token>"):           "placeholder: looks like a placeholder: put the value in its place",
		value(" "):                    "blank: is blank: remove the key, or give its value",
		value("hf_" + canary + "\n"):  "blank: ends with a newline, which becomes part of the value and breaks HTTP headers: remove it (printf %s instead of echo)",
		value(" hf_" + canary):        "blank: begins with a blank, which becomes part of the value: remove it",
		value("hf_" + canary + " "):   "blank: ends with a blank, which becomes part of the value: remove it",
		value(" hf_" + canary + " "):  "blank: begins and ends with a blank, which become part of the value: remove them",
		value(byteOrderMark + canary): "byte-order-mark: begins with a byte order mark, which becomes part of the value: save it as UTF-8 without BOM",
		value(base64.StdEncoding.EncodeToString([]byte("hf_" + canary))):      "base64: is the base64 of a token, and Kubernetes encodes it once more: give the token itself (base64 -d)",
		nvcr(canary, "nvapi-"+canary):                                         `nvcr-username: isn't the one user name that nvcr.io takes with an API key: write "$oauthtoken", which shells take for a variable`,
		nvcr("$oauthtoken", canary):                                           "nvcr-password: isn't an API key of NGC, which begin with nvapi-: make one at https://org.ngc.nvidia.com/setup/api-keys",
		pullSecret(ActionCreate, "a", "GHCR.io", canary, canary):              "registry-server: is written as ghcr.io, which is what the kubelet looks for: write that",
		pullSecret(ActionCreate, "a", "iad.ocir.io", canary, canary):          "ocir-username: has no tenancy: write <tenancy-namespace>/<user>, or <tenancy-namespace>/oracleidentitycloudservice/<user> where users are federated",
		pullSecret(ActionCreate, "a", "iad.ocir.io", "iad.ocir.io/u", canary): "ocir-username: begins with the registry: write <tenancy-namespace>/<user> (oci os ns get shows the tenancy namespace)",
	} {
		doc, err := source.Parse("payload", []byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, w := range Lint(doc, parse(t, payload)) {
			got = append(got, w.Rule+": "+w.Message)
		}
		if diff := cmp.Diff([]string{want}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", payload, diff)
		}
	}
}
