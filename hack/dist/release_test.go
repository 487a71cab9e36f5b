package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/complete"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

const testVersion = "v0.1.0"

// hostPlatform is the platform whose archive the tests install.
var hostPlatform = runtime.GOOS + "/" + runtime.GOARCH

// TestRelease installs the host's archive as users do. It builds a release for the host,
// or checks all files of the release in RELEASE_DIR. The test cache notices changes of
// the plugin, because the man pages link its commands.
func TestRelease(t *testing.T) {
	plugin.Require(t, "sh", "curl", "openssl")
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	r := builtRelease{source: root, dir: os.Getenv("RELEASE_DIR")}
	if r.dir == "" {
		r.build(t)
	}
	r.version = releasedVersion(t, r.dir)
	if r.key != "" { // or else only another complete release could be compared
		t.Run("is reproducible", r.testReproducible)
	}
	t.Run("has checksums of all files", r.testChecksums)
	t.Run("has complete archives", r.testArchives)
	t.Run("is installed by Homebrew", r.testHomebrew)
	t.Run("is installed by install.sh", r.testInstall)
	t.Run("is refused after a change", r.testChanged)
	if r.key == "" {
		t.Run("has an SBOM", r.testSBOM)
		t.Run("has a deb package", r.testDeb)
		t.Run("has an rpm package", r.testRPM)
		t.Run("has an image", r.testImage)
	}
}

// builtRelease is a directory with the files of a release.
type builtRelease struct {
	source, dir, version string
	key                  string // what it is signed with; empty if unknown
}

// build builds a signed release for the host from the repository.
func (r *builtRelease) build(t *testing.T) {
	t.Helper()
	r.dir, r.key = t.TempDir(), newKey(t)
	r.buildFrom(t, r.source, r.dir)
}

func (r *builtRelease) buildFrom(t *testing.T, source, out string) {
	t.Helper()
	t.Setenv("SOURCE_DATE_EPOCH", "1767225600")
	t.Setenv("SIGNING_KEY", r.key)
	t.Chdir(source)
	var log bytes.Buffer
	if err := run(t.Context(), []string{"-version", testVersion, "-out", out, "-platforms", hostPlatform}, &log); err != nil {
		t.Fatalf("building a release: %v\n%s", err, &log)
	}
}

func newKey(t *testing.T) string {
	t.Helper()
	t.Setenv("SIGNING_KEY", "")
	key, err := signingKey(true)
	if err != nil {
		t.Fatal(err)
	}
	return encode(t, key)
}

// releasedVersion returns the version in the krew manifest of a release.
func releasedVersion(t *testing.T, dir string) string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^  version: (v\S+)$`).FindSubmatch(readFile(t, dir, "blueprint.yaml"))
	if found == nil {
		t.Fatal("blueprint.yaml has no version")
	}
	return string(found[1])
}

// testReproducible builds the same source again in another directory.
func (r builtRelease) testReproducible(t *testing.T) {
	source, out := t.TempDir(), t.TempDir()
	for _, name := range []string{"go.mod", "go.sum", "LICENSE", "krew-manifest.yaml", "cmd", "pkg", "charts"} {
		if output, err := exec.Command("cp", "-R", filepath.Join(r.source, name), source).CombinedOutput(); err != nil {
			t.Fatalf("copying the source: %v\n%s", err, output)
		}
	}
	r.buildFrom(t, source, out)
	if diff := cmp.Diff(string(readFile(t, r.dir, "checksums.txt")), string(readFile(t, out, "checksums.txt"))); diff != "" {
		t.Errorf("checksums (-first +second):\n%s", diff)
	}
}

// testChecksums compares checksums.txt with the files of the directory.
func (r builtRelease) testChecksums(t *testing.T) {
	var want strings.Builder
	entries, err := os.ReadDir(r.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := entry.Name(); !strings.HasPrefix(name, "checksums.txt") && name != "signing-key.pub" {
			fmt.Fprintf(&want, "%x  %s\n", sha256.Sum256(readFile(t, r.dir, name)), name)
		}
	}
	if diff := cmp.Diff(want.String(), string(readFile(t, r.dir, "checksums.txt"))); diff != "" {
		t.Errorf("checksums.txt (-want +got):\n%s", diff)
	}
}

// testArchives checks the files, the version and the size of each binary.
func (r builtRelease) testArchives(t *testing.T) {
	archives, err := filepath.Glob(filepath.Join(r.dir, "kubectl-blueprint_*_*.[tz]*"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range archives {
		platform := regexp.MustCompile(`kubectl-blueprint_([a-z]+)_([a-z0-9]+)\.(tar\.gz|zip)$`).FindStringSubmatch(name)
		if platform == nil {
			continue
		}
		found++
		files, binary := unpack(t, name), "kubectl-blueprint"
		if platform[1] == "windows" {
			binary += ".exe"
		} else if string(files["kubectl_complete-blueprint"]) != string(complete.Script()) || len(files["man/kubectl-blueprint-deploy.1"]) == 0 {
			t.Errorf("%s: completion script or man pages not found", name)
		}
		if len(files["LICENSE"]) == 0 || len(files["THIRD_PARTY_NOTICES"]) == 0 {
			t.Errorf("%s: licenses not found", name)
		}
		if n := len(files[binary]); n > maxBinary {
			t.Errorf("%s: binary has %d bytes, expected at most %d", name, n, maxBinary)
		}
		info, err := buildinfo.Read(bytes.NewReader(files[binary]))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for key, want := range map[string]string{"GOOS": platform[1], "GOARCH": platform[2], "CGO_ENABLED": "0", "-trimpath": "true", "vcs": ""} {
			if got := setting(info, key); got != want {
				t.Errorf("%s: built with %s=%q, expected %q", name, key, got, want)
			}
		}
	}
	if want := bytes.Count(readFile(t, r.dir, "blueprint.yaml"), []byte("uri: ")); found != want {
		t.Errorf("found %d archives, expected %d", found, want)
	}
}

func setting(info *buildinfo.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}

func (r builtRelease) archive() string {
	return "kubectl-blueprint_" + strings.ReplaceAll(hostPlatform, "/", "_") + ".tar.gz"
}

// testHomebrew follows the formula as Homebrew does: it finds the download for this
// machine, compares its checksum, and installs the named files.
func (r builtRelease) testHomebrew(t *testing.T) {
	formula := string(readFile(t, r.dir, "kubectl-blueprint.rb"))
	download := regexp.MustCompile(`url "https://github\.com/kubectl-blueprint/kubectl-blueprint/releases/download/` + regexp.QuoteMeta(r.version) + `/` +
		regexp.QuoteMeta(r.archive()) + `"\n\s+sha256 "([0-9a-f]{64})"`).FindStringSubmatch(formula)
	if download == nil {
		t.Fatalf("formula has no download of %s:\n%s", r.archive(), formula)
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(readFile(t, r.dir, r.archive()))); got != download[1] {
		t.Errorf("sha256 is %s, expected %s", download[1], got)
	}
	if want := `  version "` + strings.TrimPrefix(r.version, "v") + `"`; !strings.Contains(formula, want) {
		t.Errorf("formula has no %s", want)
	}
	files, bin := unpack(t, filepath.Join(r.dir, r.archive())), t.TempDir()
	for _, install := range regexp.MustCompile(`(bin|prefix)\.install (.*)`).FindAllStringSubmatch(formula, -1) {
		for _, name := range regexp.MustCompile(`"([^"]+)"`).FindAllStringSubmatch(install[2], -1) {
			content, ok := files[name[1]]
			if !ok {
				t.Errorf("formula installs %s, which the archive does not have", name[1])
			}
			if install[1] == "bin" {
				if err := os.WriteFile(filepath.Join(bin, name[1]), content, 0o755); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	r.checkVersion(t, bin)
}

// checkVersion runs the plugin in bin.
func (r builtRelease) checkVersion(t *testing.T, bin string) {
	t.Helper()
	out, err := exec.Command(filepath.Join(bin, "kubectl-blueprint"), "version").CombinedOutput()
	if want := "kubectl blueprint " + r.version + "\n"; err != nil || !strings.HasPrefix(string(out), want) {
		t.Errorf("version: expected %q, got %v\n%s", want, err, out)
	}
	if _, err := os.Stat(filepath.Join(bin, "kubectl_complete-blueprint")); err != nil {
		t.Error(err)
	}
}

func readFile(t *testing.T, elements ...string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(elements...))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// unpack returns the files of an archive by name.
func unpack(t *testing.T, name string) map[string][]byte {
	t.Helper()
	content := readFile(t, name)
	if strings.HasSuffix(name, ".zip") {
		archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			t.Fatal(err)
		}
		files := map[string][]byte{}
		for _, f := range archive.File {
			if files[f.Name], err = fs.ReadFile(archive, f.Name); err != nil {
				t.Fatal(err)
			}
		}
		return files
	}
	compressed, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return untar(t, compressed)
}

// untar returns the files of a tar archive by name.
func untar(t *testing.T, content io.Reader) map[string][]byte {
	t.Helper()
	files, archive := map[string][]byte{}, tar.NewReader(content)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		} else if err != nil {
			t.Fatal(err)
		}
		if files[header.Name], err = io.ReadAll(archive); err != nil {
			t.Fatal(err)
		}
	}
}
