package secrets

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

func TestScrub(t *testing.T) {
	t.Parallel()
	const multiLine = "first " + canary + "\nsecond \"" + canary + "\"\n"
	ops := map[string]Operation{
		canary + "-token":    parse(t, opaque(ActionCreate, "a", "k", canary+"-token", "part", canary))[0],
		multiLine:            parse(t, opaque(ActionCreate, "a", "k", multiLine))[0],
		canary + "-password": parse(t, pullSecret(ActionCreate, "r", "nvcr.io", "user-"+canary, canary+"-password"))[0],
	}
	for value, op := range ops {
		_, body, err := op.patch()
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{
			"denied: " + value,
			"denied: " + strings.TrimSpace(value) + ".",
			fmt.Sprintf("denied: %q", value),
			fmt.Sprintf("an error on the server (%q)", fmt.Sprintf("denied: %q", value)),
			fmt.Sprintf("denied: %v", []byte(value)),
			fmt.Sprintf("denied: %x", value),
			"denied: " + base64.StdEncoding.EncodeToString([]byte(value)),
			"denied: " + base64.RawURLEncoding.EncodeToString([]byte(value)),
			"denied: " + string(body),
			fmt.Sprintf("denied: %q", body),
			"denied: " + string(op.dockerOrNothing()),
			"denied: line " + strings.Split(value, "\n")[0],
		} {
			got := redact.New(op.secretValues()...).Text(text)
			wantNoCanary(t, "scrubbed text", got)
			if strings.Contains(got, "token") || strings.Contains(got, "password") && !strings.Contains(text, "{") {
				t.Errorf("scrub leaves the rest of a value: %s", got)
			}
			if !strings.Contains(got, "d") {
				t.Errorf("scrub leaves nothing of %s", text)
			}
		}
	}
}

func (op Operation) dockerOrNothing() []byte {
	if op.Type == TypeContainerRegistry {
		return op.dockerConfig()
	}
	return nil
}

func TestScrubLeavesOtherTextAlone(t *testing.T) {
	t.Parallel()
	const text = `secrets "a" is forbidden: User "jane" cannot create resource "secrets" in API group ""`
	op := parse(t, list(opaque(ActionCreate, "a", "k", canary, "empty", "", "short", "no")))[0]
	err := errors.New(text)
	if got := op.safe(err); !errors.Is(got, err) {
		t.Errorf("safe(%q) = %q, want it as it is", text, got)
	}
	registry := parse(t, pullSecret(ActionCreate, "a", "nvcr.io", canary, canary))[0]
	if got := redact.New(registry.secretValues()...).Text("nvcr.io"); got != "nvcr.io" {
		t.Errorf("scrub hides the server: %q", got)
	}
}

// TestScrubWithholdsPartsOfValues has a webhook that cuts what it quotes, or
// puts it in another case.
func TestScrubWithholdsPartsOfValues(t *testing.T) {
	t.Parallel()
	op := parse(t, list(opaque(ActionCreate, "my-word-1234", "open-sesame", "hf_AbCdEfGhIjKlMnOpQr", "short", "Word-1234")))[0]
	registry := parse(t, pullSecret(ActionCreate, "a", "registry.example.com", "robot-account-7", "open sesame 0123"))[0]
	for _, tt := range []struct {
		op         Operation
		text, want string
	}{
		{op, "denied: hf_abcdefghijklmnopqr is no token", redact.Withheld},
		{op, "denied: hf_AbCdEfGhI…", redact.Withheld},
		{op, "denied: " + base64.StdEncoding.EncodeToString([]byte("hf_AbCdEfGhIjKlMnOpQr"))[:16] + "…", redact.Withheld},
		{op, "denied: WORD-1234", redact.Withheld},
		{op, "denied: hf_AbCd… is no word", "denied: hf_AbCd… is no word"}, // too little to tell it by
		{op, `secrets "my-word-1234" is forbidden: data[open-sesame]`, `secrets "my-word-1234" is forbidden: data[open-sesame]`},
		{registry, "denied: OPEN SESAME 0123", redact.Withheld},
		{registry, "denied: robot-account-7 of registry.example.com", "denied: *** of registry.example.com"},
		{registry, "denied: registry.example.com is not trusted", "denied: registry.example.com is not trusted"},
	} {
		if got := tt.op.safe(errors.New(tt.text)).Error(); got != tt.want {
			t.Errorf("safe(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}
