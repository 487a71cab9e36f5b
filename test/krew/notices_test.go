package krew

import (
	"bytes"
	"debug/buildinfo"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// testNotices holds the archive's notices against the binary's own list of the
// modules in it.
func (r release) testNotices(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	run(t, nil, "tar", "-xzf", r.archive(), "-C", dir)
	binary := []byte(read(t, dir, "kubectl-blueprint"))
	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil {
		t.Fatal(err)
	}
	if len(info.Deps) < 50 {
		t.Fatalf("modules in the binary: want at least 50, got %d", len(info.Deps))
	}
	names, headings := []string{}, map[string]string{}
	for _, dep := range info.Deps {
		names = append(names, dep.Path)
		headings[dep.Path] = dep.Path + " " + dep.Version
	}
	notices := read(t, dir, "THIRD_PARTY_NOTICES")
	list := run(t, nil, "go", append([]string{"list", "-C", repository, "-m", "-f", "{{.Path}}\t{{.Dir}}"}, names...)...)
	for line := range strings.Lines(list) {
		name, dir, _ := strings.Cut(strings.TrimSpace(line), "\t")
		wantLicense(t, notices, headings[name], dir)
		delete(headings, name)
	}
	if len(headings) > 0 {
		t.Errorf("go list has no directories of %v", headings)
	}
	wantLicense(t, notices, "Go standard library "+info.GoVersion, strings.TrimSpace(run(t, nil, "go", "env", "GOROOT")))
	wantNoPaths(t, "the archive's binary", binary)
}

// wantLicense checks that the section with the heading has the license texts in
// dir.
func wantLicense(t *testing.T, notices, heading, dir string) {
	t.Helper()
	rule := "\n" + strings.Repeat("=", 80) + "\n"
	_, section, found := strings.Cut(notices, rule+heading+"\n")
	if !found {
		t.Errorf("notices: want a section %q", heading)
		return
	}
	section, _, _ = strings.Cut(section, rule)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	licenses := 0
	for _, entry := range entries {
		if !regexp.MustCompile(`^(LICENSE|COPYING|NOTICE)`).MatchString(entry.Name()) {
			continue
		}
		licenses++
		if text := read(t, dir, entry.Name()); !strings.Contains(section, text) {
			t.Errorf("notices: %s lacks the text of %s", heading, entry.Name())
		}
	}
	if licenses == 0 {
		t.Errorf("%s: want a license in %s", heading, dir)
	}
}

// TestMakeBuildIsTrimmed checks the plugin that `make build` has built, since
// people also install that one.
func TestMakeBuildIsTrimmed(t *testing.T) {
	t.Parallel()
	binary, err := os.ReadFile(filepath.Join(repository, "bin", "kubectl-blueprint"))
	if os.IsNotExist(err) && os.Getenv("CI") == "" {
		t.Skip("no plugin in bin: run `make build`")
	} else if err != nil {
		t.Fatal(err)
	}
	wantNoPaths(t, "bin/kubectl-blueprint", binary)
}

// wantNoPaths checks that a binary names no directory of this machine.
func wantNoPaths(t *testing.T, name string, binary []byte) {
	t.Helper()
	root, err := filepath.Abs(repository)
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{root, strings.TrimSpace(run(t, nil, "go", "env", "GOMODCACHE"))} {
		if n := bytes.Count(binary, []byte(dir)); n > 0 {
			t.Errorf("%s: want no paths of the builder, got %d of %s", name, n, dir)
		}
	}
}
