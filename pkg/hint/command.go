// Package hint holds what errors and findings suggest: commands that a POSIX
// shell runs as they are printed, and errors that carry such suggestions.
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

// With returns c with more arguments at its end.
func (c Command) With(args ...string) Command { return append(slices.Clone(c), args...) }

// String returns the line for a POSIX shell.
func (c Command) String() string {
	words := make([]string, len(c))
	for i, arg := range c {
		words[i] = Quote(arg)
	}
	return strings.Join(words, " ")
}

// plain is what a shell takes as it stands. A word that begins with "=" is
// expanded by zsh.
var plain = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,-][A-Za-z0-9_./:@%+=,-]*$`)

// Quote returns an argument for a POSIX shell, in characters that a terminal
// shows as themselves. Where the argument has others, the shell's printf makes
// them; that loses newlines at its end.
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

// File returns the name of a file as an operand that no program takes for a
// flag.
func File(name string) string {
	if strings.HasPrefix(name, "-") && name != "-" {
		return "./" + name
	}
	return name
}
