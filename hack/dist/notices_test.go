package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree writes files below a new directory.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestNoticesHaveTheTextsOfLinkedDirectories(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"LICENSE.MIT":         "license of a",
		"NOTICE":              "notice of a\n",
		"license.go":          "package a",
		"licenses/x":          "a directory's name is no license",
		"fork/COPYING":        "license of the fork\n",
		"fork/linked/a.go":    "package linked",
		"not/linked/LICENSE":  "license of something else",
		"fork/linked/Patents": "patents\n",
	})
	got, err := writeNotices([]module{{
		name: "example.com/a", version: "v1.0.0", dir: root,
		packages: []string{root, filepath.Join(root, "fork", "linked")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := noticesIntro + "\n" + strings.Repeat("=", 80) + `
example.com/a v1.0.0

----- LICENSE.MIT -----

license of a

----- NOTICE -----

notice of a

----- fork/COPYING -----

license of the fork

----- fork/linked/Patents -----

patents
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}
}

func TestNoticesNeedALicense(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]map[string]string{
		"no file":             {"b/a.go": "package a"},
		"a notice only":       {"NOTICE": "notice", "b/a.go": "package a"},
		"an empty license":    {"LICENSE": "\n", "b/a.go": "package a"},
		"a directory":         {"LICENSE/text": "license", "b/a.go": "package a"},
		"code":                {"license.go": "package a", "b/a.go": "package a"},
		"a package's license": {"b/LICENSE": "license"},
	} {
		root := tree(t, files)
		_, err := writeNotices([]module{{name: "example.com/a", version: "v1.0.0", dir: root, packages: []string{root, filepath.Join(root, "b")}}})
		if want := "example.com/a v1.0.0: license file not found"; err == nil || err.Error() != want {
			t.Errorf("%s: want error %q, got %v", name, want, err)
		}
	}
}

func TestModulesAreInTheOrderOfTheirNames(t *testing.T) {
	t.Parallel()
	got, err := parseModules("b.io/m/p\t/b dir/p\tb.io/m\tv2.0.0\t/b dir\n" + "a.io\t/a\ta.io\tv1.0.0\t/a\n" + "b.io/m\t/b dir\tb.io/m\tv2.0.0\t/b dir\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []module{
		{name: "a.io", version: "v1.0.0", dir: "/a", packages: []string{"/a"}},
		{name: "b.io/m", version: "v2.0.0", dir: "/b dir", packages: []string{"/b dir/p", "/b dir"}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(module{})); diff != "" {
		t.Errorf("modules (-want +got):\n%s", diff)
	}
	for _, list := range []string{"", "a.io\t/a\ta.io\tv1.0.0\n"} {
		if _, err := parseModules(list); err == nil {
			t.Errorf("parsing %q: want an error", list)
		}
	}
}
