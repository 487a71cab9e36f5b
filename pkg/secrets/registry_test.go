package secrets

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
)

func TestNormalServer(t *testing.T) {
	t.Parallel()
	const hub = "https://index.docker.io/v1/"
	tests := []struct{ given, want, fault string }{
		{given: "docker.io", want: hub},
		{given: "https://docker.io", want: hub},
		{given: "index.docker.io", want: hub},
		{given: "https://index.docker.io/v1/", want: hub},
		{given: "https://index.docker.io/v1", want: hub},
		{given: "https://index.docker.io/v2/", want: hub},
		{given: "registry-1.docker.io", want: hub},
		{given: "registry.hub.docker.com", want: hub},
		{given: "https://hub.docker.com/", want: hub},
		{given: " Docker.IO\n", want: hub},
		{given: "docker.io/myorg", want: "docker.io/myorg"},
		{given: "nvcr.io", want: "nvcr.io"},
		{given: "https://nvcr.io", want: "nvcr.io"},
		{given: "HTTPS://nvcr.io/", want: "nvcr.io"},
		{given: "https://nvcr.io/v2/", want: "nvcr.io"},
		{given: "oci://nvcr.io/nim", want: "nvcr.io/nim"},
		{given: "nvcr.io/Nim/", want: "nvcr.io/nim"},
		{given: "nvcr.io/v2/nim", want: "nvcr.io/nim"},
		{given: "https://index.docker.io/v1/org", want: "docker.io/org"},
		{given: "registry-1.docker.io/org", want: "docker.io/org"},
		{given: "docker.io:443", want: hub},
		{given: "NVCR.IO", want: "nvcr.io"},
		{given: " nvcr.io ", want: "nvcr.io"},
		{given: "nvcr.io:443", want: "nvcr.io:443"},
		{given: "iad.ocir.io/ns", want: "iad.ocir.io/ns"},
		{given: "*.ocir.io", want: "*.ocir.io"},
		{given: "localhost", want: "localhost"},
		{given: "registry:5000", want: "registry:5000"},
		{given: "[::1]:5000", want: "[::1]:5000"},
		{given: "u:p@nvcr.io", fault: "must not contain credentials"},
		{given: "https://u@nvcr.io/x", fault: "must not contain credentials"},
		{given: "ftp://nvcr.io", fault: "must be a registry server with scheme"},
		{given: "nvcr.io nim", fault: "must be a registry server, "},
		{given: "nvcr.io?x=y", fault: "must be a registry server, "},
		{given: "nvcr.io/nim/meta/llama:1", fault: "must be a registry server without image tag"},
		{given: "nvcr.io/*", fault: "must be a registry server without image tag"},
		{given: "nvcr.io:abc", fault: "must be a registry server with a numeric port"},
		{given: "a:b:c", fault: "must be a registry server with a numeric port"},
		{given: "[::1]", fault: "must be a registry server with a numeric port"},
		{given: "[a].io", fault: "must be a registry server with a numeric port"},
		{given: "nvcr", fault: "must have a host name with a dot"},
		{given: "https://", fault: "must have a host name with a dot"},
		{given: "/v1/", fault: "must have a host name with a dot"},
	}
	for _, tt := range tests {
		got, fault := normalServer(tt.given)
		if got != tt.want || !strings.HasPrefix(fault, tt.fault) || (fault == "") != (tt.fault == "") {
			t.Errorf("normalServer(%q) = %q, %q, want %q, %q", tt.given, got, fault, tt.want, tt.fault)
		}
		if again, _ := normalServer(got); fault == "" && again != got {
			t.Errorf("normalServer(%q) = %q, and of that %q", tt.given, got, again)
		}
	}
}

func TestDockerConfig(t *testing.T) {
	t.Parallel()
	op := parse(t, `{"name":"r","action":"create","type":"container_registry","data":
		{"registry_server":"NVCR.io","username":"$oauthtoken","password":"p:<&>\"","email":"e@example.com"}}`)[0]
	secret := op.secret()
	if secret.Type != corev1.SecretTypeDockerConfigJson || len(secret.Data) != 1 || len(secret.StringData) != 0 || secret.Annotations != nil {
		t.Errorf("Secret is of type %s with data %d, stringData %d, annotations %v",
			secret.Type, len(secret.Data), len(secret.StringData), secret.Annotations)
	}
	var got any
	if err := json.Unmarshal(secret.Data[".dockerconfigjson"], &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"auths": map[string]any{"nvcr.io": map[string]any{
		"username": "$oauthtoken", "password": `p:<&>"`, "email": "e@example.com", "auth": "JG9hdXRodG9rZW46cDo8Jj4i",
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf(".dockerconfigjson (-want +got):\n%s", diff)
	}
	if got := rewrittenServer(op.Data); got != "nvcr.io" {
		t.Errorf("server written as %q, want nvcr.io", got)
	}
}

func TestDockerConfigLeavesEmailOut(t *testing.T) {
	t.Parallel()
	op := parse(t, pullSecret(ActionCreate, "r", "nvcr.io", "u", "p"))[0]
	if got, want := string(op.dockerConfig()), `{"auths":{"nvcr.io":{"username":"u","password":"p","auth":"dTpw"}}}`; got != want {
		t.Errorf(".dockerconfigjson is %s, want %s", got, want)
	}
	if got := rewrittenServer(op.Data); got != "" {
		t.Errorf("server written as %q, want as it is", got)
	}
}
