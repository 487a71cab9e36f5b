package render

import (
	"errors"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// The IDs of rules between rendered recipes, and of a rule of the chart that depends on
// the namespace.
const (
	ruleDefaultNamespace = "default-namespace"
	ruleNoExport         = "unset-export"
	ruleDuplicateName    = "duplicate-name"
)

// positioned returns the chart's violations with their positions in the file.
func positioned(r *recipe.Recipe, err error) source.Errors {
	var rules *RuleError
	if !errors.As(err, &rules) {
		return source.Errors{r.ErrorAt("", "%v", err)}
	}
	problems := place(r, rules.Violations)
	_ = problems.Sorted()
	return problems
}

func place(r *recipe.Recipe, violations []Violation) source.Errors {
	var problems source.Errors
	for _, v := range violations {
		problems = append(problems, r.ErrorAt(v.Pointer, "%s", v.Message).WithRule(v.Rule))
	}
	return problems
}
