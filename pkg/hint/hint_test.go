package hint_test

import (
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// TestCommandRoundTrip has a shell take apart what Command puts together.
func TestCommandRoundTrip(t *testing.T) {
	t.Parallel()
	args := hint.Command{
		"", " ", "a b", "$(touch x)", "`id`", "it's", `"q"`, `a\b`, "*", "?", "[a]", "{a,b}", "~", "~root", "a;b", "a&b", "a|b", "a>b", "#c", "!1", "=ls", "-x",
		"größe", "new\nline", "\x1b[2J\r", "\u202egnp.json", "\xff", "100%\t\\n'", "\n'lead", "$HOME", "a=b", "\u009b31m", "!!",
	}
	line := slices.Concat(hint.Command{"printf", `%s\0`}, args).String()
	if source.Printable(line) != line {
		t.Errorf("not printable: %q", line)
	}
	for _, shell := range []string{"sh", "bash"} {
		out, err := exec.Command(shell, "-c", line).Output()
		if errors.Is(err, exec.ErrNotFound) {
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", shell, err)
		}
		got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
		if diff := cmp.Diff([]string(args), got); diff != "" {
			t.Errorf("%s takes it apart otherwise:\n%s", shell, diff)
		}
	}
	if got, want := hint.Blueprint("deploy", "-n", "a", "dir/nim-1.json").String(), "kubectl blueprint deploy -n a dir/nim-1.json"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := hint.File("-rf.json"); got != "./-rf.json" {
		t.Errorf("got %s", got)
	}
}

func TestOf(t *testing.T) {
	t.Parallel()
	one := hint.Run(errors.New("a"), "see", hint.Kubectl("get", "pods"))
	two := fmt.Errorf("in: %w", hint.Text(errors.New("b"), "try"))
	all := fmt.Errorf("all: %w", errors.Join(one, two, one))
	var got []string
	for _, h := range hint.Of(all) {
		got = append(got, h.String())
	}
	if diff := cmp.Diff([]string{"see: kubectl get pods", "try"}, got); diff != "" {
		t.Error(diff)
	}
	if all.Error() != "all: a\nin: b\na" {
		t.Errorf("hints are in the text: %q", all)
	}
	if hint.Text(nil, "try") != nil || hint.Of(errors.New("a")) != nil {
		t.Error("a hint without an error, or without a hint")
	}
}

// TestQuote quotes only what a shell would change, and prints only what a terminal
// shows as itself.
func TestQuote(t *testing.T) {
	t.Parallel()
	for argument, want := range map[string]string{
		"":                   "''",
		"dir/nim-1.json":     "dir/nim-1.json",
		"--set=a.b=c":        "--set=a.b=c",
		"=ls":                "'=ls'",
		"two words":          "'two words'",
		"it's":               `'it'\''s'`,
		"größe":              "'größe'",
		"a\nb":               `"$(printf 'a\012b')"`,
		"\x1b[2J":            `"$(printf '\033[2J')"`,
		"50%\t'\\":           `"$(printf '50\045\011\047\134')"`,
		"right\u202eto left": `"$(printf 'right\342\200\256to left')"`,
	} {
		if got := hint.Quote(argument); got != want {
			t.Errorf("%q: got %s, want %s", argument, got, want)
		}
	}
}

func TestHintString(t *testing.T) {
	t.Parallel()
	for want, h := range map[string]hint.Hint{
		"try again":                           {Text: "try again"},
		"kubectl get pods":                    {Command: hint.Kubectl("get", "pods")},
		"see: kubectl blueprint status 'a b'": {Text: "see", Command: hint.Blueprint("status", "a b")},
	} {
		if got := h.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestWithLeavesTheCommandAlone extends one command twice.
func TestWithLeavesTheCommandAlone(t *testing.T) {
	t.Parallel()
	base := append(make(hint.Command, 0, 10), hint.Blueprint("list")...)
	one, two := base.With("-A"), base.With("-n", "shop")
	if one.String() != "kubectl blueprint list -A" || two.String() != "kubectl blueprint list -n shop" || len(base) != 3 {
		t.Errorf("got %s, %s and %s", base, one, two)
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"-": "-", "a.json": "a.json", "-a.json": "./-a.json", "/-a": "/-a", "": ""} {
		if got := hint.File(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
