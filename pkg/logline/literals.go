package logline

import (
	"regexp/syntax"
)

// Literals returns strings of which every match of a pattern contains one, or nil if it
// has none. It prefers long strings.
func Literals(pattern string) ([]string, error) {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	return required(tree), nil
}

// required returns the literals of which a match of the expression contains one, or nil.
func required(e *syntax.Regexp) []string {
	switch e.Op {
	case syntax.OpLiteral:
		if e.Flags&syntax.FoldCase == 0 {
			return []string{string(e.Rune)}
		}
	case syntax.OpCapture, syntax.OpPlus:
		return required(e.Sub[0])
	case syntax.OpConcat:
		var best []string
		for _, part := range e.Sub {
			if found := required(part); Shortest(found) > Shortest(best) {
				best = found
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, part := range e.Sub {
			found := required(part)
			if found == nil {
				return nil
			}
			all = append(all, found...)
		}
		return all
	}
	return nil
}

// Shortest returns the length of the shortest literal, or 0.
func Shortest(literals []string) int {
	length := 0
	for i, s := range literals {
		if i == 0 || len(s) < length {
			length = len(s)
		}
	}
	return length
}
