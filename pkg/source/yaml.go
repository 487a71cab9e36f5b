package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strconv"

	yamlv3 "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"
)

// parseYAML reads the tree with go.yaml.in/yaml/v3, which knows positions, and
// each plain scalar with sigs.k8s.io/yaml, so that "yes" or 0644 means here
// what it means to kubectl and helm.
func (p *parser) parseYAML() (*Node, *Error) {
	dec := yamlv3.NewDecoder(bytes.NewReader(p.data))
	var doc, next yamlv3.Node
	if err := dec.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return nil, p.yamlFault(err)
	}
	if err := dec.Decode(&next); !errors.Is(err, io.EOF) {
		if err != nil {
			return nil, p.yamlFault(err)
		}
		return nil, p.fault(Position{next.Line, next.Column}, "a second YAML document begins here: want one a file")
	}
	if len(doc.Content) == 0 {
		return nil, p.fault(Position{}, "is empty: want a JSON or YAML document")
	}
	return p.yamlValue(doc.Content[0])
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

// yamlFault keeps the line of a YAML error and drops its text, which may quote
// the input.
func (p *parser) yamlFault(err error) *Error {
	var pos Position
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		pos.Line, _ = strconv.Atoi(m[1])
		pos.Column = 1
	}
	return p.fault(pos, "is neither JSON nor YAML here: check indentation, colons and quotes")
}

func (p *parser) yamlValue(y *yamlv3.Node) (*Node, *Error) {
	n := &Node{Pos: Position{y.Line, y.Column}}
	if y.Anchor != "" || y.Kind == yamlv3.AliasNode {
		return nil, p.fault(n.Pos, "has a YAML anchor or alias: write the value out")
	}
	switch y.Kind {
	case yamlv3.MappingNode:
		n.Kind = Object
		return n, p.yamlMembers(y, n)
	case yamlv3.SequenceNode:
		n.Kind = Array
		for _, c := range y.Content {
			item, fault := p.yamlValue(c)
			if fault != nil {
				return nil, fault
			}
			n.Items = append(n.Items, item)
		}
		return n, nil
	}
	return n, p.yamlScalar(y, n)
}

func (p *parser) yamlMembers(y *yamlv3.Node, n *Node) *Error {
	seen := map[string]Position{}
	for i := 0; i+1 < len(y.Content); i += 2 {
		k := y.Content[i]
		pos := Position{k.Line, k.Column}
		if k.Kind != yamlv3.ScalarNode || k.ShortTag() != "!!str" || k.Anchor != "" {
			return p.fault(pos, "has a YAML key that is not plain text: put it in quotes")
		}
		if first, twice := seen[k.Value]; twice {
			return p.duplicate(pos, first, k.Value)
		}
		seen[k.Value] = pos
		value, fault := p.yamlValue(y.Content[i+1])
		if fault != nil {
			return fault
		}
		n.Members = append(n.Members, Member{Key: k.Value, KeyPos: pos, Value: value})
	}
	return nil
}

func (p *parser) yamlScalar(y *yamlv3.Node, n *Node) *Error {
	const tagged = yamlv3.TaggedStyle
	quoted := y.Style&(yamlv3.DoubleQuotedStyle|yamlv3.SingleQuotedStyle|yamlv3.LiteralStyle|yamlv3.FoldedStyle) != 0
	switch {
	case y.Style&tagged != 0 && y.ShortTag() != "!!str":
		return p.fault(n.Pos, "has a YAML tag: write the value without it")
	case quoted, y.Style&tagged != 0:
		n.Kind, n.text = String, y.Value
		return nil
	}
	literal, err := yaml.YAMLToJSON([]byte(y.Value))
	if err != nil { // an odd but plain string, such as "a: b" folded over lines
		n.Kind, n.text = String, y.Value
		return nil
	}
	literal = bytes.TrimSpace(literal)
	switch literal[0] {
	case '"', '{', '[':
		n.Kind, n.text = String, y.Value
	case 't', 'f':
		n.Kind, n.text = Bool, string(literal)
	case 'n':
		n.Kind, n.text = Null, string(literal)
	default:
		n.Kind, n.text = Number, string(literal)
		if json.Valid([]byte(y.Value)) { // its own digits, not those of a float64
			n.text = y.Value
		}
	}
	return nil
}
