package render

import (
	"fmt"
	"strings"
)

// ruleMarker opens the message with which the chart's blueprint.rules fails;
// every line after it is POINTER: MESSAGE.
const ruleMarker = "the recipe contradicts itself:\n"

// Violation is one rule between keys that a recipe breaks.
type Violation struct {
	// Pointer is the JSON pointer of the key in the recipe.
	Pointer string
	// Message says what is wrong with it. It quotes no values.
	Message string
}

// RuleError tells all the rules that a recipe breaks, in the chart's order.
type RuleError struct {
	Violations []Violation
}

// Error has one line for each violation.
func (e *RuleError) Error() string {
	lines := make([]string, len(e.Violations))
	for i, v := range e.Violations {
		lines[i] = v.Pointer + ": " + v.Message
	}
	return ruleMarker + strings.Join(lines, "\n")
}

// renderError is a RuleError if err comes from the chart's rules. The engine
// passes on only the text of what a template failed with.
func renderError(err error) error {
	_, text, found := strings.Cut(err.Error(), ruleMarker)
	if !found {
		return fmt.Errorf("rendering recipe: %w", err)
	}
	var violations []Violation
	for line := range strings.Lines(text) {
		pointer, message, _ := strings.Cut(strings.TrimSpace(line), ": ")
		violations = append(violations, Violation{Pointer: pointer, Message: message})
	}
	return &RuleError{Violations: violations}
}
