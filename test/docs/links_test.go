package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

const root = "../.."

var (
	fenced   = regexp.MustCompile("(?ms)^[ \t]*```.*?^[ \t]*```[ \t]*$")
	inline   = regexp.MustCompile("`[^`\n]*`")
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	markup   = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	heading  = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *$`)
	anchor   = regexp.MustCompile(`<a id="([^"]+)"></a>`)
	testName = regexp.MustCompile("`(Test\\w+)`")
)

// TestLinks requires that relative links in Markdown files, and the anchors that they
// name, exist.
func TestLinks(t *testing.T) {
	t.Parallel()
	links := 0
	for _, page := range markdown(t) {
		text := inline.ReplaceAllString(fenced.ReplaceAllString(read(t, page), ""), "")
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(found[1], "://") || strings.HasPrefix(found[1], "mailto:") {
				continue
			}
			links++
			if problem := resolve(t, page, found[1]); problem != "" {
				t.Errorf("%s: link %s: %s", page, found[1], problem)
			}
		}
	}
	if links < 40 {
		t.Errorf("checked %d links, expected those of all pages", links)
	}
}

// TestResolve proves that links without a target are found.
func TestResolve(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"docs/deploy.md":                  "",
		"docs/deploy.md#preflight-checks": "",
		"#installation":                   "",
		"docs/deploy.md#missing":          "no such heading",
		"docs/missing.md":                 "no such file",
		"#missing":                        "no such heading",
	} {
		if got := resolve(t, "README.md", target); got != want {
			t.Errorf("%s: got %q, want %q", target, got, want)
		}
	}
}

// TestSecurityTests requires that the tests in SECURITY.md exist in a linked package.
func TestSecurityTests(t *testing.T) {
	t.Parallel()
	for line := range strings.Lines(read(t, "SECURITY.md")) {
		var code strings.Builder
		for _, found := range link.FindAllStringSubmatch(line, -1) {
			files, err := filepath.Glob(filepath.Join(root, found[1], "*_test.go"))
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				code.Write(text)
			}
		}
		for _, found := range testName.FindAllStringSubmatch(line, -1) {
			if !strings.Contains(code.String(), "func "+found[1]+"(t ") {
				t.Errorf("SECURITY.md: %s does not exist in a package of its line", found[1])
			}
		}
	}
}

// markdown returns the Markdown files of the repository.
func markdown(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard", "*.md").Output()
	if err != nil {
		t.Fatal(err)
	}
	var pages []string
	for _, page := range strings.Fields(string(out)) {
		if _, err := os.Stat(filepath.Join(root, page)); err == nil { // not deleted
			pages = append(pages, page)
		}
	}
	return pages
}

// resolve returns why the target of a link in a page does not exist, or "".
func resolve(t *testing.T, page, target string) string {
	t.Helper()
	file, fragment, _ := strings.Cut(target, "#")
	path := page
	if file != "" {
		path = filepath.Join(filepath.Dir(page), file)
	}
	if _, err := os.Stat(filepath.Join(root, path)); err != nil {
		return "no such file"
	}
	if fragment != "" && !anchors(read(t, path))[fragment] {
		return "no such heading"
	}
	return ""
}

// anchors returns the anchors of a page: those that GitHub makes of its headings, and
// explicit ones.
func anchors(text string) map[string]bool {
	all := map[string]bool{}
	text = fenced.ReplaceAllString(text, "")
	for _, found := range heading.FindAllStringSubmatch(text, -1) {
		all[slug(found[1])] = true
	}
	for _, found := range anchor.FindAllStringSubmatch(text, -1) {
		all[found[1]] = true
	}
	return all
}

// slug returns GitHub's anchor of a heading.
func slug(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
			return unicode.ToLower(r)
		}
		return -1
	}, markup.ReplaceAllString(heading, "$1"))
}

func read(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
