package complete_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/complete"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

func TestMain(m *testing.M) { plugin.Main(m) }

// values returns the completions without their descriptions.
func values(t *testing.T, f cobra.CompletionFunc, prefix string, args ...string) []string {
	t.Helper()
	cmd := &cobra.Command{}
	cmd.SetContext(t.Context())
	found, _ := f(cmd, args, prefix)
	all := []string{}
	for _, c := range found {
		value, _, _ := strings.Cut(c, "\t")
		all = append(all, value)
	}
	return all
}

// TestCluster completes names that exist in the cluster, each once.
func TestCluster(t *testing.T) {
	t.Parallel()
	s := plugin.NewSandbox(t)
	const recipe = `{"recipe_mode": "service", "deployment_name": "NAME", "recipe_image_uri": "a:TAG", "recipe_container_port": 80}`
	write := func(name, tag string) string {
		return s.Write(name+".json", strings.NewReplacer("NAME", name, "TAG", tag).Replace(recipe))
	}
	s.Deploy(write("one", "1"))
	s.Deploy(write("one", "2"))
	s.Deploy(s.Write("group.json", `{"deployment_group": {"name": "shop", "deployments": [{"name": "web", "recipe": `+strings.Replace(recipe, "NAME", "two", 1)+`}]}}`))
	flags := genericclioptions.NewConfigFlags(true)
	flags.KubeConfig, flags.Namespace = &s.Kubeconfig, &s.Namespace
	for name, c := range map[string]struct {
		f      cobra.CompletionFunc
		prefix string
		args   []string
		want   []string
	}{
		"releases":             {complete.Releases(flags, 0, true), "recipe-", nil, []string{"recipe-one", "recipe-two"}},
		"another release":      {complete.Releases(flags, 0, true), "", []string{"recipe-one"}, []string{"recipe-two"}},
		"no second release":    {complete.Releases(flags, 1, false), "", []string{"recipe-one"}, []string{}},
		"release to roll back": {complete.Revisions(flags), "recipe-o", nil, []string{"recipe-one"}},
		"revisions":            {complete.Revisions(flags), "", []string{"recipe-one"}, []string{"1", "2"}},
		"revisions by prefix":  {complete.Revisions(flags), "2", []string{"recipe-one"}, []string{"2"}},
		"groups":               {complete.Groups(flags), "s", nil, []string{"shop"}},
		"containers":           {complete.Containers(flags), "", []string{"recipe-one"}, []string{"main"}},
	} {
		if diff := cmp.Diff(c.want, values(t, c.f, c.prefix, c.args...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	root := &cobra.Command{}
	root.SetContext(t.Context())
	flags.AddFlags(root.PersistentFlags())
	complete.ClusterFlags(root, flags)
	for flag, want := range map[string]string{"namespace": s.Namespace, "context": "blueprint-test", "user": "", "as-group": ""} {
		f, found := root.GetFlagCompletionFunc(flag)
		if got := values(t, f, ""); !found || want != "" && !slices.Contains(got, want) {
			t.Errorf("--%s: got %q, want %q among them", flag, got, want)
		}
	}
}

// TestWithoutCluster requires that completion suggests nothing without a kubeconfig.
func TestWithoutCluster(t *testing.T) {
	t.Parallel()
	none := "/none"
	flags := genericclioptions.NewConfigFlags(true)
	flags.KubeConfig = &none
	for name, f := range map[string]cobra.CompletionFunc{
		"releases": complete.Releases(flags, 0, false), "revisions": complete.Revisions(flags), "groups": complete.Groups(flags),
		"containers": complete.Containers(flags),
	} {
		if got := values(t, f, ""); len(got) > 0 {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	catalog := t.TempDir() + "/catalog.json"
	text := `{"pre_filled_samples": [{"pre_filled_sample_name": "Small", "recipe_mode": "job", "deployment_name": "a", "recipe_image_uri": "a"}, {"pre_filled_sample_name": "Large", "recipe_mode": "job", "deployment_name": "b", "recipe_image_uri": "a"}]}`
	if err := os.WriteFile(catalog, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := values(t, complete.Samples(&[]string{"-", "none.json"}), "", catalog); !slices.Equal(got, []string{"Small", "Large"}) {
		t.Errorf("samples: got %q", got)
	}
	if got := values(t, complete.Samples(&[]string{catalog}), "L"); !slices.Equal(got, []string{"Large"}) {
		t.Errorf("samples: got %q", got)
	}
}
