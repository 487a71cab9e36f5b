package krew

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/krew/pkg/index"
	"sigs.k8s.io/yaml"
)

func TestManifestIsValidByKrew(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(repository, "krew-manifest.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if out, err := validate(t, content); err != nil {
		t.Errorf("validating krew-manifest.yaml: %v\n%s", err, out)
	}
}

// The validator must be able to fail, or it proves nothing.
func TestBrokenManifestIsInvalidByKrew(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, want string
		change     func(*index.Plugin)
	}{
		{"no v", "not starting with 'v'", func(p *index.Plugin) { p.Spec.Version = "0.1.0" }},
		{"another name", `should be named "blueprint"`, func(p *index.Plugin) { p.Name = "blueprints" }},
		{"no short description", "should have a short description", func(p *index.Plugin) { p.Spec.ShortDescription = "" }},
		{"upper case sum", "`sha256` value AAAA", func(p *index.Plugin) { p.Spec.Platforms[0].Sha256 = strings.Repeat("A", 64) }},
		{"no bin", "`bin` has to be set", func(p *index.Plugin) { p.Spec.Platforms[0].Bin = "" }},
		{"empty files", "`files` has to be unspecified or non-empty", func(p *index.Plugin) { p.Spec.Platforms[0].Files = []index.FileOperation{} }},
		{"unknown system", "doesn't match any supported platforms", func(p *index.Plugin) {
			p.Spec.Platforms[0].Selector.MatchLabels["os"] = "plan9"
		}},
		{"the same platform twice", "overlapping", func(p *index.Plugin) {
			p.Spec.Platforms[1].Selector = p.Spec.Platforms[0].Selector
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			plugin := checkedIn(t)
			test.change(&plugin)
			content, err := yaml.Marshal(plugin)
			if err != nil {
				t.Fatal(err)
			}
			out, err := validate(t, content)
			if err == nil || !strings.Contains(out, test.want) {
				t.Errorf("validating: want a failure with %q, got %v:\n%s", test.want, err, out)
			}
		})
	}
}

// validate runs krew's validator, without its installation of all platforms.
func validate(t *testing.T, content []byte) (string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "blueprint.yaml") // the file must have the plugin's name
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return output(nil, tool("validate-krew-manifest"), "-skip-install", "-manifest", path)
}

// What the reviewers of krew's index ask for, and its validator does not.
func TestManifestPleasesReviewers(t *testing.T) {
	t.Parallel()
	spec := checkedIn(t).Spec
	if n := len(spec.ShortDescription); n > 50 {
		t.Errorf("shortDescription: want at most 50 characters, got %d", n)
	}
	if word := regexp.MustCompile(`(?i)\b(kubectl|kubernetes|plugin|krew)\b|\.$`).FindString(spec.ShortDescription); word != "" {
		t.Errorf("shortDescription: %q is redundant", word)
	}
	for line := range strings.Lines(spec.Description + spec.Caveats) {
		if n := len(strings.TrimRight(line, "\n")); n > 80 {
			t.Errorf("description and caveats: want at most 80 characters in a line, got %d: %q", n, line)
		}
	}
	if strings.Contains(spec.Description, "kubectl blueprint") || strings.Contains(spec.Description, "$") {
		t.Error("description: want no examples of usage")
	}
	if !strings.HasPrefix(spec.Homepage, "https://") {
		t.Errorf("homepage: want https, got %q", spec.Homepage)
	}
}

func TestManifestNamesArchivesByPlatform(t *testing.T) {
	t.Parallel()
	spec := checkedIn(t).Spec
	var platforms []string
	for _, p := range spec.Platforms {
		system, arch := p.Selector.MatchLabels["os"], p.Selector.MatchLabels["arch"]
		platforms = append(platforms, system+"/"+arch)
		suffix, exe := ".tar.gz", ""
		if system == "windows" {
			suffix, exe = ".zip", ".exe"
		}
		uri := fmt.Sprintf("%s/releases/download/%s/kubectl-blueprint_%s_%s%s", spec.Homepage, spec.Version, system, arch, suffix)
		if p.URI != uri {
			t.Errorf("uri: want %s, got %s", uri, p.URI)
		}
		if p.Bin != "kubectl-blueprint"+exe {
			t.Errorf("bin: want kubectl-blueprint%s, got %s", exe, p.Bin)
		}
		if p.Files != nil {
			t.Errorf("files: want none, got %v", p.Files)
		}
		if p.Sha256 != strings.Repeat("0", 64) {
			t.Errorf("sha256: want zeros, as the sums of a release belong to dist/blueprint.yaml, got %s", p.Sha256)
		}
	}
	want := "linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64"
	if got := strings.Join(platforms, " "); got != want {
		t.Errorf("platforms: want %s, got %s", want, got)
	}
}
