package main

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/complete"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// install runs the install.sh of a release against a server for it.
func install(t *testing.T, dir, bin string, args ...string) (string, error) {
	t.Helper()
	site := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer site.Close()
	c := exec.Command("sh", append([]string{filepath.Join(dir, "install.sh"), "--base-url", site.URL, "--dir", bin}, args...)...)
	c.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":"+bin)
	out, err := c.CombinedOutput()
	return string(out), err
}

// testInstall runs install.sh twice, because the second run replaces the first.
func (r builtRelease) testInstall(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "new directory", "bin")
	for range 2 {
		out, err := install(t, r.dir, bin, "--require-signature")
		want := "signature verified\nchecksum verified\ninstalled " + bin + "/kubectl-blueprint\ninstalled " + bin + "/kubectl_complete-blueprint\nkubectl blueprint " + r.version + "\n"
		if err != nil || !strings.HasPrefix(out, want) {
			t.Fatalf("install.sh: expected %q, got %v\n%s", want, err, out)
		}
		r.checkVersion(t, bin)
	}
	if entries, err := os.ReadDir(bin); err != nil || len(entries) != 2 {
		t.Errorf("installed files: expected 2, got %v, %v", entries, err)
	}
}

// testChanged changes one byte of each file that install.sh verifies. Nothing may be
// installed then.
func (r builtRelease) testChanged(t *testing.T) {
	invalid := "the signature of checksums.txt is not valid; nothing was installed"
	for name, want := range map[string]string{
		r.archive():         "the checksum of " + r.archive() + " does not match; nothing was installed",
		"checksums.txt":     invalid,
		"checksums.txt.sig": invalid,
	} {
		dir, bin := t.TempDir(), t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(r.dir)); err != nil {
			t.Fatal(err)
		}
		content := readFile(t, dir, name)
		content[len(content)/2] ^= 1
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
		checkRefused(t, dir, bin, want)
	}

	// Signed by somebody else.
	dir, bin := t.TempDir(), t.TempDir()
	t.Setenv("SIGNING_KEY", newKey(t))
	key, err := signingKey(true)
	if err != nil {
		t.Fatal(err)
	}
	public, err := publicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "key.pub"), []byte(public), 0o600); err != nil {
		t.Fatal(err)
	}
	checkRefused(t, r.dir, bin, invalid, "--key", filepath.Join(dir, "key.pub"))
}

func checkRefused(t *testing.T, dir, bin, want string, args ...string) {
	t.Helper()
	out, err := install(t, dir, bin, args...)
	if err == nil || !strings.Contains(out, "Error: "+want+"\n") {
		t.Errorf("install.sh: expected error %q, got %v\n%s", want, err, out)
	}
	if entries, err := os.ReadDir(bin); err != nil || len(entries) != 0 {
		t.Errorf("after a refusal: expected no files, got %v, %v", entries, err)
	}
}

// TestInstallWithoutKey runs the script of the repository, which has no key.
func TestInstallWithoutKey(t *testing.T) {
	t.Parallel()
	plugin.Require(t, "sh", "curl")
	dir, bin := t.TempDir(), t.TempDir()
	archive := "kubectl-blueprint_" + strings.ReplaceAll(hostPlatform, "/", "_") + ".tar.gz"
	content, err := pack(archive, []file{
		{"kubectl-blueprint", 0o755, []byte("#!/bin/sh\necho kubectl blueprint v0.0.1\n")},
		{"kubectl_complete-blueprint", 0o755, complete.Script()},
	}, commitTime)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		archive: content, "install.sh": []byte(installTemplate),
		"checksums.txt": fmt.Appendf(nil, "%x  %s\n", sha256.Sum256(content), archive),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	checkRefused(t, dir, bin, "cannot verify the signature: no public key; use --key", "--require-signature")
	out, err := install(t, dir, bin)
	if want := "Note: the signature was not verified: no public key; use --key\nchecksum verified\n"; err != nil || !strings.HasPrefix(out, want) {
		t.Errorf("install.sh: expected %q, got %v\n%s", want, err, out)
	}
}
