package field_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"slices"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/charts"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
)

// TestEveryConstantIsInTheSchema holds that the fields that failures are traced
// to are those of keys: of another one no line would ever be found.
func TestEveryConstantIsInTheSchema(t *testing.T) {
	t.Parallel()
	data, err := fs.ReadFile(charts.Blueprint(), "values.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema any
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	var listed []field.Path
	collect(schema, &listed)
	constants := []field.Path{
		field.Image, field.Command, field.Args, field.Env, field.EnvSecret, field.StartupProbe, field.LivenessProbe, field.ReadinessProbe,
		field.Resources, field.Memory, field.EphemeralStorage, field.CopyImage, field.CopyEnvSecret,
		field.ImagePullSecrets, field.NodeSelector, field.Tolerations, field.RuntimeClass, field.RunAsNonRoot,
		field.SecretVolume, field.ConfigMapVolume, field.ClaimVolume, field.EphemeralVolume, field.DiskVolume,
		field.MemoryVolume, field.HostPathVolume, field.NFSVolume,
		field.Claim, field.Replicas, field.IngressHost, field.HTTPRoute, field.QueueName,
	}
	if n := exported(t); len(constants) != n {
		t.Errorf("there are %d constants, and the test knows %d", n, len(constants))
	}
	constants = append(constants, field.Resource("cpu"), field.Resource("nvidia.com/gpu"), field.Resource("amd.com/gpu"), field.Resource("nvidia.com/mig-1g.5gb"))
	for _, c := range constants {
		if !slices.ContainsFunc(listed, c.Covers) {
			t.Errorf("no key of the schema becomes %s", c)
		}
	}
}

// collect gathers the fields that all keys list.
func collect(node any, listed *[]field.Path) {
	switch node := node.(type) {
	case map[string]any:
		fields, _ := node["x-kubernetes-fields"].([]any)
		for _, f := range fields {
			*listed = append(*listed, field.Path(f.(string)))
		}
		for _, value := range node {
			collect(value, listed)
		}
	case []any:
		for _, value := range node {
			collect(value, listed)
		}
	}
}

// exported counts the exported constants of the package.
func exported(t *testing.T) int {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "field.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, decl := range file.Decls {
		if gen, ok := decl.(*ast.GenDecl); ok && gen.Tok == token.CONST {
			for _, spec := range gen.Specs {
				if spec.(*ast.ValueSpec).Names[0].IsExported() {
					n++
				}
			}
		}
	}
	return n
}

func TestCovers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path, other field.Path
		want        bool
	}{
		{"Pod.spec.nodeSelector", "Pod.spec.nodeSelector", true},
		{"Pod.spec.nodeSelector", "Pod.spec.nodeSelector[kubernetes.io/arch]", true},
		{"Pod", "Pod.spec", true},
		{"Pod.spec.nodeSelector[kubernetes.io/arch]", "Pod.spec.nodeSelector", false},
		{"Pod.spec.node", "Pod.spec.nodeSelector", false},
		{"Ingress", "IngressClass", false},
		{"", "Pod.spec", false},
	} {
		if got := c.path.Covers(c.other); got != c.want {
			t.Errorf("%q covers %q: got %t", c.path, c.other, got)
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for path, want := range map[field.Path]string{
		field.Resource("example.com/tpu"):     "example.com/tpu",
		field.Resource("nvidia.com/mig-1g"):   "nvidia.com/mig-*",
		field.Memory:                          "memory",
		field.Image:                           "",
		"Pod.spec.nodeSelector[a].b":          "",
		"Job.metadata.labels[kueue.x-k8s.io]": "kueue.x-k8s.io",
	} {
		if got := path.Key(); got != want {
			t.Errorf("%s: want %q, got %q", path, want, got)
		}
	}
	for path, want := range map[field.Path]string{
		field.Resource("nvidia.com/mig-1g"): "nvidia.com/mig-", field.Replicas: "replicas", field.Claim: "PersistentVolumeClaim",
	} {
		if got := path.Name(); got != want {
			t.Errorf("%s: want the name %q, got %q", path, want, got)
		}
	}
	mig := field.Resource("nvidia.com/mig-1g")
	if !mig.HasKey("nvidia.com/mig-2g.10gb") || mig.HasKey("nvidia.com/gpu") || field.Image.HasKey("") || !field.Memory.HasKey("memory") || field.Memory.HasKey("mem") {
		t.Error("HasKey knows another key")
	}
}
