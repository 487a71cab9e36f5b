package starter_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/starter"
)

// parse returns the document in a file that only the user can read.
func parse(t *testing.T, file string) *source.Document {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := source.Parse(file, text)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s: got %v, %v", file, info.Mode(), err)
	}
	return doc
}

// TestWrite writes every kind under names that YAML reads as something else.
func TestWrite(t *testing.T) {
	for _, kind := range starter.Kinds() {
		for _, name := range []string{kind, "llama", "1e3", "no", "0x1f"} {
			t.Run(kind+" "+name, func(t *testing.T) {
				t.Chdir(t.TempDir())
				files, err := starter.Write(kind, name)
				if err != nil || !slices.Equal(files, []string{name + ".yaml", name + "-secrets.yaml"}) {
					t.Fatalf("got %q, %v", files, err)
				}
				root := parse(t, files[0]).Root
				if got := root.Member("deployment_name"); !recipe.IsRecipe(root) || got.Kind != source.String || got.Text() != name {
					t.Errorf("the deployment_name is %v", got)
				}
				payload := parse(t, files[1])
				ops, err := secrets.Parse(payload)
				if err != nil || len(ops) == 0 || secrets.HasPlaintext(ops) {
					t.Errorf("the payload is %v, %v", ops, err)
				}
				for _, file := range files {
					text, _ := os.ReadFile(file)
					if name != kind && strings.Contains(string(text), kind+".yaml") {
						t.Errorf("%s names the files of %s", file, kind)
					}
				}
			})
		}
	}
}

// TestWriteNothing leaves the directory as it was.
func TestWriteNothing(t *testing.T) {
	for _, tt := range []struct{ there, kind, name, want string }{
		{"", "team", "a", `invalid KIND "team": must be one of nim, huggingface, registry, job`},
		{"", "nim", "../nim", `invalid NAME "../nim": must be at most 63 lower-case letters, digits and "-", and start and end with a letter or digit`},
		{"", "nim", "Nim", `invalid NAME "Nim"`},
		{"nim.yaml", "nim", "nim", "nim.yaml already exists; nothing was written"},
		{"nim-secrets.yaml", "nim", "nim", "nim-secrets.yaml already exists; nothing was written"},
	} {
		t.Run(tt.want, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if tt.there != "" {
				if err := os.Symlink("nowhere", tt.there); err != nil { // a link is a file too
					t.Fatal(err)
				}
			}
			files, err := starter.Write(tt.kind, tt.name)
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) || files != nil {
				t.Errorf("got %q, %v", files, err)
			}
			left, err := os.ReadDir(".")
			if err != nil || len(left) != map[bool]int{true: 0, false: 1}[tt.there == ""] {
				t.Errorf("left %v, %v", left, err)
			}
		})
	}
}
