package secrets

import (
	"strings"
	"testing"
)

func TestParseNewerFaults(t *testing.T) {
	t.Parallel()
	const reg = `{"name":"a","action":"apply","type":"container_registry",`
	value := func(v string) string {
		return `{"name":"a","action":"apply","type":"opaque","data":{"k":` + v + `}}`
	}
	for _, tt := range []struct {
		name, payload string
		want          []string // each after "payload:"
	}{
		{"merge no boolean", merged(ActionUpdate, `"true"`), []string{`1:72: /merge: is a string: want true or false, without quotes`}},
		{"merge into a new one", merged(ActionCreate, `true`), []string{`1:64: /merge: is of no use to a create: remove it, or use action update or apply`}},
		{"merge a delete", `{"name":"a","action":"delete","merge":true}`, []string{`1:31: /merge: is of no use to a delete: remove it, or use action update or apply`}},

		{"reference nowhere", value(`{"env":"X"}`), []string{`1:58: /data/k: is an object: want a string or {"valueFrom": …}` + "\nhint: wrap it: {\"valueFrom\": {\"env\": …}}"}},
		{"reference no object", value(`{"valueFrom":"` + canary + `"}`), []string{`1:71: /data/k/valueFrom: is a string: want an object with one of env, file, stdin or prompt`}},
		{"no place", value(`{"valueFrom":{}}`), []string{`1:71: /data/k/valueFrom: has 0 keys: want an object with one of env, file, stdin or prompt`}},
		{"two places", value(`{"valueFrom":{"env":"X","file":"x"}}`), []string{`1:71: /data/k/valueFrom: has 2 keys: want an object with one of env, file, stdin or prompt`}},
		{"other place", value(`{"valueFrom":{"vault":"` + canary + `"}}`), []string{
			`1:72: /data/k/valueFrom/vault: is an unknown key: want env, file, stdin or prompt`}},
		{"beside the reference", value(`{"valueFrom":{"env":"X"},"default":"` + canary + `"}`), []string{
			`1:83: /data/k/default: is an unknown key: want valueFrom`}},
		{"env no string", value(`{"valueFrom":{"env":1}}`), []string{`1:78: /data/k/valueFrom/env: want the name of an environment variable`}},
		{"file empty", value(`{"valueFrom":{"file":""}}`), []string{`1:79: /data/k/valueFrom/file: want the path of a file`}},
		{"prompt null", value(`{"valueFrom":{"prompt":null}}`), []string{`1:81: /data/k/valueFrom/prompt: want the text of a prompt`}},
		{"stdin false", value(`{"valueFrom":{"stdin":false}}`), []string{`1:80: /data/k/valueFrom/stdin: want true`}},
		{"stdin twice", value(`{"valueFrom":{"stdin":true}},"l":{"valueFrom":{"stdin":true}}`), []string{
			`1:113: /data/l/valueFrom/stdin: is read already, for /data/k/valueFrom/stdin: use env or file`}},

		{"server by reference", reg + `"data":{"registry_server":{"valueFrom":{"env":"X"}},"username":"u","password":"p"}}`, []string{
			`1:84: /data/registry_server: is an object: want a string`}},
		{"no user for nvcr.io", reg + `"data":{"registry_server":"nvcr.io","username":"","password":"p"}}`, []string{
			`1:105: /data/username: is empty: nvcr.io wants the user name "$oauthtoken", which shells take for a variable`}},
		{"auth of a config.json", reg + `"data":{"registry_server":"ghcr.io","auth":"` + canary + `"}}`, []string{
			`1:94: /data/auth: must be replaced by username and password, which it holds as base64 (base64 -d prints username:password)`}},
		{"auth in a list", reg + `"data":{"registries":[{"registry_server":"ghcr.io","auth":"` + canary + `"}]}}`, []string{
			`1:109: /data/registries/0/auth: must be replaced by username and password, which it holds as base64 (base64 -d prints username:password)`}},
		{"identity token", reg + `"data":{"registry_server":"ghcr.io","username":"u","identitytoken":"` + canary + `"}}`, []string{
			`1:109: /data/identitytoken: is not a login that the kubelet can use: set username and password, such as those of a service account`}},
		{"a whole config.json", reg + `"data":{"auths":{"ghcr.io":{"auth":"` + canary + `"}},"credsStore":"` + canary + `"}}`, []string{
			`1:66: /data/auths: is the format of a Docker config.json: set registry_server, username and password, or a list of them in registries`,
			`1:104: /data/credsStore: names a credential helper, which the kubelet does not run: set registry_server, username and password`}},
		{"registries no list", reg + `"data":{"registries":{}}}`, []string{
			`1:79: /data/registries: want a list of at least one registry, each an object with registry_server, username and password`}},
		{"registries empty", reg + `"data":{"registries":[]}}`, []string{
			`1:79: /data/registries: want a list of at least one registry, each an object with registry_server, username and password`}},
		{"registries and more", reg + `"data":{"registries":[{"registry_server":"nvcr.io","username":"u","password":"p"}],"email":"e"}}`, []string{
			`1:141: /data/email: stands beside registries: move it into the list`}},
		{"registries wrong", reg + `"data":{"registries":["` + canary + `",{"registry_server":"ghcr.io","user":"u"}]}}`, []string{
			`1:80: /data/registries/0: is a string: want an object with registry_server, username and password`,
			`1:89: /data/registries/1: has no username`,
			`1:89: /data/registries/1: has no password`,
			`1:118: /data/registries/1/user: is an unknown key: want registry_server, username, password or email` + "\nhint: write \"username\""}},
		{"registry twice", registries(ActionCreate, "a", "nvcr.io u p", "ghcr.io u p", "https://NVCR.io/v2/ u p"), []string{
			`1:196: /data/registries/2/registry_server: is the same registry as /data/registries/0: remove one`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wantFaults(t, tt.payload, tt.want)
		})
	}
}

func merged(action Action, merge string) string {
	return `{"name":"a","action":"` + string(action) + `","type":"opaque","data":{"k":"v"},"merge":` + merge + `}`
}

func TestParsePlacesOperations(t *testing.T) {
	t.Parallel()
	ops := parse(t, "{\"secrets_payload\":[\n "+remove("a")+",\n  "+merged(ActionUpdate, "false")+"]}")
	for i, want := range []Operation{
		{Document: "payload", Pointer: "/secrets_payload/0"}, {Document: "payload", Pointer: "/secrets_payload/1"},
	} {
		got := ops[i]
		if got.Document != want.Document || got.Pointer != want.Pointer || got.Pos.Line != i+2 || got.Pos.Column != i+2 || got.Merge {
			t.Errorf("operation %d is %s in %s at %v, merges %t", i, got.Pointer, got.Document, got.Pos, got.Merge)
		}
	}
}

func TestParseTakesStdinOnceAndNotItself(t *testing.T) {
	t.Parallel()
	_, err := parseText(t, "-", `{"name":"a","action":"apply","type":"opaque","data":{"k":{"valueFrom":{"stdin":true}}}}`)
	if err == nil || !strings.Contains(err.Error(), "is the payload itself") {
		t.Errorf("error is %v", err)
	}
}
