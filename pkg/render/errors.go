package render

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Violation is one rule between keys that a recipe breaks, or one thing in it
// that is allowed and will hurt.
type Violation struct {
	// Pointer is the JSON pointer of the key in the recipe.
	Pointer string `json:"pointer"`
	// Rule is the id of the rule; a chart may give none.
	Rule string `json:"rule"`
	// Message says what is wrong with it. It quotes no values.
	Message string `json:"message"`
}

// RuleError holds all the rules that a recipe breaks, in the chart's order.
type RuleError struct {
	Violations []Violation
}

// Error returns one line for each violation.
func (e *RuleError) Error() string {
	lines := make([]string, len(e.Violations))
	for i, v := range e.Violations {
		lines[i] = v.String()
	}
	return "invalid recipe:\n" + strings.Join(lines, "\n")
}

// String returns the pointer, the message and the rule.
func (v Violation) String() string {
	line := v.Pointer + ": " + v.Message
	if v.Rule != "" {
		line += " [" + v.Rule + "]"
	}
	return line
}

// violations reads what the chart has to say about a recipe: a JSON object per
// line.
func violations(text string) ([]Violation, error) {
	var all []Violation
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		var v Violation
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			return nil, fmt.Errorf("reading the chart's findings: %w", err)
		}
		all = append(all, v)
	}
	return all, nil
}
