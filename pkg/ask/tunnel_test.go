package ask

import (
	"errors"
	"fmt"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// connect connects to a new namespace of the test's cluster as a user, or as an administrator.
func connect(t *testing.T, user string) *kube.Cluster {
	t.Helper()
	flags := kube.NewConfigFlags(t.Context(), t.Logf)
	*flags.KubeConfig, *flags.Namespace, *flags.Impersonate = kubetest.Kubeconfig(t), kubetest.Namespace(t), user
	c, err := kube.Connect(flags)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestForbidden(t *testing.T) {
	t.Parallel()
	c := connect(t, "jane")
	_, err := openTunnel(t.Context(), c, "web", 80)
	want := "missing permission: create pods/portforward in namespace " + c.Namespace
	role := "ask an administrator for a binding to this role: kubectl create role NAME -n " + c.Namespace + " --verb=get,create --resource=pods/portforward"
	if hints := hint.Of(err); fmt.Sprint(err) != want || len(hints) != 1 || hints[0].String() != role {
		t.Errorf("got %v\n%v", err, hints)
	}
}

func TestMissingPod(t *testing.T) {
	t.Parallel()
	_, err := openTunnel(t.Context(), connect(t, ""), "web", 80)
	if want := `cannot forward a port to pod/web: pods "web" not found`; fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	target := newClient(t, nil, &apiKey{}).target
	for text, want := range map[string]string{
		"dial tcp4 127.0.0.1:8000: connect: connection refused": "recipe-nim: nothing listens on port 8000 of pod/recipe-nim-abc",
		"no sandbox": "recipe-nim: cannot connect to port 8000 of pod/recipe-nim-abc: no sandbox",
	} {
		if err := target.unreachable(errors.New(text)); fmt.Sprint(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
