package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	"helm.sh/helm/v3/pkg/chart/loader"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// TestChart loads the packed chart with Helm's code.
func TestChart(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	r := release{options: options{version: "v1.2.3-rc.1"}, modTime: commitTime}
	content, err := r.chart()
	if err != nil {
		t.Fatal(err)
	}
	packed, err := loader.LoadArchive(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	source, err := loader.LoadDir("charts/blueprint")
	if err != nil {
		t.Fatal(err)
	}
	if err := packed.Validate(); err != nil || packed.Name() != "blueprint" || packed.Metadata.Version != "1.2.3-rc.1" || packed.AppVersion() != "1.2.3-rc.1" {
		t.Errorf("packed %s %s for %s: %v", packed.Name(), packed.Metadata.Version, packed.AppVersion(), err)
	}
	if len(packed.Templates) < 10 || len(packed.Raw) != len(source.Raw) {
		t.Errorf("packed %d files and %d templates, expected the %d files of the directory", len(packed.Raw), len(packed.Templates), len(source.Raw))
	}
}

// binary returns the plugin for a platform from its archive.
func (r builtRelease) binary(t *testing.T, platform string) []byte {
	t.Helper()
	return unpack(t, filepath.Join(r.dir, "kubectl-blueprint_"+strings.ReplaceAll(platform, "/", "_")+".tar.gz"))["kubectl-blueprint"]
}

// testSBOM compares an SBOM with the modules that Go recorded in the binary.
func (r builtRelease) testSBOM(t *testing.T) {
	info, err := buildinfo.Read(bytes.NewReader(r.binary(t, hostPlatform)))
	if err != nil {
		t.Fatal(err)
	}
	var bom struct {
		Metadata   struct{ Component struct{ Version string } }
		Components []struct{ Name, Version string }
	}
	if err := json.Unmarshal(readFile(t, r.dir, "kubectl-blueprint_"+strings.ReplaceAll(hostPlatform, "/", "_")+".cdx.json"), &bom); err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, dep := range info.Deps {
		want = append(want, dep.Path+" "+dep.Version)
	}
	for _, c := range bom.Components {
		if c.Name != "std" {
			got = append(got, c.Name+" "+c.Version)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if len(want) < 50 || !slices.Equal(want, got) || bom.Metadata.Component.Version != r.version {
		t.Errorf("SBOM of %s: expected %s with %v, got %v", bom.Metadata.Component.Version, r.version, want, got)
	}
}

// testDeb unpacks a package as dpkg does.
func (r builtRelease) testDeb(t *testing.T) {
	plugin.Require(t, "dpkg-deb")
	root := t.TempDir()
	name := filepath.Join(r.dir, "kubectl-blueprint_"+strings.ReplaceAll(hostPlatform, "/", "_")+".deb")
	if out, err := exec.Command("dpkg-deb", "-x", name, root).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	r.checkFiles(t, root)
	out, err := exec.Command("dpkg-deb", "-f", name, "Package", "Version", "Architecture").CombinedOutput()
	want := "Package: kubectl-blueprint\nVersion: " + strings.Replace(strings.TrimPrefix(r.version, "v"), "-", "~", 1) + "\nArchitecture: "
	if err != nil || !strings.HasPrefix(string(out), want) {
		t.Errorf("fields: expected %q, got %v\n%s", want, err, out)
	}
}

// testRPM unpacks a package as rpm does.
func (r builtRelease) testRPM(t *testing.T) {
	plugin.Require(t, "rpm2cpio", "cpio")
	root := t.TempDir()
	name := filepath.Join(r.dir, "kubectl-blueprint_"+strings.ReplaceAll(hostPlatform, "/", "_")+".rpm")
	c := exec.Command("sh", "-c", `rpm2cpio "$1" | cpio -idm --quiet --no-absolute-filenames`, "sh", name)
	c.Dir = root
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	r.checkFiles(t, root)
}

// checkFiles checks the files of a package below root.
func (r builtRelease) checkFiles(t *testing.T, root string) {
	t.Helper()
	r.checkVersion(t, filepath.Join(root, "usr", "bin"))
	for _, name := range []string{"usr/share/man/man1/kubectl-blueprint-deploy.1", "usr/share/doc/kubectl-blueprint/copyright", "usr/share/doc/kubectl-blueprint/THIRD_PARTY_NOTICES"} {
		if info, err := os.Stat(filepath.Join(root, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// testImage reads the image as a registry client does, and compares its binaries.
func (r builtRelease) testImage(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("tar", "-xf", filepath.Join(r.dir, "kubectl-blueprint_image.tar"), "-C", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	outer, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(outer); err != nil {
		t.Error(err)
	}
	manifest, err := outer.IndexManifest()
	if err != nil || len(manifest.Manifests) != 1 || manifest.Manifests[0].Annotations["org.opencontainers.image.ref.name"] != r.version {
		t.Fatalf("layout: expected one index called %s, got %+v, %v", r.version, manifest, err)
	}
	index, err := outer.ImageIndex(manifest.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	images, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	if want := bytes.Count(readFile(t, r.dir, "blueprint.yaml"), []byte("os: linux")); len(images.Manifests) != want {
		t.Errorf("expected images for %d CPUs, got %+v", want, images)
	}
	for _, entry := range images.Manifests {
		image, err := index.Image(entry.Digest)
		if err != nil {
			t.Fatal(err)
		}
		r.checkImage(t, entry.Platform.OS+"/"+entry.Platform.Architecture, image)
	}
}

func (r builtRelease) checkImage(t *testing.T, platform string, image v1.Image) {
	t.Helper()
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if got := config.OS + "/" + config.Architecture; got != platform || config.Config.User != "65532" || !slices.Equal(config.Config.Entrypoint, []string{"kubectl-blueprint"}) {
		t.Errorf("%s: configuration %+v", platform, config)
	}
	content := mutate.Extract(image)
	defer func() { _ = content.Close() }()
	files := untar(t, content)
	if !bytes.Equal(files["usr/local/bin/kubectl-blueprint"], r.binary(t, platform)) {
		t.Errorf("%s: the plugin differs from that of the archive", platform)
	}
	if n := bytes.Count(files["etc/ssl/certs/ca-certificates.crt"], []byte("BEGIN CERTIFICATE")); n < 100 {
		t.Errorf("%s: expected at least 100 certificates, got %d", platform, n)
	}
}
