package deploy

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/progress"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// fixture deploys to a namespace of its own and keeps what is logged and printed.
type fixture struct {
	*Deployer
	t        *testing.T
	releases *release.Client
	out      *output
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, out: &output{}}
	b, err := blueprint.Load()
	if err != nil {
		t.Fatal(err)
	}
	c := connect(t, kubetest.Namespace(t), "")
	if f.releases, err = release.NewClient(c.Getter, c.Namespace); err != nil {
		t.Fatal(err)
	}
	f.Deployer = &Deployer{Blueprint: b, Cluster: c, Log: f.out.log}
	f.releases.Log = f.out.log
	return f
}

// connect returns a connection as the administrator, or as another user.
func connect(t *testing.T, namespace, user string) *kube.Cluster {
	t.Helper()
	flags := kube.NewConfigFlags(t.Context(), t.Logf)
	*flags.KubeConfig, *flags.Namespace, *flags.Impersonate = kubetest.Kubeconfig(t), namespace, user
	c, err := kube.Connect(flags)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// output keeps lines. Several goroutines may share it.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(text)
}

func (o *output) log(format string, args ...any) { _, _ = fmt.Fprintf(o, format+"\n", args...) }

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// has fails t for each line that was not written.
func (o *output) has(t *testing.T, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains("\n"+o.String(), "\n"+line+"\n") {
			t.Errorf("no line %q in\n%s", line, o)
		}
	}
}

// options watch and print to the fixture.
func (f *fixture) options() InstallOptions {
	streams := struct {
		In          io.Reader
		Out, ErrOut io.Writer
	}{Out: f.out, ErrOut: f.out}
	return InstallOptions{Wait: true, Printer: progress.New(streams, "")}
}

// recipe returns a recipe of a service with more members.
func recipe(name, more string) string {
	return fmt.Sprintf(`{"recipe_mode": "service", "deployment_name": %q, "recipe_image_uri": "i", "recipe_container_port": 80%s}`, name, more)
}

// unschedulable makes a recipe that no node of the test cluster has the GPUs for.
const unschedulable = `, "recipe_nvidia_gpu_count": 99`

// group returns the deployment group g of members.
func group(members ...string) string {
	return fmt.Sprintf(`{"deployment_group": {"name": "g", "deployments": [%s]}}`, strings.Join(members, ","))
}

// read returns the releases of a recipe or a group.
func read(t *testing.T, b *blueprint.Blueprint, text string) [][]*Release {
	t.Helper()
	r, _, err := b.Read(t.Context(), blueprint.Options{Files: []string{"-"}, Stdin: strings.NewReader(text), Namespace: "ns"})
	if err != nil {
		t.Fatal(err)
	}
	waves, err := r.Workloads()
	if err != nil {
		t.Fatal(err)
	}
	return Releases(waves)
}

// prepared returns the release of a recipe after its dry run.
func (f *fixture) prepared(text string) *Release {
	f.t.Helper()
	r := read(f.t, f.Blueprint, text)[0][0]
	if err := f.Prepare(f.t.Context(), []*Release{r}, PreflightOff, nil); err != nil {
		f.t.Fatal(err)
	}
	return r
}

// deploy installs a recipe and does not watch it.
func (f *fixture) deploy(text string) *release.Release {
	f.t.Helper()
	r, o := f.prepared(text), f.options()
	o.Wait = false
	if err := f.Install(f.t.Context(), [][]*Release{{r}}, o); err != nil {
		f.t.Fatal(err)
	}
	now, err := f.releases.Get(r.Name())
	if err != nil {
		f.t.Fatal(err)
	}
	return now
}

// history returns the revisions of a release as "revision status".
func (f *fixture) history(name string) []string {
	f.t.Helper()
	revisions, err := f.releases.History(name)
	if err != nil {
		return []string{"not found"}
	}
	var all []string
	for _, r := range revisions {
		all = append(all, fmt.Sprintf("%d %s", r.Revision, r.Status))
	}
	return all
}

// object returns an object from YAML.
func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	json, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	o := &unstructured.Unstructured{}
	if err := o.UnmarshalJSON(json); err != nil { // numbers become those of server responses
		t.Fatal(err)
	}
	return o
}
