package secrets

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/corpus"
)

// revealed is an Operation that can be compared.
type revealed struct {
	Name   string
	Action Action
	Type   Type
	Data   map[string]string
}

func reveal(ops []Operation) []revealed {
	var all []revealed
	for _, op := range ops {
		r := revealed{op.Name, op.Action, op.Type, map[string]string{}}
		for key, value := range op.Data {
			r.Data[key] = string(value.bytes())
		}
		all = append(all, r)
	}
	return all
}

func TestParseForms(t *testing.T) {
	t.Parallel()
	one := []revealed{{"a", ActionCreate, TypeOpaque, map[string]string{"k": "v"}}}
	for name, payload := range map[string]string{
		"payload":   `{"secrets_payload":[{"name":"a","action":"create","type":"opaque","data":{"k":"v"}}]}`,
		"list":      `[{"name":"a","action":"create","type":"opaque","data":{"k":"v"}}]`,
		"operation": `{"name":"a","action":"create","type":"opaque","data":{"k":"v"}}`,
		"YAML":      "secrets_payload:\n- name: a\n  action: create\n  type: opaque\n  data: {k: v}\n",
	} {
		if diff := cmp.Diff(one, reveal(parse(t, payload))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestParseKeepsValues(t *testing.T) {
	t.Parallel()
	ops := parse(t, list(
		`{"name":"a","action":"create","type":"opaque","data":{"a":"$oauthtoken","b":"${HOME} $(x) {{ .x }}","c":"","d":"line\n\ttab\n","e":"ключ"}}`,
		`{"name":"r","action":"update","type":"container_registry","data":{"registry_server":" NVCR.io ","username":"$oauthtoken","password":" p ","email":"e@example.com"}}`,
		`{"name":"d","action":"delete","type":"opaque"}`,
		remove("d"),
	))
	want := []revealed{
		{"a", ActionCreate, TypeOpaque, map[string]string{"a": "$oauthtoken", "b": "${HOME} $(x) {{ .x }}", "c": "", "d": "line\n\ttab\n", "e": "ключ"}},
		{"r", ActionUpdate, TypeContainerRegistry, map[string]string{"registry_server": " NVCR.io ", "username": "$oauthtoken", "password": " p ", "email": "e@example.com"}},
		{"d", ActionDelete, TypeOpaque, map[string]string{}},
		{"d", ActionDelete, "", map[string]string{}},
	}
	if diff := cmp.Diff(want, reveal(ops)); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
}

func TestParseFaults(t *testing.T) {
	t.Parallel()
	const (
		op   = `"name":"a","action":"create","type":"opaque"`
		reg  = `"name":"a","action":"create","type":"container_registry"`
		data = `"data":{"k":"v"}`
	)
	creds := func(more string) string {
		return `{` + reg + `,"data":{"registry_server":"nvcr.io","username":"u","password":"p"` + more + `}}`
	}
	server := func(s string) string {
		return `{` + reg + `,"data":{"registry_server":"` + s + `","username":"u","password":"p"}}`
	}
	tests := []struct {
		name, payload string
		want          []string // each after "payload:"
	}{
		{"number", `7`, []string{`1:1: must be a secrets payload, got a number` + "\nhint: use {\"secrets_payload\": [ … ]}, a list of operations, or a single operation"}},
		{"other file", `{"recipe_id":"x"}`, []string{`1:1: not a secrets payload` + "\nhint: use {\"secrets_payload\": [ … ]}, a list of operations, or a single operation"}},
		{"wrapper misspelt", `{"secret_payload":[]}`, []string{`1:2: /secret_payload: unknown key; did you mean "secrets_payload"?`}},
		{"wrapper not a list", `{"secrets_payload":{}}`, []string{`1:20: /secrets_payload: must be a list of operations, got an object`}},
		{"beside the wrapper", `{"secrets_payload":[{` + op + `,` + data + `}],"namespace":"x"}`, []string{`1:86: /namespace: unknown key` + "\nhint: set the namespace with -n NAMESPACE, or with ?namespace=NAMESPACE over HTTP"}},
		{"empty", `[]`, []string{`1:1: must have at least one operation`}},
		{"not an object", `[null,[]]`, []string{
			`1:2: /0: must be an object with name, action, type and data, got null`,
			`1:7: /1: must be an object with name, action, type and data, got an array`,
		}},
		{"nothing there", `[{}]`, []string{
			`1:2: /0: name is required`,
			`1:2: /0: action is required` + "\nhint: use \"create\", \"update\", \"apply\" or \"delete\"",
			`1:2: /0: type is required` + "\nhint: use \"opaque\" or \"container_registry\"",
			`1:2: /0: data is required`,
		}},
		{"wrong kinds", `{"name":1,"action":true,"type":null,"data":[]}`, []string{
			`1:9: /name: must be a string, got a number`,
			`1:20: /action: must be a string, got a boolean` + "\nhint: use \"create\", \"update\", \"apply\" or \"delete\"",
			`1:32: /type: must be a string, got null` + "\nhint: use \"opaque\" or \"container_registry\"",
			`1:44: /data: must be an object of keys and values, got an array`,
		}},
		{"near misses", `{"naem":"a","name":"a","action":"Create","type":"Opaque","date":{},"data":{"k":1}}`, []string{
			`1:2: /naem: unknown key; did you mean "name"?`,
			`1:33: /action: must be "create", "update", "apply" or "delete"; did you mean "create"?`,
			`1:49: /type: must be "opaque" or "container_registry"; did you mean "opaque"?`,
			`1:58: /date: unknown key; did you mean "data"?`,
			`1:80: /data/k: must be a string, got a number` + "\nhint: put it in quotes",
		}},
		{"far misses", `{"name":"a","action":"upsert","type":"tls","data":{},"labels":{}}`, []string{
			`1:22: /action: must be "create", "update", "apply" or "delete"` + "\nhint: use \"apply\"",
			`1:38: /type: must be "opaque" or "container_registry"` + "\nhint: use kubectl create secret tls",
			`1:54: /labels: unknown key` + "\nhint: use kubectl label secret NAME KEY=VALUE",
		}},
		{"name", `{"name":"HF_Secret","action":"delete"}`, []string{
			`1:9: /name: must be at most 253 lower-case letters, digits, "-" and ".", with a letter or digit at each end` + "\nhint: use \"hf-secret\"",
		}},
		{"delete with data", `{"name":"a","action":"delete","data":{}}`, []string{
			`1:31: /data: not allowed with action "delete", which deletes the whole Secret` + "\nhint: remove it, or use action \"update\" with the keys to keep",
		}},
		{"no keys", `{` + op + `,"data":{}}`, []string{`1:54: /data: must have at least one key`}},
		{"bad keys", `{` + op + `,"data":{"a b":"v","..":"v","":"v"}}`, []string{
			`1:55: /data/***: key must be 1 to 253 letters, digits, "-", "_" and ".", other than "." and not starting with ".."` + "\nhint: use \"a-b\"",
			`1:65: /data/***: key must be 1 to 253 letters, digits, "-", "_" and ".", other than "." and not starting with ".."`,
			`1:74: /data/***: key must be 1 to 253 letters, digits, "-", "_" and ".", other than "." and not starting with ".."`,
		}},
		{"no strings", `{` + op + `,"data":{"a":1,"b":true,"c":null,"d":{},"e":[]}}`, []string{
			`1:59: /data/a: must be a string, got a number` + "\nhint: put it in quotes",
			`1:65: /data/b: must be a string, got a boolean` + "\nhint: put it in quotes",
			`1:74: /data/***: must be a string, got null`,
			`1:83: /data/d: must be a string or {"valueFrom": …}, got an object`,
			`1:90: /data/e: must be a string, got an array`,
		}},
		{"registry without", `{` + reg + `,"data":{}}`, []string{
			`1:66: /data: registry_server is required`, `1:66: /data: username is required`, `1:66: /data: password is required`,
		}},
		{"registry and more", creds(`,"passwort":"p","auth":"x"`), []string{
			`1:125: /data/passwort: unknown key; did you mean "password"?`,
			`1:140: /data/auth: Docker's auth is not supported` + "\nhint: set username and password (base64 -d decodes auth to username:password)",
		}},
		{"registry empty", creds(`,"email":" "`), []string{`1:133: /data/email: must not be empty`}},
		{"user with colon", `{` + reg + `,"data":{"registry_server":"nvcr.io","username":"u:p","password":"p"}}`, []string{
			`1:106: /data/username: must not contain a colon` + "\nhint: move the part after the colon to password",
		}},
		{"credentials in server", server(`https://u:p@nvcr.io`), []string{
			`1:85: /data/registry_server: must not contain credentials; use username and password`,
		}},
		{"server is a token", server(`nvapi-abc`), []string{
			`1:85: /data/registry_server: must have a host name with a dot, such as "nvcr.io"`,
		}},
		{"server of a wrong scheme", server(`ftp://nvcr.io`), []string{
			`1:85: /data/registry_server: must be a registry server with scheme https or none, such as "nvcr.io"`,
		}},
		{"too large", `{` + op + `,"data":{"a":"` + strings.Repeat("x", 1<<20) + `","b":"y"}}`, []string{
			`1:54: /data: must be at most 1 MiB, the limit of a Secret` + "\nhint: split the data into several Secrets",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wantFaults(t, tt.payload, tt.want)
		})
	}
}

// wantFaults reads a payload and compares the faults with want, which leaves out the
// name of the file.
func wantFaults(t *testing.T, payload string, want []string) {
	t.Helper()
	ops, err := parseText(t, "payload", payload)
	if err == nil {
		t.Fatalf("no error, but %v", ops)
	}
	if diff := cmp.Diff("payload:"+strings.Join(want, "\npayload:"), err.Error()); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestParseTakesAFullMebibyte(t *testing.T) {
	t.Parallel()
	parse(t, opaque(ActionCreate, "a", "k", strings.Repeat("x", 1<<20)))
}

// TestParsePayloads has a file .err beside each payload of testdata that is
// wrong.
func TestParsePayloads(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../../testdata/payloads/*")
	if err != nil {
		t.Fatal(err)
	}
	wrong, right := 0, 0
	for _, path := range paths {
		if filepath.Ext(path) == ".err" {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := ""
		if golden, err := os.ReadFile(strings.TrimSuffix(path, filepath.Ext(path)) + ".err"); err == nil {
			want = strings.TrimSpace(string(golden))
			wrong++
		} else {
			right++
		}
		got := ""
		if _, err := parseText(t, filepath.Base(path), string(data)); err != nil {
			got = err.Error()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	if wrong == 0 || right == 0 {
		t.Errorf("%d wrong and %d right payloads: testdata is not there", wrong, right)
	}
}

func TestParseCorpus(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join(corpus.Dir(t, "secrets"), "*.json"))
	if err != nil || len(paths) != 9 {
		t.Fatalf("%d payloads, want 9: %v", len(paths), err)
	}
	for _, path := range paths {
		if ops := parseFile(t, path); len(ops) == 0 {
			t.Errorf("%s has no operations", path)
		}
	}
}
