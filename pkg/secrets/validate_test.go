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
		{"merge no boolean", merged(ActionUpdate, `"true"`), []string{`1:72: /merge: must be true or false, got a string`}},
		{"merge into a new one", merged(ActionCreate, `true`), []string{`1:64: /merge: not allowed with action "create"` + "\nhint: remove it, or use action \"update\" or \"apply\""}},
		{"merge a delete", `{"name":"a","action":"delete","merge":true}`, []string{`1:31: /merge: not allowed with action "delete"` + "\nhint: remove it, or use action \"update\" or \"apply\""}},

		{"reference nowhere", value(`{"env":"X"}`), []string{`1:58: /data/k: must be a string or {"valueFrom": …}, got an object` + "\nhint: use {\"valueFrom\": {\"env\": …}}"}},
		{"reference no object", value(`{"valueFrom":"` + canary + `"}`), []string{`1:71: /data/k/valueFrom: must be an object with env, file, stdin or prompt, got a string`}},
		{"no place", value(`{"valueFrom":{}}`), []string{`1:71: /data/k/valueFrom: must have one of env, file, stdin and prompt, got 0 keys`}},
		{"two places", value(`{"valueFrom":{"env":"X","file":"x"}}`), []string{`1:71: /data/k/valueFrom: must have one of env, file, stdin and prompt, got 2 keys`}},
		{"other place", value(`{"valueFrom":{"vault":"` + canary + `"}}`), []string{
			`1:72: /data/k/valueFrom/vault: unknown key` + "\nhint: use env, file, stdin or prompt"}},
		{"beside the reference", value(`{"valueFrom":{"env":"X"},"default":"` + canary + `"}`), []string{
			`1:83: /data/k/default: unknown key` + "\nhint: use valueFrom"}},
		{"env no string", value(`{"valueFrom":{"env":1}}`), []string{`1:78: /data/k/valueFrom/env: must be the name of an environment variable`}},
		{"file empty", value(`{"valueFrom":{"file":""}}`), []string{`1:79: /data/k/valueFrom/file: must be the path of a file`}},
		{"prompt null", value(`{"valueFrom":{"prompt":null}}`), []string{`1:81: /data/k/valueFrom/prompt: must be the text of a prompt`}},
		{"stdin false", value(`{"valueFrom":{"stdin":false}}`), []string{`1:80: /data/k/valueFrom/stdin: must be true`}},
		{"stdin twice", value(`{"valueFrom":{"stdin":true}},"l":{"valueFrom":{"stdin":true}}`), []string{
			`1:113: /data/l/valueFrom/stdin: standard input is already used for /data/k/valueFrom/stdin` + "\nhint: use env or file"}},

		{"server by reference", reg + `"data":{"registry_server":{"valueFrom":{"env":"X"}},"username":"u","password":"p"}}`, []string{
			`1:84: /data/registry_server: must be a string, got an object`}},
		{"no user for nvcr.io", reg + `"data":{"registry_server":"nvcr.io","username":"","password":"p"}}`, []string{
			`1:105: /data/username: must not be empty` + "\nhint: use '$oauthtoken', in single quotes in a shell"}},
		{"auth of a config.json", reg + `"data":{"registry_server":"ghcr.io","auth":"` + canary + `"}}`, []string{
			`1:94: /data/auth: Docker's auth is not supported` + "\nhint: set username and password (base64 -d decodes auth to username:password)"}},
		{"auth in a list", reg + `"data":{"registries":[{"registry_server":"ghcr.io","auth":"` + canary + `"}]}}`, []string{
			`1:109: /data/registries/0/auth: Docker's auth is not supported` + "\nhint: set username and password (base64 -d decodes auth to username:password)"}},
		{"identity token", reg + `"data":{"registry_server":"ghcr.io","username":"u","identitytoken":"` + canary + `"}}`, []string{
			`1:109: /data/identitytoken: tokens are not supported, because the kubelet does not use them` + "\nhint: set username and password, for example of a service account"}},
		{"a whole config.json", reg + `"data":{"auths":{"ghcr.io":{"auth":"` + canary + `"}},"credsStore":"` + canary + `"}}`, []string{
			`1:66: /data/auths: Docker's config.json is not supported` + "\nhint: set registry_server, username and password, or a list of them in registries",
			`1:104: /data/credsStore: credential helpers are not supported, because the kubelet does not run them` + "\nhint: set registry_server, username and password"}},
		{"registries no list", reg + `"data":{"registries":{}}}`, []string{
			`1:79: /data/registries: must be a list of at least one registry` + "\nhint: use a list of objects with registry_server, username and password"}},
		{"registries empty", reg + `"data":{"registries":[]}}`, []string{
			`1:79: /data/registries: must be a list of at least one registry` + "\nhint: use a list of objects with registry_server, username and password"}},
		{"registries and more", reg + `"data":{"registries":[{"registry_server":"nvcr.io","username":"u","password":"p"}],"email":"e"}}`, []string{
			`1:141: /data/email: cannot be used together with registries` + "\nhint: move it into the list"}},
		{"registries wrong", reg + `"data":{"registries":["` + canary + `",{"registry_server":"ghcr.io","user":"u"}]}}`, []string{
			`1:80: /data/registries/0: must be an object with registry_server, username and password, got a string`,
			`1:89: /data/registries/1: username is required`,
			`1:89: /data/registries/1: password is required`,
			`1:118: /data/registries/1/user: unknown key` + "\nhint: use \"username\""}},
		{"registry twice", registries(ActionCreate, "a", "nvcr.io u p", "ghcr.io u p", "https://NVCR.io/v2/ u p"), []string{
			`1:196: /data/registries/2/registry_server: duplicate registry (first defined at /data/registries/0)` + "\nhint: remove one of them"}},
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
	if err == nil || !strings.Contains(err.Error(), "standard input is already used for the payload") {
		t.Errorf("error is %v", err)
	}
}
