// Package wording checks the language of the product: what users read in string
// literals, comments, schemas, templates and documents.
package wording

import (
	"fmt"
	"go/scanner"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// denied are phrases that read as if translated, and what to write instead. They are
// regular expressions that match whole words, regardless of case.
var denied = []struct{ phrase, instead string }{
	{`(is|was) no [a-km-z]\w*`, `"is not a …", "… not found"`},
	{`want(s|ed)? (a|an|one|errors|recipe|json|yaml|none|number|only|it|them|text)`, `"must be …", "expected …"`},
	{`nevertheless`, `"anyway"`},
	{`anew`, `"again"`},
	{`told|tells (of|what|which|whether|how|apart|a|the)|to tell`, `"reports", "prints", "distinguishes"`},
	{`mends?|mended`, `"fixes"`},
	{`at work`, `"in progress", "running"`},
	{`not to be had`, `"unavailable"`},
	{`for want of`, `"without"`},
	{`a time of (its|their) own`, `"a separate timeout"`},
	{`(GPUs?|object|event|line|number|bytes|cores?|GiB|MiB|memory|CPUs?|files?) a (pod|line|replica|node|container|day|second|recipe)`, `"per …"`},
	{`go(es)? back to|take(s|n)? back|bring(s)? back|brought back|the way back|way out`, `"rolls back", "recovers"`},
	{`have (somebody|someone) (make|grant)|see to (it|the)|somebody('s)?`, `"ask an administrator to …"`},
	{`looked (for|at)|look(s|ing)? for|looks at`, `"checks", "searches"`},
	{`, too\b`, `"also"`},
	{`the revision before|the one before|the pod before|an older revision`, `"previous revision"`},
	{`does not work|did not work|it works$`, `"rollout failed", "is ready"`},
	{`stands? (under|in|at)|there already|is already there|(is|are|was|were) there( (already|yet|now))?`, `"already exists"`},
	{`of use to|to no (end|avail)|lets nobody|nobody`, `"not allowed with", "requires"`},
	{`merits|tries it|as it should be|as it is to be|is to be|are to be`, `"must be", "should be"`},
	{`breaks the|breaks off|broke off|cut off|cut short`, `"interrupted", "failed"`},
	{`faults?`, `"error", "problem"`},
	{`leave out`, `"remove", "omit"`},
	{`what (is|was) (there|missing|wrong|meant|wanted)`, `name the noun`},
	{`beforehand|hitherto|thereof|whereof|wherein|therein|likewise`, `plain English`},
}

// checked are the files that users and contributors read.
var checked = regexp.MustCompile(`^(README|CONTRIBUTING|docs/|krew-manifest|Makefile|charts/|cmd/|pkg/|hack/|test/README).*$`)

// exceptions are lines that name an old phrase on purpose, or a name of the repository.
var exceptions = regexp.MustCompile(`^(CONTRIBUTING\.md:.*\| .* \| .*\||(Makefile|CONTRIBUTING\.md|test/README\.md):.*[Ff]aults.*)$`)

// TestWording finds phrases of the deny-list. Names that other programs define may
// contain them; wrap those in backquotes in documents.
func TestWording(t *testing.T) {
	t.Parallel()
	root := "../.."
	out, err := exec.Command("git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for name := range strings.Lines(string(out)) {
		name = strings.TrimSpace(name)
		if !checked.MatchString(name) || strings.HasSuffix(name, "_test.go") || strings.Contains(name, "/testdata/") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) { // deleted, not yet committed
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		files++
		for _, problem := range problems(name, text) {
			t.Error(problem)
		}
	}
	if files < 300 {
		t.Errorf("checked %d files, expected all of the repository", files)
	}
}

// TestDenied proves that each phrase is found where it stands in a document, a string
// literal or a comment.
func TestDenied(t *testing.T) {
	t.Parallel()
	for _, old := range []string{
		"--timeout: want a time", "deploy nevertheless", "is no secrets payload", "another run is at work",
		"What changes is told first", "NVIDIA GPUs a pod", "one object a line", "go back to the revision before", "not to be had",
	} {
		for name, text := range map[string]string{
			"a.md": "Text: " + old + ".\n",
			"a.go": "package a\n\nconst text = \"" + old + "\"\n",
			"b.go": "package a\n\n// text: " + old + "\nconst text = 1\n",
		} {
			if len(problems(name, []byte(text))) == 0 {
				t.Errorf("%s: %q is not found", name, old)
			}
		}
	}
	if found := problems("a.go", []byte("package a\n\nvar anew = nevertheless\n")); found != nil {
		t.Errorf("identifiers are checked: %v", found)
	}
}

var patterns = compile()

func compile() []*regexp.Regexp {
	all := make([]*regexp.Regexp, len(denied))
	for i, d := range denied {
		all[i] = regexp.MustCompile(`(?i)(^|\W)(` + d.phrase + `)(\W|$)`)
	}
	return all
}

// problems returns the denied phrases of a file with their positions. Of a Go file it
// checks comments and string literals.
func problems(name string, text []byte) []string {
	var found []string
	check := func(line int, text string) {
		for i, p := range patterns {
			if m := p.FindStringSubmatch(text); m != nil && !exceptions.MatchString(name+":"+text) {
				found = append(found, fmt.Sprintf("%s:%d: %q: write %s: %s", name, line, m[2], denied[i].instead, strings.TrimSpace(text)))
			}
		}
	}
	if !strings.HasSuffix(name, ".go") {
		for i, line := range strings.Split(string(text), "\n") {
			check(i+1, line)
		}
		return found
	}
	var s scanner.Scanner
	file := token.NewFileSet().AddFile(name, -1, len(text))
	s.Init(file, text, nil, scanner.ScanComments)
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			return found
		}
		if tok == token.STRING || tok == token.COMMENT {
			for i, line := range strings.Split(literal, "\n") {
				check(file.Line(pos)+i, line)
			}
		}
	}
}
