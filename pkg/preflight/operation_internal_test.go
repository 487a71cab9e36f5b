package preflight

import "testing"

// TestPullSecretOfNvidia: what is proposed is what 'secrets apply' takes without
// a warning.
func TestPullSecretOfNvidia(t *testing.T) {
	t.Parallel()
	const want = `{"name":"pull","action":"create","type":"container_registry","data":{"password":{"valueFrom":{"env":"NGC_API_KEY"}},"registry_server":"nvcr.io","username":"$oauthtoken"}}`
	if got := pullSecret("create", "pull", "nvcr.io").String(); got != want {
		t.Errorf("got %s", got)
	}
}
