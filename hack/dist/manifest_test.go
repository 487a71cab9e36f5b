package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const twoPlatforms = `# Zeros.
kind: Plugin
metadata:
  name: blueprint
spec:
  version: v0.0.1
  description: |
    First line.
    Second line.
  platforms:
    - selector:
        matchLabels:
          os: linux
          arch: amd64
      uri: https://example.com/v0.0.1/a_linux.tar.gz # kept
      sha256: "0000"
      bin: a
    - selector:
        matchLabels:
          os: windows
          arch: amd64
      uri: https://example.com/v0.0.1/a_windows.zip
      sha256: "0000"
      bin: a.exe
`

func TestReleaseChangesVersionURLAndSumAlone(t *testing.T) {
	t.Parallel()
	m := mustRead(t, twoPlatforms)
	for _, p := range m.platforms {
		p.release("https://mirror.example/v1.2.3", "123")
	}
	got, err := m.release("v1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer("# Zeros.\n", "", "0000", "123", "example.com", "mirror.example", "v0.0.1", "v1.2.3").Replace(twoPlatforms)
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("manifest (-want +got):\n%s", diff)
	}
}

// The repository's own manifest must survive, word for word but for its comment.
func TestReleaseKeepsTheRestOfTheManifest(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../krew-manifest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got, err := mustRead(t, string(content)).release("v0.1.0")
	if err != nil {
		t.Fatal(err)
	}
	_, want, _ := strings.Cut(string(content), "\napiVersion:")
	if diff := cmp.Diff("apiVersion:"+want, string(got)); diff != "" {
		t.Errorf("manifest (-want +got):\n%s", diff)
	}
}

func TestKeep(t *testing.T) {
	t.Parallel()
	m := mustRead(t, twoPlatforms)
	if err := m.keep([]string{"windows/amd64"}); err != nil {
		t.Fatal(err)
	}
	got, err := m.release("v0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	if len(m.platforms) != 1 || strings.Contains(string(got), "linux") || !strings.Contains(string(got), "os: windows") {
		t.Errorf("manifest: want Windows alone, got:\n%s", got)
	}
	err = m.keep([]string{"linux/amd64"})
	if want := `platforms: want some of [windows/amd64], got "linux/amd64"`; err == nil || err.Error() != want {
		t.Errorf("want error %q, got %v", want, err)
	}
}

func TestReadManifestNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"metadata.name":                            strings.Replace(twoPlatforms, "  name:", "  title:", 1),
		"spec.platforms":                           strings.Replace(twoPlatforms, "  platforms:", "  systems:", 1),
		"platform 2: want bin":                     strings.Replace(twoPlatforms, "bin: a.exe", "binary: a.exe", 1),
		"platform 1: want selector.matchLabels.os": strings.Replace(twoPlatforms, "os: linux", "system: linux", 1),
	}
	for want, text := range tests {
		if _, err := read(t, text); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("want error ending in %q, got %v", want, err)
		}
	}
	if _, err := read(t, ""); err == nil {
		t.Error("empty file: want an error")
	}
}

func mustRead(t *testing.T, text string) *manifest {
	t.Helper()
	m, err := read(t, text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func read(t *testing.T, text string) (*manifest, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "krew-manifest.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return readManifest(path)
}
