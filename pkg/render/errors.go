package render

import (
	"fmt"
	"regexp"
	"strings"
)

// What the chart's templates say about a recipe, other than objects, is lines
// of text: those of RuleError after ruleMarker, where the chart's
// blueprint.rules fails, and those of warnings after warningMarker in its
// NOTES.txt. A line is POINTER: MESSAGE [RULE].
const (
	ruleMarker    = "the recipe contradicts itself:\n"
	warningMarker = "warning: "
)

// Violation is one rule between keys that a recipe breaks, or one thing in it
// that is allowed and will hurt.
type Violation struct {
	// Pointer is the JSON pointer of the key in the recipe.
	Pointer string
	// Message says what is wrong with it. It quotes no values.
	Message string
	// Rule is the id of the rule; a chart may give none.
	Rule string
}

// RuleError tells all the rules that a recipe breaks, in the chart's order.
type RuleError struct {
	Violations []Violation
}

// Error has one line for each violation.
func (e *RuleError) Error() string {
	lines := make([]string, len(e.Violations))
	for i, v := range e.Violations {
		lines[i] = v.String()
	}
	return ruleMarker + strings.Join(lines, "\n")
}

// String is the line as the chart wrote it.
func (v Violation) String() string {
	line := v.Pointer + ": " + v.Message
	if v.Rule != "" {
		line += " [" + v.Rule + "]"
	}
	return line
}

var ruleSuffix = regexp.MustCompile(` \[([a-z0-9-]+)\]$`)

// parseViolation reads a line POINTER: MESSAGE [RULE].
func parseViolation(line string) Violation {
	var v Violation
	line = strings.TrimSpace(line)
	if suffix := ruleSuffix.FindStringSubmatch(line); suffix != nil {
		v.Rule = suffix[1]
		line = strings.TrimSuffix(line, suffix[0])
	}
	v.Pointer, v.Message, _ = strings.Cut(line, ": ")
	return v
}

// renderError is a RuleError if err comes from the chart's rules. The engine
// passes on only the text of what a template failed with.
func renderError(err error) error {
	_, text, found := strings.Cut(err.Error(), ruleMarker)
	if !found {
		return fmt.Errorf("rendering recipe: %w", err)
	}
	return ruleError(text)
}

// ruleError reads the lines of violated rules.
func ruleError(text string) *RuleError {
	var violations []Violation
	for line := range strings.Lines(text) {
		violations = append(violations, parseViolation(line))
	}
	return &RuleError{Violations: violations}
}

// warnings are the lines of the notes that are meant for the recipe's author.
func warnings(notes string) []Violation {
	var found []Violation
	for line := range strings.Lines(notes) {
		if text, ok := strings.CutPrefix(line, warningMarker); ok {
			found = append(found, parseViolation(text))
		}
	}
	return found
}
