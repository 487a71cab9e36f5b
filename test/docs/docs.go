// Package docs replays the sessions of documentation pages. A page shows files in
// blocks of JSON and commands with their output in console blocks; a replay writes the
// files and runs the commands in one shell. It owns what differs between two runs, such
// as ages and names of pods, and compares the rest with the page.
package docs

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Page is the text of a page.
type Page string

// unreachable matches notes about registries and model hubs, which tests do not reach.
var unreachable = regexp.MustCompile(`(?m)^note: (image|model) .*: cannot connect to the proxy .*\n`)

var (
	file    = regexp.MustCompile("(?s)```json (\\S+)\n(.*?)```")
	console = regexp.MustCompile("(?s)```console\n(.*?)```")
)

// Verify compares the page in a file with what replay returns for it. With update, it
// updates the file instead of failing.
func Verify(t *testing.T, path string, update bool, replay func(Page) string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := Page(text)
	got := replay(page)
	diff := cmp.Diff(steady(page.Console()), steady(got))
	switch {
	case diff == "":
	case update:
		if err := os.WriteFile(path, []byte(page.with(got)), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is not what happens (-page +happens):\n%s", path, diff)
	}
}

// WriteFiles writes the files of the page to a directory. replace changes their content.
func (p Page) WriteFiles(dir string, replace func(content string) string) error {
	for _, block := range file.FindAllStringSubmatch(string(p), -1) {
		path := filepath.Join(dir, block[1])
		err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(replace(block[2])), 0o640))
		if err != nil {
			return err
		}
	}
	return nil
}

// Console returns the content of all console blocks.
func (p Page) Console() string {
	var all strings.Builder
	for _, block := range console.FindAllStringSubmatch(string(p), -1) {
		all.WriteString(block[1])
	}
	return all.String()
}

// Replay runs the commands of the console blocks in a directory, and returns what the
// blocks would show. replace changes the commands. Commands may fail.
func (p Page) Replay(dir string, env []string, replace func(command string) string) string {
	script := "exec 2>&1\ntrap 'kill $! 2>/dev/null' EXIT\n"
	for line := range strings.Lines(p.Console()) {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			script += "cat <<'EOF'\n" + line + "EOF\n" + replace(strings.ReplaceAll(command, "kubectl blueprint", "kubectl-blueprint"))
		}
	}
	shell := exec.Command("sh", "-c", script)
	shell.Dir, shell.Env = dir, append(os.Environ(), env...)
	out, _ := shell.CombinedOutput()
	return unreachable.ReplaceAllString(string(out), "")
}

// with returns the page with other content in its console blocks.
func (p Page) with(shown string) Page {
	prompts := strings.SplitAfter("\n"+shown, "\n$ ")[1:]
	return Page(console.ReplaceAllStringFunc(string(p), func(block string) string {
		n := strings.Count(block, "\n$ ")
		own := strings.TrimSuffix("$ "+strings.Join(prompts[:n], ""), "$ ")
		prompts = prompts[n:]
		return "```console\n" + own + "```"
	}))
}

// unsteady matches what differs between two runs: ages, speeds, the progress of starts,
// the ends of names of pods, nodes, and the steps and events that a watch sees.
var unsteady = []struct {
	pattern *regexp.Regexp
	word    string
}{
	{regexp.MustCompile(`\b\d+m?s\b`), "AGE"},
	{regexp.MustCompile(`[\d.]+ tokens/s`), "RATE"},
	{regexp.MustCompile(`(?m)^\S+ ready after .*\n`), ""}, // not printed if a quick start was not seen
	{regexp.MustCompile(`(recipe-[a-z-]+?)-[0-9a-f]{6,10}-[a-z0-9]{5}`), "$1-POD"},
	{regexp.MustCompile(`gpu-node-\d`), "NODE"},
	{regexp.MustCompile(`(?m)^pod/\S+: (ready|running on .*|container main: (Pull|running|downloading|loading|capturing|server up).*)\n`), ""},
	{regexp.MustCompile(`(?m)^(pod|deployment\.apps)/.*: ([A-Z][a-z]+: \d+/\d+|Pending termination: \d+|.*observed generation.*|scheduled on .*|deleted|belongs to a previous revision|terminating|waiting for its first status)\n`), ""},
	{regexp.MustCompile(`(?m)^  events:\n(    .*\n)+`), ""},
	{regexp.MustCompile(` {2,}`), "  "},
}

// installed matches the line about a new release.
var installed = regexp.MustCompile(`(?m)^release recipe-\S+ installed`)

// steady removes from the output of a session what differs between two runs, and sorts
// the output of commands that deploy several releases at the same time.
func steady(session string) string {
	for _, u := range unsteady {
		session = u.pattern.ReplaceAllString(session, u.word)
	}
	commands := strings.SplitAfter(session, "\n$ ")
	for i, output := range commands {
		if len(installed.FindAllString(output, 2)) == 2 {
			lines := strings.SplitAfter(output, "\n")
			slices.Sort(lines[1 : len(lines)-1])
			commands[i] = strings.Join(lines, "")
		}
	}
	return strings.Join(commands, "")
}
