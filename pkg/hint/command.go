// Package hint provides suggestions in errors and findings: commands that work when pasted
// into a POSIX shell, and errors with such hints. It quotes arguments for the shell. It
// does not print anything.
package hint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Command is a command line to suggest, one argument per element.
type Command []string

// Blueprint returns a command line of this plugin.
func Blueprint(args ...string) Command { return append(Command{"kubectl", "blueprint"}, args...) }

// Kubectl returns a command line of kubectl.
func Kubectl(args ...string) Command { return append(Command{"kubectl"}, args...) }

// With returns c with additional arguments.
func (c Command) With(args ...string) Command { return append(slices.Clone(c), args...) }

// String returns the command line for a POSIX shell.
func (c Command) String() string {
	words := make([]string, len(c))
	for i, arg := range c {
		words[i] = Quote(arg)
	}
	return strings.Join(words, " ")
}

// plain matches arguments that need no quotes. zsh expands words that start with "=".
var plain = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,-][A-Za-z0-9_./:@%+=,-]*$`)

// Quote returns an argument for a POSIX shell in printable characters. It uses printf for
// other characters, which loses trailing newlines.
func Quote(argument string) string {
	switch {
	case plain.MatchString(argument):
		return argument
	case source.Printable(argument) == argument:
		return "'" + strings.ReplaceAll(argument, "'", `'\''`) + "'"
	}
	var format strings.Builder
	for _, b := range []byte(argument) {
		if b < ' ' || b > '~' || strings.IndexByte(`'%\`, b) >= 0 {
			fmt.Fprintf(&format, `\%03o`, b)
			continue
		}
		format.WriteByte(b)
	}
	return `"$(printf '` + format.String() + `')"`
}

// File returns the name of a file as an argument that programs do not mistake for a flag.
func File(name string) string {
	if strings.HasPrefix(name, "-") && name != "-" {
		return "./" + name
	}
	return name
}
