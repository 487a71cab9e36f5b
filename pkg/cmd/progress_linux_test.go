package cmd_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// control is what the tree tells a terminal: a sequence, or a line's end.
var control = regexp.MustCompile(`\x1b\[\??([0-9;]*)([A-Za-z])|\r?\n|\r`)

// screenAfter is what a terminal shows after output, line by line.
func screenAfter(t *testing.T, output string) []string {
	t.Helper()
	lines, row := []string{""}, 0
	for output != "" {
		at := control.FindStringSubmatchIndex(output)
		if at == nil {
			lines[row] += output
			break
		}
		lines[row] += output[:at[0]]
		sequence := output[at[0]:at[1]]
		switch {
		case strings.HasSuffix(sequence, "\n"):
			if row++; row == len(lines) {
				lines = append(lines, "")
			}
		case sequence == "\r":
		case output[at[4]:at[5]] == "A":
			n, err := strconv.Atoi(output[at[2]:at[3]])
			if err != nil || n > row {
				t.Fatalf("%d lines up from line %d", n, row)
			}
			row -= n
		case output[at[4]:at[5]] == "J":
			lines = append(lines[:row], "")
		}
		output = output[at[1]:]
	}
	return lines
}

// onTerminal deploys a file with a terminal of the given width for stderr, and
// returns all that was written to it.
func onTerminal(t *testing.T, width uint16, file string, env ...string) (output string, err error) {
	t.Helper()
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	if err := plugin.WriteKubeconfig(kubetest.Kubeconfig(t), kubeconfig, kubetest.Namespace(t)); err != nil {
		t.Fatal(err)
	}
	user, tty := openTerminal(t)
	if err := unix.IoctlSetWinsize(int(tty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: width}); err != nil {
		t.Fatal(err)
	}
	process := exec.Command("kubectl-blueprint", "deploy", file, "--preflight=off", "--kubeconfig", kubeconfig)
	process.Env = append(os.Environ(), append([]string{"TERM=xterm"}, env...)...)
	process.Stderr = tty
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan string)
	go func() {
		var all bytes.Buffer
		chunk := make([]byte, 4096)
		for !bytes.HasSuffix(all.Bytes(), []byte("the end\r\n")) {
			n, err := user.Read(chunk)
			if err != nil {
				break
			}
			all.Write(chunk[:n])
		}
		read <- strings.TrimSuffix(all.String(), "the end\r\n")
	}()
	err = process.Wait()
	if _, err := tty.WriteString("the end\n"); err != nil {
		t.Fatal(err)
	}
	return <-read, err
}

func writeFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "recipe.json")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// twoMembers are deployed at the same time: one works, the other has no secret.
const twoMembers = `{"deployment_group": {"name": "g", "deployments": [
  {"name": "good", "recipe": {"recipe_mode": "service", "deployment_name": "good", "recipe_image_uri": "registry.example/web:1", "recipe_container_port": 80}},
  {"name": "bad", "recipe": {"recipe_mode": "service", "deployment_name": "bad", "recipe_image_uri": "registry.example/web:1", "recipe_container_port": 80,
    "recipe_environment_secrets": [{"envvar_name": "T", "secret_name": "a-secret-with-a-name-that-is-so-long-that-no-line-has-room-for-all-of-it", "secret_key": "token"}]}}
]}}`

// TestTreeOnATerminal draws both members' trees in place, and leaves what they
// came to.
func TestTreeOnATerminal(t *testing.T) {
	t.Parallel()
	output, err := onTerminal(t, 100, writeFile(t, twoMembers))
	if err == nil {
		t.Error("exit code 0")
	}
	screen := screenAfter(t, output)
	text := strings.Join(screen, "\n")
	for line, count := range map[string]int{
		`(?m)^✓ deployment.apps/recipe-good  ready$`:                  1,
		`(?m)^  ✓ pod/recipe-good-\S+  ready$`:                        1,
		`(?m)^· deployment.apps/recipe-bad  Available: 0/1  \d+s$`:    1,
		`(?m)^    ✗ main  CreateContainerC.*….*not found  \d+s$`:      1,
		`(?m)^recipe-bad: rollout failed$`:                            1,
		`(?m)^error: recipe-bad: rollout failed$`:                     1,
		`(?m)^release recipe-(good|bad) installed \(revision 1\) in `: 2,
	} {
		if got := len(regexp.MustCompile(line).FindAllString(text, -1)); got != count {
			t.Errorf("%d times %s in\n%s", got, line, text)
		}
	}
	for _, line := range screen {
		if strings.ContainsAny(line, "✓✗·!") && !strings.Contains(line, "error:") && utf8.RuneCountInString(line) > 99 {
			t.Errorf("too wide: %s", line)
		}
	}
	if !strings.Contains(output, "\x1b[32m") {
		t.Error("no colors")
	}
}

func TestNarrowTreeWithoutColours(t *testing.T) {
	t.Parallel()
	output, _ := onTerminal(t, 40, writeFile(t, twoMembers), "NO_COLOR=1")
	if !regexp.MustCompile(`  ✓ pod/\S+…\S+  ready\r?\n`).MatchString(output) {
		t.Errorf("no pod is ready in %q", output)
	}
	if regexp.MustCompile(`\x1b\[[0-9;]*m`).MatchString(output) || !strings.Contains(output, "\x1b[J") {
		t.Errorf("got %q", output)
	}
}

func TestNoTreeOnADumbTerminal(t *testing.T) {
	t.Parallel()
	output, _ := onTerminal(t, 60, writeFile(t, twoMembers), "TERM=dumb")
	if strings.Contains(output, "\x1b") || !strings.Contains(output, "deployment.apps/recipe-good: ready") {
		t.Errorf("got %q", output)
	}
}
