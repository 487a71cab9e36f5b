package cmd_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// TestDocs replays the sessions of the pages: it writes the files that a page
// shows and runs its commands in their order, in one shell, and compares what
// they print. With -update, it writes down what they print.
func TestDocs(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil && os.Getenv("CI") == "" {
		t.Skip("no curl to call the HTTP API with")
	}
	for _, page := range []string{"secrets.md", "deploy.md"} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("../../docs", page)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			d := newSession(t, string(text))
			want, got := d.written(), d.replay(t)
			diff := cmp.Diff(steady(want), steady(got))
			switch {
			case diff == "":
			case *update:
				if err := os.WriteFile(path, []byte(d.with(got)), 0o644); err != nil {
					t.Fatal(err)
				}
			default:
				t.Errorf("docs/%s is not what happens (-docs +happens):\n%s", page, diff)
			}
		})
	}
}

// session is a page and the place where its commands run.
type session struct {
	text, dir, namespace, kubeconfig, registry string
}

var (
	shownFile    = regexp.MustCompile("(?s)```json (\\S+)\n(.*?)```")
	shownConsole = regexp.MustCompile("(?s)```console\n(.*?)```")
)

// docsRegistry is the name of the registry of the tests in the pages.
const docsRegistry = "registry.example.com"

func newSession(t *testing.T, text string) session {
	t.Helper()
	d := session{text: text, dir: t.TempDir(), namespace: kubetest.Namespace(t), registry: plugin.NewRegistry(t)}
	d.kubeconfig = filepath.Join(d.dir, ".kubeconfig")
	if err := plugin.WriteKubeconfig(kubetest.Kubeconfig(t), d.kubeconfig, d.namespace); err != nil {
		t.Fatal(err)
	}
	for _, file := range shownFile.FindAllStringSubmatch(text, -1) {
		path, content := filepath.Join(d.dir, file[1]), strings.ReplaceAll(file[2], docsRegistry+"/team", d.registry+"/team")
		if strings.Contains(text, docsRegistry+"/team") { // the page pulls from it
			content = strings.ReplaceAll(content, docsRegistry, d.registry)
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o640)); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// written is what the page's consoles show.
func (d session) written() string {
	var all strings.Builder
	for _, block := range shownConsole.FindAllStringSubmatch(d.text, -1) {
		all.WriteString(block[1])
	}
	return all.String()
}

// replay runs the commands of the consoles, and returns what consoles show then.
func (d session) replay(t *testing.T) string {
	t.Helper()
	script := "exec 2>&1\ntrap 'kill $! 2>/dev/null' EXIT\n"
	for line := range strings.Lines(d.written()) {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			script += "cat <<'EOF'\n" + line + "EOF\n" + strings.ReplaceAll(command, "kubectl blueprint", "kubectl-blueprint")
		}
	}
	shell := exec.Command("sh", "-c", script)
	shell.Dir, shell.Env = d.dir, append(os.Environ(), "KUBECONFIG="+d.kubeconfig)
	out, _ := shell.CombinedOutput() // some commands are ones that fail
	return strings.NewReplacer(d.namespace, "default", d.registry, docsRegistry).Replace(string(out))
}

// with is the page with other words in its consoles.
func (d session) with(shown string) string {
	prompts := strings.SplitAfter("\n"+shown, "\n$ ")[1:]
	return shownConsole.ReplaceAllStringFunc(d.text, func(block string) string {
		n := strings.Count(block, "\n$ ")
		own := strings.TrimSuffix("$ "+strings.Join(prompts[:n], ""), "$ ")
		prompts = prompts[n:]
		return "```console\n" + own + "```"
	})
}

// unsteady is what is another each time: ages, the ends of pods' names, nodes,
// and which steps and events between the watch sees, in what order.
var unsteady = []struct{ pattern, word string }{
	{`\b\d+m?s\b`, "AGE"},
	{`(recipe-[a-z]+)-[0-9a-f]{6,10}-[a-z0-9]{5}`, "$1-POD"},
	{`gpu-node-\d`, "NODE"},
	{`(?m)^pod/\S+: (ready|container main: Pull.*)\n`, ""},
	{`(?m)^(pod|deployment\.apps)/.*: ([A-Z][a-z]+: \d+/\d+|Pending termination: \d+|.*observed generation.*|scheduled on .*|deleted|belongs to a previous revision|terminating|waiting for its first status)\n`, ""},
	{`(?m)^  events:\n(    .*\n)+`, ""},
	{` {2,}`, "  "},
}

// steady leaves that out of a session.
func steady(session string) string {
	for _, u := range unsteady {
		session = regexp.MustCompile(u.pattern).ReplaceAllString(session, u.word)
	}
	return session
}
