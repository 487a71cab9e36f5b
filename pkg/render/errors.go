package render

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Violation is one violated rule between keys of a recipe, or a warning about a likely
// mistake.
type Violation struct {
	// Pointer is the JSON Pointer of the key in the recipe.
	Pointer string `json:"pointer"`
	// Rule is the ID of the rule, or "".
	Rule string `json:"rule"`
	// Message states the problem. It does not quote values.
	Message string `json:"message"`
}

// RuleError contains all violations of a recipe, in the chart's order.
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

// violations reads the chart's violations or warnings, one JSON object per line.
func violations(text string) ([]Violation, error) {
	var all []Violation
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		var v Violation
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			return nil, fmt.Errorf("cannot read the chart's findings: %w", err)
		}
		all = append(all, v)
	}
	return all, nil
}
