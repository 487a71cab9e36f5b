package release_test

import (
	"errors"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// configMapChart is a chart of one ConfigMap, whose data is the value of text.
func configMapChart(name string) *chart.Chart {
	return &chart.Chart{
		Metadata: &chart.Metadata{APIVersion: "v2", Name: name, Version: "0.1.0"},
		Templates: []*chart.File{
			{Name: "templates/b.yaml", Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n")},
			{Name: "templates/a.yaml", Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {text: {{ .Values.text | quote }}}\n")},
		},
	}
}

func client(t *testing.T, namespace string) *release.Client {
	t.Helper()
	return clientAt(t, kubetest.Kubeconfig(t), namespace)
}

func clientAt(t *testing.T, kubeconfig, namespace string) *release.Client {
	t.Helper()
	flags := genericclioptions.NewConfigFlags(false)
	flags.KubeConfig, flags.Namespace = &kubeconfig, &namespace
	c, err := release.NewClient(flags, namespace)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDeployInstallsUpgradesAndUninstalls(t *testing.T) {
	t.Parallel()
	namespace := kubetest.Namespace(t)
	c := client(t, namespace)
	if _, err := c.Get("r"); !errors.Is(err, release.ErrNotFound) {
		t.Fatalf("got %v, want ErrNotFound", err)
	}
	for revision, text := range []string{"one", "two"} {
		r, err := c.Deploy(t.Context(), configMapChart("blueprint"), "r", map[string]any{"text": text}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r.Revision != revision+1 || r.Status != "deployed" || r.Namespace != namespace || r.Chart != "blueprint" {
			t.Errorf("got %+v", r)
		}
	}
	r, err := c.Get("r")
	if err != nil {
		t.Fatal(err)
	}
	objects := r.Objects()
	if len(objects) != 2 || objects[0].GetName() != "a" || objects[1].GetName() != "b" {
		t.Errorf("got %v", objects)
	}
	live, err := kubetest.Client(t).CoreV1().ConfigMaps(namespace).Get(t.Context(), "a", metav1.GetOptions{})
	if err != nil || live.Data["text"] != "two" {
		t.Errorf("got %v, %v", live, err)
	}
	if _, err := c.Uninstall(t.Context(), "r", release.UninstallOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Uninstall(t.Context(), "r", release.UninstallOptions{}); !errors.Is(err, release.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

func TestReleasesOfOtherChartsAreLeftAlone(t *testing.T) {
	t.Parallel()
	namespace := kubetest.Namespace(t)
	c := client(t, namespace)
	if _, err := c.Deploy(t.Context(), configMapChart("other"), "r", nil, nil); err != nil {
		t.Fatal(err)
	}
	_, err := c.Deploy(t.Context(), configMapChart("blueprint"), "r", nil, nil)
	if err == nil || !strings.Contains(err.Error(), `belongs to chart "other"`) || hint.Of(err)[0].String() != "choose another deployment_name, or uninstall it: helm uninstall -n "+namespace+" r" {
		t.Errorf("got %v", err)
	}
	for _, c := range []*release.Client{c, client(t, "")} {
		found, err := c.List("blueprint")
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range found {
			if r.Namespace == namespace {
				t.Errorf("lists %+v", r)
			}
		}
	}
	found, err := client(t, "").List("other")
	if err != nil || len(found) != 1 || found[0].Namespace != namespace {
		t.Errorf("got %v, %v", found, err)
	}
}

func TestDeployIntoAMissingNamespaceLeavesNothing(t *testing.T) {
	t.Parallel()
	_, err := client(t, "no-such-namespace").Deploy(t.Context(), configMapChart("blueprint"), "r", nil, nil)
	if err == nil || !strings.Contains(err.Error(), `namespaces "no-such-namespace" not found`) {
		t.Errorf("got %v", err)
	}
}
