package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

func TestCredentials(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, config string
		want         []string // server, key, user name and password
	}{
		{"user name and password", `{"auths":{"nvcr.io":{"username":"u","password":"p"}}}`, []string{"nvcr.io nvcr.io u p"}},
		{"auth", `{"auths":{"nvcr.io":{"auth":"dTpw"}}}`, []string{"nvcr.io nvcr.io u p"}},
		{"padded auth", `{"auths":{"nvcr.io":{"auth":"dTpwYQ=="}}}`, []string{"nvcr.io nvcr.io u pa"}},
		{"auth counts more", `{"auths":{"nvcr.io":{"auth":"dTpw","username":"x","password":"y"}}}`, []string{"nvcr.io nvcr.io u p"}},
		{"colons", `{"auths":{"nvcr.io":{"auth":"dTpwOnE="}}}`, []string{"nvcr.io nvcr.io u p:q"}},
		{"several", `{"auths":{"b.io":{"auth":"dTpw"},"a.io/x":{"auth":"djpx"}},"credsStore":"x"}`, []string{"a.io/x a.io/x v q", "b.io b.io u p"}},
		{"only one has a login", `{"auths":{"b.io":{"auth":"dTpw"},"a.io":{}},"credsStore":"x"}`, []string{"a.io a.io  ", "b.io b.io u p"}},
		{"in the key", `{"auths":{"https://u:p@nvcr.io/v2/":{"auth":"dTpw"}}}`, []string{"nvcr.io https://u:p@nvcr.io/v2/ u p"}},
		{"no server", `{"auths":{" p ":{"auth":"dTpw"}}}`, []string{"(invalid server)  p  u p"}},
		{"no path", `{"auths":{"nvcr.io/ ?p":{"auth":"dTpw"}}}`, []string{"nvcr.io nvcr.io/ ?p u p"}},
	}
	for _, tt := range tests {
		all, err := Credentials([]byte(tt.config))
		var got []string
		for _, c := range all {
			key, user, pass := c.reveal()
			got = append(got, strings.Join([]string{c.Server, key, user, pass}, " "))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: credentials are (-want +got):\n%s\nerror %v", tt.name, diff, err)
		}
	}
}

func TestCredentialsRefusesWithoutQuoting(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]string{
		"":                             "invalid JSON; expected",
		canary:                         "invalid JSON; expected",
		`{"auths":"` + canary:          "invalid JSON; expected",
		`"` + canary + `"`:             "invalid Docker configuration; expected",
		`[]`:                           "invalid Docker configuration; expected",
		`{"auths":["` + canary + `"]}`: "invalid Docker configuration; expected",
		`{"auths":{"nvcr.io":{}},"HttpHeaders":["` + canary + `"]}`: "invalid Docker configuration; expected",
		`{}`:                                     "has no login: expected {",
		`{"auths":{}}`:                           "has no login: expected {",
		`{"auths":null}`:                         "has no login: expected {",
		`{"nvcr.io":{"auth":"` + canary + `"}}`:  "has no login: expected {",
		`{"auths":{"nvcr.io":"` + canary + `"}}`: `auths: "nvcr.io": must be an object with auth`,
		`{"auths":{"nvcr.io":{"auth":{"` + canary + `":1}}}}`:            `auths: "nvcr.io": must be an object with auth`,
		`{"auths":{"nvcr.io":{"auth":"` + canary + `!"}}}`:               `auths: "nvcr.io": auth must be base64`,
		`{"auths":{"nvcr.io":{"auth":"dTpw="}}}`:                         `auths: "nvcr.io": auth must be base64`,
		`{"auths":{"nvcr.io":{"auth":"Y2FuYXJ5"}}}`:                      `auths: "nvcr.io": auth must be username:password in base64`,
		`{"auths":{"a.io":{"auth":"!"},"` + canary + `@":{"auth":"!"}}}`: `auths: "(invalid server)": auth`,
		`{"auths":{"https://u:` + canary + `@nvcr.io/":{"auth":"!"}}}`:   `auths: "nvcr.io": auth`,
	} {
		all, err := Credentials([]byte(config))
		if err == nil || all != nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), canary) {
			t.Errorf("Credentials(%s) = %v, want the error %s", config, err, want)
		}
	}
}

// TestCredentialsWithoutLogin has files as docker login leaves them, whose logins
// are elsewhere.
func TestCredentialsWithoutLogin(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]string{
		`{"auths":{"ghcr.io":{},"https://index.docker.io/v1/":{}},"credsStore":"` + canary + `"}`: "credsStore names a credential helper",
		`{"auths":{},"credsStore":"` + canary + `"}`:                                              "credsStore names a credential helper",
		`{"credHelpers":{"us-docker.pkg.dev":"` + canary + `"}}`:                                  "credHelpers names a credential helper",
		`{"auths":{"a.io":{}},"credHelpers":{"a.io":1},"credsStore":["x"]}`:                       "credHelpers names a credential helper",
		`{"auths":{"a.azurecr.io":{"auth":"dTo=","identitytoken":"` + canary + `"}}}`:             "it has only an identity token",
		`{"auths":{"a.io":{"identitytoken":"` + canary + `"}},"credsStore":"x"}`:                  "it has only an identity token",
		`{"auths":{"a.io":{"registrytoken":"` + canary + `"}}}`:                                   "it has only an identity token",
		`{"auths":{"a.io":{"auth":"dTo="}}}`:                                                      "it has no password",
		`{"auths":{"a.io":{"auth":"OnA="}}}`:                                                      "it has no user name",
		`{"auths":{"a.io":{"username":"` + canary + `"}}}`:                                        "it has no password",
		`{"auths":{"a.io":null}}`:                                                                 "it has no user name",
		`{"auths":{"a.io":{}},"credsStore":""}`:                                                   "it has no user name",
	} {
		all, err := Credentials([]byte(config))
		if !errors.Is(err, ErrNoLogin) || all != nil || !strings.HasPrefix(err.Error(), "has no login: "+want) || strings.Contains(err.Error(), canary) {
			t.Errorf("Credentials(%s) = %v, %v, want the error %s", config, all, err, want)
		}
	}
	all, err := Credentials([]byte(`{"auths":{"b.io":{"auth":"dTpw"},"a.io":{}},"credsStore":"x"}`))
	if err != nil || all[0].NoLogin() != "credsStore names a credential helper, which the kubelet does not run" || all[1].NoLogin() != "" {
		t.Errorf("%v, %v", all, err)
	}
	if outcome := OutcomeOf(Login(t.Context(), all[0], Options{})); outcome != NoLogin {
		t.Errorf("the outcome is %s", outcome)
	}
}

func TestCredentialPrintsAsItsServer(t *testing.T) {
	t.Parallel()
	c := NewCredential("https://x:"+canary+"@nvcr.io", username, password)
	type unexported struct{ c Credential }
	var all []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T", "%p"} {
		all = append(all, fmt.Sprintf(verb, c), fmt.Sprintf(verb, &c), fmt.Sprintf(verb, []any{c}), fmt.Sprintf(verb, unexported{c}))
	}
	inJSON, err := json.Marshal(map[string]any{"c": c})
	if err != nil {
		t.Fatal(err)
	}
	inYAML, err := yaml.Marshal(map[string]any{"c": c})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("login", "c", c)
	all = append(all, string(inJSON), string(inYAML), log.String(), c.String(), c.GoString())
	for _, text := range all {
		if strings.Contains(text, canary) {
			t.Errorf("printed as %s", text)
		}
	}
	if got := fmt.Sprint(c); got != "nvcr.io" || string(inJSON) != `{"c":"nvcr.io"}` {
		t.Errorf("prints as %s, in JSON %s", got, inJSON)
	}
}

func TestHostOf(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"nvcr.io":                         "nvcr.io",
		"NVCR.io":                         "nvcr.io",
		"nvcr.io/nim":                     "nvcr.io",
		"https://nvcr.io/v2/":             "nvcr.io",
		"http://nvcr.io":                  "nvcr.io",
		"u:p@nvcr.io:443/x":               "nvcr.io:443",
		"[::1]:5000":                      "[::1]:5000",
		"localhost:5000":                  "localhost:5000",
		"docker.io":                       "index.docker.io",
		"https://index.docker.io/v1/":     "index.docker.io",
		"https://registry-1.docker.io/v2": "index.docker.io",
		"https://hub.docker.com/":         "index.docker.io",
		"*.ocir.io":                       "",
		"https://*.ocir.io/ns":            "",
		" nvcr.io":                        "",
		"nvcr.io\n":                       "",
		"":                                "",
		"https://":                        "",
		"oci://nvcr.io":                   "",
	} {
		got, failure := hostOf(key)
		if got != want || (failure == nil) != (want != "") {
			t.Errorf("hostOf(%q) = %q, %v, want %q", key, got, failure, want)
		}
	}
}
