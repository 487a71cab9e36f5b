package pkg

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/kubectl-blueprint/kubectl-blueprint/"

// below are the packages that all others may import.
var below = []string{module + "pkg/color", module + "pkg/field", module + "pkg/hint", module + "pkg/input", module + "pkg/logline", module + "pkg/objref", module + "pkg/ownership", module + "pkg/podspec", module + "pkg/printer", module + "pkg/redact", module + "pkg/signature", module + "pkg/source", module + "pkg/startup"}

// TestImports holds the import rules of CONTRIBUTING.md over everything that a
// package links, directly or not.
func TestImports(t *testing.T) {
	t.Parallel()
	for pkg, forbidden := range map[string][]string{
		"charts":          {module, "helm.sh", "k8s.io", "github.com"},
		"pkg/field":       {module, "helm.sh", "k8s.io/", "github.com"},
		"pkg/podspec":     {"helm.sh", "github.com/spf13", "k8s.io/client-go", "k8s.io/cli-runtime", module},
		"pkg/objref":      {"helm.sh", "github.com/spf13", "k8s.io/cli-runtime", module},
		"pkg/redact":      {"helm.sh", "github.com/spf13", "k8s.io/client-go", "k8s.io/cli-runtime", module},
		"pkg/logline":     {module, "helm.sh", "k8s.io/", "github.com"},
		"pkg/signature":   {module, "helm.sh", "k8s.io/", "github.com/spf13"},
		"pkg/startup":     {module, "helm.sh", "k8s.io/", "github.com/spf13"},
		"pkg/source":      {module, "helm.sh", "k8s.io/", "github.com/spf13"},
		"pkg/input":       {module, "helm.sh", "k8s.io/", "github.com/spf13"},
		"pkg/kube":        {"helm.sh", "k8s.io/kubectl", module},
		"pkg/hint":        {module, "helm.sh", "k8s.io/", "github.com/spf13"},
		"pkg/secrets":     {"helm.sh", "github.com/spf13/cobra", "k8s.io/cli-runtime", "k8s.io/kubectl", module + "pkg/render", module + "pkg/recipe"},
		"pkg/ownership":   {"helm.sh", "github.com/spf13/cobra", "k8s.io/cli-runtime", "k8s.io/kubectl", module},
		"pkg/registry":    {"helm.sh", "k8s.io/client-go", "k8s.io/cli-runtime", "k8s.io/api/", "github.com/spf13", module},
		"pkg/modelhub":    {"helm.sh", "k8s.io/client-go", "k8s.io/cli-runtime", "k8s.io/api/", "github.com/spf13", module + "pkg/secrets", module + "pkg/preflight", module + "pkg/kube", module + "pkg/recipe", module + "pkg/render", module + "charts"},
		"pkg/secretrefs":  {"helm.sh", "github.com/spf13/cobra", "k8s.io/kubectl", module},
		"pkg/serve":       {"helm.sh", "github.com/spf13/cobra", "k8s.io/cli-runtime", module + "pkg/render", module + "pkg/recipe"},
		"pkg/recipe":      {"helm.sh", "github.com/spf13", "k8s.io/client-go", module + "pkg/secrets"},
		"pkg/starter":     {module, "helm.sh", "github.com/spf13", "k8s.io/client-go", "k8s.io/cli-runtime"},
		"pkg/explain":     {"helm.sh", "github.com/spf13/cobra", "k8s.io/cli-runtime", "k8s.io/kubectl", module + "pkg/render"},
		"pkg/render":      {"helm.sh/helm/v3/pkg/action", "github.com/spf13/cobra", "k8s.io/cli-runtime", module + "pkg/secrets", module + "charts"},
		"pkg/dryrun":      {"helm.sh", "github.com/spf13/cobra", "k8s.io/cli-runtime", module + "pkg/preflight", module + "pkg/diff", module + "pkg/recipe", module + "pkg/render", module + "charts"},
		"pkg/preflight":   {"helm.sh", "github.com/spf13/cobra", module + "pkg/recipe", module + "pkg/render", module + "pkg/release", module + "pkg/rollout", module + "charts"},
		"pkg/diff":        {"helm.sh", "github.com/spf13/cobra", "k8s.io/cli-runtime", module + "pkg/preflight", module + "pkg/recipe", module + "pkg/render", module + "pkg/release", module + "pkg/rollout", module + "charts"},
		"pkg/progress":    {"helm.sh", "github.com/spf13/cobra", module + "pkg/recipe", module + "pkg/render", module + "pkg/release", module + "pkg/deploy", module + "charts"},
		"pkg/rollout":     {"helm.sh", "github.com/spf13/cobra", module},
		"pkg/release":     {module},
		"pkg/cmd/secrets": {"helm.sh", module + "pkg/blueprint", module + "pkg/deploy", module + "pkg/render", module + "pkg/release"},
		"pkg/english":     {module, "helm.sh", "k8s.io/client-go", "k8s.io/api", "github.com/spf13"}, // or it is initialized too late
		"pkg/color":       {module, "helm.sh", "k8s.io/", "github.com"},
		"pkg/cmd/cmdutil": {"helm.sh", module},
		"pkg/printer":     {"helm.sh", module},
	} {
		t.Run(pkg, func(t *testing.T) {
			t.Parallel()
			out, err := exec.Command("go", "list", "-deps", module+pkg).Output()
			if err != nil {
				t.Fatal(err)
			}
			for dep := range strings.Lines(string(out)) {
				dep = strings.TrimSpace(dep)
				for _, f := range forbidden {
					if strings.HasPrefix(dep, f) && !slices.Contains(append(below, module+pkg), dep) {
						t.Errorf("links %s", dep)
					}
				}
			}
		})
	}
}

// TestDirectImports checks rules that hold for the imports of a package and its
// tests, but not for what those import.
func TestDirectImports(t *testing.T) {
	t.Parallel()
	for pkg, forbidden := range map[string][]string{
		"pkg/kube":      {"github.com/spf13/cobra"}, // cli-runtime imports it
		"pkg/cmd":       {"helm.sh"},                // pkg/render and pkg/release import it
		"pkg/complete":  {"helm.sh", module + "pkg/cmd"},
		"pkg/blueprint": {"github.com/spf13", "helm.sh", "k8s.io/client-go", "k8s.io/cli-runtime", "k8s.io/kubectl"},
		"pkg/deploy":    {"github.com/spf13", "helm.sh", "k8s.io/cli-runtime", "k8s.io/kubectl", module + "pkg/cmd"},
		"pkg/ask":       {"github.com/spf13", "helm.sh", "k8s.io/cli-runtime", module + "pkg/cmd", module + "pkg/secrets"},
	} {
		out, err := exec.Command("go", "list", "-f", `{{join .Imports "\n"}}{{"\n"}}{{join .TestImports "\n"}}{{"\n"}}{{join .XTestImports "\n"}}`, module+pkg).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, imported := range strings.Fields(string(out)) {
			for _, f := range forbidden {
				if strings.HasPrefix(imported, f) {
					t.Errorf("%s imports %s", pkg, imported)
				}
			}
		}
	}
}
