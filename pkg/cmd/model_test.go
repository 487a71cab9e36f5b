package cmd_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// TestModelServer runs what needs a model server, in a cluster of its own: elsewhere,
// containers that request GPUs print nothing and listen on no port.
func TestModelServer(t *testing.T) {
	t.Parallel()
	cluster := kubetest.ModelCluster(t, "../../bin", "-download=2s -load=1s -capture=1s")
	t.Run("README", func(t *testing.T) {
		t.Parallel()
		testReadme(t, cluster)
	})
	t.Run("scripts", func(t *testing.T) {
		t.Parallel()
		testModelScripts(t, cluster)
	})
}

// testModelScripts runs the specification of commands that use a model server.
func testModelScripts(t *testing.T, cluster string) {
	config, err := clientcmd.BuildConfigFromFlags("", cluster)
	if err != nil {
		t.Fatal(err)
	}
	namespaces := kubernetes.NewForConfigOrDie(config).CoreV1().Namespaces()
	testscript.Run(t, testscript.Params{
		Dir:           "../../testdata/script/model",
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			namespace, err := namespaces.Create(context.Background(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}, metav1.CreateOptions{})
			if err != nil {
				return err
			}
			env.Setenv("KUBECONFIG", filepath.Join(env.WorkDir, ".kubeconfig"))
			if err := plugin.WriteKubeconfig(cluster, env.Getenv("KUBECONFIG"), namespace.Name); err != nil {
				return err
			}
			return shareTestdata(env)
		},
	})
}
