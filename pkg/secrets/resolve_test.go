package secrets

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// from is an operation whose values come from places, in JSON.
func from(keys ...string) string {
	var members []string
	for i := 0; i < len(keys); i += 2 {
		members = append(members, `"`+keys[i]+`":{"valueFrom":`+keys[i+1]+`}`)
	}
	return `{"name":"a","action":"apply","type":"opaque","data":{` + strings.Join(members, ",") + `}}`
}

// places are Sources for tests, and how often somebody was asked.
func places(asked *int) Sources {
	env := map[string]string{"TOKEN": "t-" + canary, "EMPTY": "", "COLON": "a:" + canary}
	return Sources{
		Env:    func(name string) (string, bool) { value, found := env[name]; return value, found },
		File:   os.ReadFile,
		Stdin:  func() ([]byte, error) { *asked++; return []byte("s-" + canary + "\n"), nil },
		Prompt: func(text string) ([]byte, error) { *asked++; return []byte(text + "-" + canary), nil },
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	dir, asked := t.TempDir(), 0
	binary := "\xff\x00\r\n" + canary
	if err := os.WriteFile(filepath.Join(dir, "b.bin"), []byte(binary), 0o600); err != nil {
		t.Fatal(err)
	}
	payload := list(
		from("env", `{"env":"TOKEN"}`, "relative", `{"file":"b.bin"}`, "absolute", `{"file":"`+dir+`/b.bin"}`, "stdin", `{"stdin":true}`, "prompt", `{"prompt":"Key"}`),
		`{"name":"r","action":"create","type":"container_registry","data":{"registries":[{"registry_server":"nvcr.io","username":"$oauthtoken",
		  "password":{"valueFrom":{"env":"TOKEN"}},"email":{"valueFrom":{"prompt":"Mail"}}}]}}`,
		opaque(ActionCreate, "plain", "k", "$TOKEN ${TOKEN}"),
	)
	ops, err := parseText(t, filepath.Join(dir, "payload.json"), payload)
	if err != nil {
		t.Fatal(err)
	}
	if err := Resolve(ops, places(&asked)); err != nil || asked != 3 {
		t.Fatalf("Resolve gives %v and asks %d times, want 3", err, asked)
	}
	got := reveal(ops)
	want := map[string]string{"env": "t-" + canary, "relative": binary, "absolute": binary, "stdin": "s-" + canary + "\n", "prompt": "Key-" + canary}
	if diff := cmp.Diff(want, got[0].Data); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if got[2].Data["k"] != "$TOKEN ${TOKEN}" {
		t.Errorf("a plain string became %q", got[2].Data["k"])
	}
	c := newCluster(t)
	wantOutcomes(t, applied(t, NewBatch(c.client, c.namespace, ops)), success, success, success)
	wantSecret(t, c.get("a"), corev1.SecretTypeOpaque, want)
	if config := string(c.get("r").Data[".dockerconfigjson"]); !strings.Contains(config, `"password":"t-`+canary+`","email":"Mail-`+canary) {
		t.Errorf(".dockerconfigjson is %s", config)
	}
}

func TestResolveFaults(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, data := range map[string]string{"large": strings.Repeat("x", 1<<20+1), "latin1": "\xe4" + canary, "empty": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join(dir, "p")
	credentials := func(member, reference string) string {
		op := pullSecret(ActionCreate, "r", "ghcr.io", "u", "p")
		return strings.Replace(op, `"`+member+`":"`+member[:1]+`"`, `"`+member+`":{"valueFrom":`+reference+`}`, 1)
	}
	for _, tt := range []struct {
		name, payload string
		want          []string // each after the name of the payload
	}{
		{"all at once", from("a", `{"env":"NONE"}`, "b", `{"env":"EMPTY"}`, "c", `{"env":"`+canary+`"}`, "d", `{"file":"none-`+canary+`"}`, "e", `{"file":"."}`,
			"f", `{"file":"empty"}`, "g", `{"prompt":"never"}`, "h", `{"stdin":true}`), []string{
			`:1:78: /data/a/valueFrom/env: environment variable NONE is not set`,
			`:1:111: /data/b/valueFrom/env: must not be empty` + "\nhint: use \"\" for an empty value",
			`:1:145: /data/c/valueFrom/env: the environment variable is not set`,
			`:1:181: /data/d/valueFrom/file: file not found (relative paths start at ` + dir + `)`,
			`:1:222: /data/e/valueFrom/file: cannot read file: is a directory`,
			`:1:253: /data/f/valueFrom/file: must not be empty` + "\nhint: use \"\" for an empty value",
		}},
		{"too large", from("k", `{"file":"large"}`), []string{`:1:1: /data: must be at most 1 MiB, the limit of a Secret` + "\nhint: split the data into several Secrets"}},
		{"colon", credentials("username", `{"env":"COLON"}`), []string{
			`:1:102: /data/username/valueFrom/env: must not contain a colon` + "\nhint: move the part after the colon to password"}},
		{"no text", credentials("password", `{"file":"latin1"}`), []string{`:1:60: /data/password/valueFrom/file: must be UTF-8 text`}},
	} {
		ops, err := parseText(t, name, tt.payload)
		if err != nil {
			t.Fatal(err)
		}
		asked := 0
		err = Resolve(ops, places(&asked))
		if err == nil || asked > 0 {
			t.Fatalf("%s: error is %v, asked %d times", tt.name, err, asked)
		}
		if diff := cmp.Diff(name+strings.Join(tt.want, "\n"+name), err.Error()); diff != "" {
			t.Errorf("%s: faults (-want +got):\n%s", tt.name, diff)
		}
		wantNoCanary(t, tt.name, err.Error())
	}
}

func TestResolveFromNowhere(t *testing.T) {
	t.Parallel()
	ops := parse(t, from("a", `{"env":"TOKEN"}`, "b", `{"file":"/etc/passwd"}`))
	err := Resolve(ops, Sources{})
	var faults source.Errors
	if !errors.As(err, &faults) || len(faults) != 2 || faults[1].Message != "references to file are not allowed here" {
		t.Errorf("error is %v", err)
	}
	if err := Resolve(parse(t, from("a", `{"stdin":true}`)), Sources{Stdin: func() ([]byte, error) { return nil, fs.ErrClosed }}); err == nil ||
		!strings.Contains(err.Error(), "/data/a/valueFrom/stdin: file already closed") {
		t.Errorf("error is %v", err)
	}
}

// TestUnresolvedIsNeverSent holds what Parse read and nobody resolved back.
func TestUnresolvedIsNeverSent(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	want := outcome{StatusError, "Unresolved", "Secret 'a' was not changed: its references are not resolved"}
	wantOutcomes(t, c.check(from("a", `{"env":"TOKEN"}`)), want)
	wantOutcomes(t, c.apply(from("a", `{"env":"TOKEN"}`)), want)
	if c.names()["a"] {
		t.Error("the Secret was created")
	}
}
