package hint_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
)

// TestSecretHint pastes a suggestion into a shell, which must pass the payload on as it is.
func TestSecretHint(t *testing.T) {
	t.Parallel()
	for want, op := range map[string]hint.SecretOperation{
		`{"name":"pull","action":"create","type":"container_registry","data":{"password":{"valueFrom":{"env":"NGC_API_KEY"}},"registry_server":"nvcr.io","username":"$oauthtoken"}}`: hint.PullSecret("create", "pull", "nvcr.io"),
		`{"name":"a","action":"update","type":"opaque","merge":true,"data":{"1.key":{"valueFrom":{"env":"_1_KEY"}},"tls.crt":{"valueFrom":{"file":"tls.crt"}}}}`:                     hint.OpaqueSecret("update", "a", []string{"1.key"}, []string{"tls.crt"}),
		`{"name":"a","action":"create","type":"opaque","data":{"KEY":{"valueFrom":{"env":"KEY"}}}}`:                                                                                  hint.OpaqueSecret("create", "a", nil, nil),
	} {
		lines := op.Hint("create it", hint.Command{"cat", "-"}).Lines()
		if lines[0] != "hint: create it:" {
			t.Errorf("got %q", lines[0])
		}
		out, err := exec.Command("sh", "-c", strings.Join(lines[1:], "\n")).Output()
		if diff := cmp.Diff(want+"\n", string(out)); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
	}
	if got := (hint.Hint{}).Lines(); got != nil {
		t.Errorf("got %q for no hint", got)
	}
}
