package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFetch fetches a sample file and a fragment of a Markdown file from a real
// repository, and rejects a file that differs from its checksum.
func TestFetch(t *testing.T) {
	t.Parallel()
	repository, commit := newRepository(t, map[string]string{
		"docs/nim.json":  "{\"a\": 1}\n",
		"docs/README.md": "Text\n```json\n{\"b\": 2}\n```\nMore text\n",
	})
	line := func(name, path string, fence int, text string) string {
		sum := sha256.Sum256([]byte(text))
		return fmt.Sprintf("%s\t%s\t%d\t%s\n", name, path, fence, hex.EncodeToString(sum[:]))
	}
	good := line("recipes/nim.json", "docs/nim.json", 0, "{\"a\": 1}\n") +
		line("recipes/readme.json", "docs/README.md", 2, "{\"b\": 2}\n")

	out := t.TempDir()
	if err := fetch(repository, commit, good, out); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"nim.json": "{\"a\": 1}\n", "readme.json": "{\"b\": 2}\n"} {
		got, err := os.ReadFile(filepath.Join(out, "recipes", name))
		if err != nil || string(got) != want {
			t.Errorf("%s: got %q (%v), want %q", name, got, err, want)
		}
	}

	for name, list := range map[string]string{
		"recipes/other.json: SHA-256 is": line("recipes/other.json", "docs/nim.json", 0, "{\"a\": 2}\n"),
		"line 1 is not a code fence":     line("recipes/readme.json", "docs/README.md", 1, ""),
		"git show":                       line("recipes/none.json", "docs/none.json", 0, ""),
		"does not have 4 fields":         "recipes/nim.json\n",
	} {
		out := t.TempDir()
		err := fetch(repository, commit, list, out)
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got error %v, want one with %q", err, name)
		}
		if left, _ := filepath.Glob(filepath.Join(out, "*", "*")); len(left) > 0 {
			t.Errorf("%s: wrote %v", name, left)
		}
	}
}

// TestSamplesAreWellFormed parses the list that the command embeds.
func TestSamplesAreWellFormed(t *testing.T) {
	t.Parallel()
	all, err := parse(samples)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 60 {
		t.Errorf("got %d samples, want at least 60", len(all))
	}
}

// newRepository returns a git repository with one commit.
func newRepository(t *testing.T, files map[string]string) (dir, commit string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"init", "--quiet"}, {"add", "."},
		{"-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message=samples"},
	} {
		if _, err := git(dir, args...); err != nil {
			t.Fatal(err)
		}
	}
	head, err := git(dir, "rev-parse", "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	return dir, strings.TrimSpace(string(head))
}
