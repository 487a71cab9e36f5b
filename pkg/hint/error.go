package hint

import "strings"

// Hint is one hint: a text, a command, or a text and a command.
type Hint struct {
	Text    string  `json:"text,omitempty"`
	Command Command `json:"command,omitempty"`
	Input   string  `json:"input,omitempty"` // lines for the command's standard input
}

// String returns "text: command".
func (h Hint) String() string {
	switch {
	case len(h.Command) == 0:
		return h.Text
	case h.Text == "":
		return h.Command.String()
	}
	return h.Text + ": " + h.Command.String()
}

// Lines returns the hint as lines to print. A command with input becomes a
// here-document. Its lines are not indented, because a shell must find the last one.
func (h Hint) Lines() []string {
	switch {
	case h.Text == "" && len(h.Command) == 0:
		return nil
	case h.Input == "":
		return []string{"hint: " + h.String()}
	}
	lines := []string{"hint: " + h.Text + ":", h.Command.String() + " <<'EOF'"}
	return append(append(lines, strings.Split(h.Input, "\n")...), "EOF")
}

// hinted is an error with hints, which are not part of its text.
type hinted struct {
	error
	hints []Hint
}

func (h *hinted) Unwrap() error { return h.error }

// Add returns err with hints, which are printed below the error.
func Add(err error, hints ...Hint) error {
	if err == nil || len(hints) == 0 {
		return err
	}
	return &hinted{err, hints}
}

// Text returns err with a hint without a command.
func Text(err error, text string) error { return Add(err, Hint{Text: text}) }

// Run returns err with a command to run and its purpose.
func Run(err error, what string, command Command) error {
	return Add(err, Hint{Text: what, Command: command})
}

// Of returns the hints of err and of all errors in it, without duplicates.
func Of(err error) []Hint {
	var all []Hint
	seen := map[string]bool{}
	collect(err, func(h Hint) {
		if text := h.String() + h.Input; !seen[text] {
			seen[text] = true
			all = append(all, h)
		}
	})
	return all
}

func collect(err error, add func(Hint)) {
	switch e := err.(type) { //nolint:errorlint // walks the tree itself
	case *hinted:
		collect(e.error, add)
		for _, h := range e.hints {
			add(h)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			collect(inner, add)
		}
	case interface{ Unwrap() error }:
		collect(e.Unwrap(), add)
	}
}
