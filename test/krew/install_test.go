package krew

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestRelease builds a release for this machine with hack/dist, serves it as a
// download site does, and lets krew have it.
func TestRelease(t *testing.T) {
	kubectl, err := exec.LookPath("kubectl")
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal("no kubectl on the PATH, and CI allows no skip")
	} else if err != nil {
		t.Skip("no kubectl on the PATH: run `make test`")
	}
	r := release{dir: t.TempDir(), kubectl: kubectl}
	site := httptest.NewServer(http.StripPrefix("/v0.1.0/", http.FileServer(http.Dir(r.dir))))
	t.Cleanup(site.Close)
	t.Log(dist(t, r.dir, site.URL))

	t.Run("has the licenses of all modules", r.testNotices)
	t.Run("passes all of krew's validation", r.testValidated)
	t.Run("is installed from an index and removed", r.testInstalled)
	t.Run("is not installed by the manifest of the repository", r.testZeros)
}

// release is the output directory of hack/dist, and the kubectl to try it with.
type release struct{ dir, kubectl string }

func (r release) manifest() string { return filepath.Join(r.dir, "blueprint.yaml") }

func (r release) archive() string {
	return filepath.Join(r.dir, "kubectl-blueprint_"+runtime.GOOS+"_"+runtime.GOARCH+".tar.gz")
}

// dist builds v0.1.0 for this machine. hack/dist has a test that a second build is the
// same.
func dist(t *testing.T, out, url string) string {
	t.Helper()
	c := exec.Command(tool("dist"), "-version", "v0.1.0", "-out", out, "-url", url, "-platforms", runtime.GOOS+"/"+runtime.GOARCH)
	c.Dir = repository
	c.Env = append(os.Environ(), "SOURCE_DATE_EPOCH=1767225600")
	printed, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("building the release: %v\n%s", err, printed)
	}
	return string(printed)
}

// This is what krew's index runs: an installation from the URL, which must leave
// a license on the disk.
func (r release) testValidated(t *testing.T) {
	t.Parallel()
	path := "PATH=" + strings.Join([]string{tools, filepath.Dir(r.kubectl), os.Getenv("PATH")}, string(filepath.ListSeparator))
	out := run(t, []string{path}, tool("validate-krew-manifest"), "-manifest", r.manifest())
	if want := "all 1 spec.platforms installed fine"; !strings.Contains(out, want) {
		t.Errorf("validating: want %q, got:\n%s", want, out)
	}
}

func (r release) testInstalled(t *testing.T) {
	t.Parallel()
	k := newKrew(t)
	k.addIndex(t, r.manifest())
	t.Log(k.run(t, "install", "local/blueprint"))
	if out := run(t, k.env, filepath.Join(k.bin(), "kubectl-blueprint"), "version"); !strings.HasPrefix(out, "kubectl blueprint v0.1.0\n") {
		t.Errorf("version: want v0.1.0, got:\n%s", out)
	}
	if out := run(t, k.env, r.kubectl, "blueprint", "version"); !strings.HasPrefix(out, "kubectl blueprint v0.1.0\n") {
		t.Errorf("version by way of kubectl: want v0.1.0, got:\n%s", out)
	}

	run(t, k.env, "sh", "-ec", commands(checkedIn(t).Spec.Caveats))
	if out := run(t, k.env, r.kubectl, "__complete", "blueprint", "sec"); !strings.Contains(out, "\nsecrets\t") {
		t.Errorf("completion after what the caveats say: want secrets, got:\n%s", out)
	}

	t.Log(k.run(t, "uninstall", "blueprint"))
	if _, err := os.Lstat(filepath.Join(k.bin(), "kubectl-blueprint")); !os.IsNotExist(err) {
		t.Errorf("uninstalling: want no plugin left, got %v", err)
	}
}

func (r release) testZeros(t *testing.T) {
	t.Parallel()
	out, err := output(newKrew(t).env, tool("kubectl-krew"), "install",
		"--manifest", filepath.Join(repository, "krew-manifest.yaml"), "--archive", r.archive())
	if err == nil || !strings.Contains(out, "checksum does not match, want: 0000") {
		t.Errorf("installing: want a refusal of the checksum, got %v:\n%s", err, out)
	}
}

// commands returns the indented lines of a text.
func commands(text string) string {
	var found strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "  ") {
			found.WriteString(line)
		}
	}
	return found.String()
}

func read(t *testing.T, elements ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(elements...))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
