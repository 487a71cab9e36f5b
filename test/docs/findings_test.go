package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestFindings requires that docs/findings.md has a heading for every rule of the
// preflight, and for nothing else, so that messages and sites can link to it.
func TestFindings(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, "pkg/preflight")
	if len(rules) < 40 {
		t.Fatalf("%d rules in pkg/preflight, expected more: %v", len(rules), rules)
	}
	documented := map[string]bool{}
	for _, found := range regexp.MustCompile(`(?m)^### (\S+)$`).FindAllStringSubmatch(read(t, "docs/findings.md"), -1) {
		documented[found[1]] = true
		if !rules[found[1]] {
			t.Errorf("docs/findings.md: %s is not a rule of pkg/preflight", found[1])
		}
	}
	for rule := range rules {
		if !documented[rule] {
			t.Errorf("docs/findings.md: no heading for %s", rule)
		}
	}
}

// TestRules requires an anchor for every rule of recipes and payloads. The anchors of
// rules in the chart are generated.
func TestRules(t *testing.T) {
	t.Parallel()
	for page, rules := range map[string]map[string]bool{
		"docs/recipes.md": union(rulesOf(t, "pkg/recipe"), rulesOf(t, "pkg/render")),
		"docs/secrets.md": lintRules(t),
	} {
		if len(rules) < 12 {
			t.Errorf("%d rules for %s, expected more: %v", len(rules), page, rules)
		}
		for rule := range rules {
			if text := read(t, page); strings.Count(text, `<a id="rule-`+rule+`"></a>`) != 1 {
				t.Errorf("%s: %s does not have one anchor", page, rule)
			}
		}
	}
}

// lintRules returns the rules of warnings about payloads.
func lintRules(t *testing.T) map[string]bool {
	t.Helper()
	rules := map[string]bool{}
	for _, found := range regexp.MustCompile(`(?m)^\t\t\{"([a-z0-9-]+)", find`).FindAllStringSubmatch(read(t, "pkg/secrets/lint.go"), -1) {
		rules[found[1]] = true
	}
	return rules
}

func union(all ...map[string]bool) map[string]bool {
	merged := map[string]bool{}
	for _, rules := range all {
		maps.Copy(merged, rules)
	}
	return merged
}

// rulesOf returns the rules in the source of a package: strings that are assigned to Rule
// or to a constant rule…, or passed to found.
func rulesOf(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]bool{}
	add := func(name string, value ast.Expr) {
		literal, ok := value.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING || !strings.HasPrefix(strings.ToLower(name), "rule") {
			return
		}
		if rule, err := strconv.Unquote(literal.Value); err == nil && rule != "" {
			rules[rule] = true
		}
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok {
					add(key.Name, n.Value)
				}
			case *ast.ValueSpec:
				for i, value := range n.Values {
					add(n.Names[i].Name, value)
				}
			case *ast.AssignStmt:
				for i, value := range n.Rhs {
					if target, ok := n.Lhs[i].(*ast.SelectorExpr); ok {
						add(target.Sel.Name, value)
					}
				}
			case *ast.CallExpr:
				if called(n) == "found" && len(n.Args) > 1 {
					add("rule", n.Args[1])
				}
			}
			return true
		})
	}
	return rules
}

// called returns the name of the function or method of a call.
func called(call *ast.CallExpr) string {
	switch function := call.Fun.(type) {
	case *ast.Ident:
		return function.Name
	case *ast.SelectorExpr:
		return function.Sel.Name
	}
	return ""
}
