package redact_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// ordinary are messages of API servers and their clients about the Secret
// hf-secret in namespace team-a, which have nothing of a value in them.
var ordinary = []string{
	`secrets "hf-secret" already exists`,
	`object is being deleted: secrets "hf-secret" already exists`,
	`secrets "hf-secret" not found`,
	`namespaces "team-a" not found`,
	`secrets "hf-secret" is forbidden: User "jane" cannot create resource "secrets" in API group "" in the namespace "team-a"`,
	`secrets is forbidden: User "system:serviceaccount:team-a:ci" cannot list resource "secrets" in API group "" in the namespace "team-a"`,
	`deployments.apps "hf-secret" is forbidden: User "jane" cannot patch resource "deployments" in API group "apps" in the namespace "team-a"`,
	`secrets "hf-secret" is forbidden: exceeded quota: few, requested: secrets=1, used: secrets=10, limited: secrets=10`,
	`pods "hf-secret" is forbidden: exceeded quota: gpu, requested: requests.nvidia.com/gpu=8,limits.memory=64Gi, used: requests.nvidia.com/gpu=0,limits.memory=0, limited: requests.nvidia.com/gpu=4,limits.memory=32Gi`,
	`pods "hf-secret" is forbidden: failed quota: few: must specify limits.cpu for: main; limits.memory for: main`,
	`Secret "hf-secret" is invalid: type: Invalid value: "kubernetes.io/dockerconfigjson": field is immutable`,
	"Secret \"hf-secret\" is invalid: data: Forbidden: field is immutable when `immutable` is set",
	`Secret "hf-secret" is invalid: data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": unexpected end of JSON input`,
	`Secret "hf-secret" is invalid: data: Too long: may not be more than 1048576 bytes`,
	`Secret "hf-secret" is invalid: data[a b]: Invalid value: "a b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
	`Deployment.apps "hf-secret" is invalid: spec.template.spec.containers[0].image: Required value`,
	`Operation cannot be fulfilled on secrets "hf-secret": the object has been modified; please apply your changes to the latest version and try again`,
	`secrets "hf-secret" is forbidden: unable to create new content in namespace team-a because it is being terminated`,
	`admission webhook "policy.example.com" denied the request: owner missing`,
	`failed calling webhook "policy.example.com": failed to call webhook: Post "https://policy.policies.svc:443/validate?timeout=10s": dial tcp 10.96.14.2:443: connect: connection refused`,
	`Internal error occurred: failed calling webhook "policy.example.com": failed to call webhook: Post "https://policy.policies.svc:443/validate?timeout=10s": context deadline exceeded`,
	`Get "https://10.0.0.1:6443/api/v1/namespaces/team-a/secrets/hf-secret": dial tcp 10.0.0.1:6443: connect: connection refused`,
	`Patch "https://k8s.example.com:6443/api/v1/namespaces/team-a/secrets/hf-secret?fieldManager=kubectl-blueprint": net/http: TLS handshake timeout`,
	`tls: failed to verify certificate: x509: certificate signed by unknown authority`,
	`the server could not find the requested resource`,
	`the server has asked for the client to provide credentials`,
	`an error on the server ("unable to handle the request") has prevented the request from succeeding (post secrets)`,
	`etcdserver: request timed out`,
	`rpc error: code = Unavailable desc = transport is closing`,
	`Unauthorized`,
	`no matches for kind "LocalQueue" in version "kueue.x-k8s.io/v1beta1"`,
	`context deadline exceeded`,
}

const privateKey = `-----BEGIN RSA PRIVATE KEY-----
MIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF8PbnGy0AHB7MaXvCVjCOyq9Xk0C
h4Qc1mJxkX6lVqkQ0Q8FhE0pGx7Yb2m3lq9hYw==
-----END RSA PRIVATE KEY-----
`

// realistic are values as Secrets have them.
var realistic = map[string]string{
	"token":           "hf_AbCdEfGhIjKlMnOpQrStUvWxYz012345",
	"key":             privateKey,
	"pull secret":     `{"auths":{"policy.example.com":{"username":"_json_key","password":"dckr_pat_0123456789","auth":"X2pzb25fa2V5OmRja3JfcGF0XzAxMjM0NTY3ODk="}}}`,
	"service account": `{"type":"service_account","project_id":"my-project-1234","private_key":"` + strings.ReplaceAll(privateKey, "\n", `\n`) + `","client_email":"ci@my-project-1234.iam.gserviceaccount.com","auth_uri":"https://accounts.google.com/o/oauth2/auth"}`,
	"PAR":             "https://objectstorage.us-ashburn-1.oraclecloud.com/p/ParTok3n_AbCdEfGhIjKlMnOp-5555/n/ns/b/models/o/",
	"database":        "postgres://app:S3cr3tPassw0rd@db.team-a.svc.cluster.local:5432/orders",
	"kubeconfig":      "apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster:\n    server: https://10.0.0.1:6443\nusers:\n- name: ci\n  user:\n    token: eyJhbGciOiJIUzI1NiJ9.e30.abc\n",
	"changeme":        "changeme",
	"forbidden":       "forbidden",
	"namespace":       "namespace",
	"secrets":         "secrets",
	"resource":        "resource",
	"Secret":          "Secret",
	"User":            "User",
	"exists":          "already exists",
	"the name":        "hf-secret",
	"the namespace":   "team-a",
	"the word":        "is",
	"no":              "no",
	"1":               "1",
	"10":              "10",
	"443":             "443",
	"true":            "true",
	"type":            "kubernetes.io/dockerconfigjson",
}

// TestOrdinaryMessages keeps readable what has nothing of a value in it. Of
// values that are common words only those messages are checked that the API
// server itself makes up.
func TestOrdinaryMessages(t *testing.T) {
	t.Parallel()
	for name, value := range realistic {
		r := redact.New([]byte(value)).Except("hf-secret", "team-a", ".dockerconfigjson", "policy.example.com")
		for _, text := range ordinary {
			if got := r.Text(text); got != text {
				t.Errorf("%s: %s\n%s", name, text, got)
			}
		}
	}
}

// TestHiddenBesideOrdinaryWords has a common word both in a phrase of the API
// server and as a value.
func TestHiddenBesideOrdinaryWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ value, text, want string }{
		{"forbidden", `secrets "a" is forbidden: value forbidden is too simple`, `secrets "a" is forbidden: value *** is too simple`},
		{"forbidden", "value Forbidden is too simple", redact.Withheld},
		{"changeme", "changeme is too simple", "*** is too simple"},
		{"changeme", "CHANGEME is too simple", redact.Withheld},
		{"recipe-a", `secrets "recipe-a-key": recipe-a`, `secrets "recipe-a-key": ***`},
		{"recipe-a-key-0123", `secrets "recipe-a-key": recipe-a-key-0123`, `secrets "recipe-a-key": ***`},
		{"recipe-a-key-0123", `secrets "recipe-a-key": recipe-a-key-0…`, `secrets "recipe-a-key": recipe-a-key-0…`}, // the name, and 2 bytes
		{"recipe-a-key-0123456789", `secrets "recipe-a-key": key-012345`, redact.Withheld},
	} {
		if got := redact.New([]byte(c.value)).Except("recipe-a-key").Text(c.text); got != c.want {
			t.Errorf("%q in %q: got %q, want %q", c.value, c.text, got, c.want)
		}
	}
}

// TestBounds has more text and larger values than can be looked through.
func TestBounds(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("0123456789abcdef", 1<<16) // 1 MiB
	r := redact.New([]byte(large), []byte("s3cr3t-t0ken"))
	for text, want := range map[string]string{
		"denied: " + large[:100]:                                  redact.Withheld,
		"denied: s3cr3t-t0ken":                                    "denied: ***",
		"denied: " + strings.Repeat("x ", 1<<16) + "s3cr3t-t0ken": "denied: " + strings.Repeat("x ", 1<<15-4) + "… (truncated)",
	} {
		if got := r.Text(text); got != want {
			t.Errorf("%.50s: got %.100s of %d bytes, want %.100s of %d", text, got, len(got), want, len(want))
		}
	}
}

// TestLines has a value spread over the lines of a log.
func TestLines(t *testing.T) {
	t.Parallel()
	r := redact.New([]byte("hf_AbCdEfGhIjKl"))
	lines := []string{"starting", "token hf_AbCdEfGhIjKl", "done"}
	if got := strings.Join(r.Lines(lines), "|"); got != "starting|token ***|done" {
		t.Errorf("got %s", got)
	}
	for _, lines := range [][]string{{"hf_Ab", "CdEfG", "hIjKl"}, {"x hf_AbC", "y dEfGhIj"}} {
		if got := strings.Join(r.Lines(lines), "|"); strings.Contains(got, "hf_Ab") && len(lines) == 3 {
			t.Errorf("got %s", got)
		}
	}
}

// TestLongLogs keeps the last lines of a log if they have no part of a value.
func TestLongLogs(t *testing.T) {
	t.Parallel()
	r := redact.New([]byte("hf_AbCdEfGhIjKl"))
	spread, long := []string{"hf_Ab", "CdEfG", "hIjKl"}, slices.Repeat([]string{"loading " + strings.Repeat("QWxhZGRpbjpvcGVuIHNlc2FtZQ== 61626364 ", 20)}, 3000)
	for name, c := range map[string]struct {
		lines []string
		want  int
	}{
		"too large":        {long, 100},
		"value at the top": {slices.Concat(spread, long[:500]), 100},
		"value at the end": {slices.Concat(long[:500], spread), 1},
		"no value":         {long[:500], 500},
	} {
		got := r.Lines(c.lines)
		if len(got) != c.want || (got[0] == redact.Withheld) != (c.want == 1) {
			t.Errorf("%s: got %d lines, want %d: %.100s", name, len(got), c.want, got[0])
		}
	}
}

func TestError(t *testing.T) {
	t.Parallel()
	cause := errors.New("denied: hunter2-hunter2")
	r := redact.New([]byte("hunter2-hunter2"))
	if err := r.Error(cause); err.Error() != "denied: ***" || !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
	other := errors.New("other")
	if err := r.Error(other); err != other { //nolint:errorlint // the same, not one that wraps it
		t.Errorf("got %v", err)
	}
	if r.Error(nil) != nil {
		t.Error("an error of nothing")
	}
	if (*redact.Redactor)(nil).Text("x") != "x" || new(redact.Redactor).Text("x") != "x" || new(redact.Redactor).Contains("x") {
		t.Error("no values are not found")
	}
}
