package source

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	yamlv3 "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"
)

// parseYAML returns the tree of a YAML document. It uses go.yaml.in/yaml/v3 for
// positions, and sigs.k8s.io/yaml for plain scalars, so that "yes" and 0644 mean the
// same as in kubectl and helm.
func (p *parser) parseYAML() (*Node, *Error) {
	if yamlValues(p.data) > MaxValues {
		return nil, p.tooMany(Position{})
	}
	dec := yamlv3.NewDecoder(cancelReader{p.ctx, bytes.NewReader(p.data)})
	var doc, next yamlv3.Node
	if err := dec.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return nil, p.yamlError(err)
	}
	if err := dec.Decode(&next); !errors.Is(err, io.EOF) {
		if err != nil {
			return nil, p.yamlError(err)
		}
		return nil, p.errorf(Position{next.Line, next.Column}, "file must contain a single YAML document").Hinted("put each document in its own file")
	}
	if len(doc.Content) == 0 {
		return nil, p.errorf(Position{}, "must be a JSON or YAML document, got an empty file")
	}
	return p.yamlValue(doc.Content[0])
}

// yamlValues returns an upper bound for the number of values in a YAML document. It
// counts every character that may start a value, including those in strings. The values
// themselves cannot be counted before the library has read the whole document, which
// takes about 200 bytes per value.
func yamlValues(data []byte) int {
	count := 1
	for i, c := range data {
		switch c {
		case ',', ':', '[', '{':
			count++
		case '-', '?':
			if i+1 == len(data) || bytes.IndexByte([]byte(" \t\r\n"), data[i+1]) >= 0 {
				count++
			}
		}
	}
	return count
}

// cancelReader reads from another reader until ctx is done.
type cancelReader struct {
	ctx  context.Context
	from io.Reader
}

// Read reads the next part of the document. It returns the error of ctx if ctx is done.
func (r cancelReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

// yamlError returns an error with the line of err, an error of the YAML library, without
// its text, which may quote the input.
func (p *parser) yamlError(err error) *Error {
	var pos Position
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		pos.Line, _ = strconv.Atoi(m[1])
		pos.Column = 1
	}
	return p.errorf(pos, "invalid YAML").Hinted("check indentation, colons and quotes")
}

func (p *parser) yamlValue(y *yamlv3.Node) (*Node, *Error) {
	n := &Node{Pos: Position{y.Line, y.Column}}
	if problem := p.count(n.Pos); problem != nil {
		return nil, problem
	}
	if y.Anchor != "" || y.Kind == yamlv3.AliasNode {
		return nil, p.errorf(n.Pos, "YAML anchors and aliases are not supported").Hinted("repeat the value")
	}
	switch y.Kind {
	case yamlv3.MappingNode:
		n.Kind = Object
		return n, p.yamlMembers(y, n)
	case yamlv3.SequenceNode:
		n.Kind = Array
		return n, p.yamlItems(y, n)
	}
	return n, p.yamlScalar(y, n)
}

func (p *parser) yamlItems(y *yamlv3.Node, n *Node) *Error {
	if problem := p.enter(n.Pos, ""); problem != nil {
		return problem
	}
	for _, c := range y.Content {
		item, problem := p.yamlValue(c)
		if problem != nil {
			return problem
		}
		n.Items = append(n.Items, item)
	}
	p.leave("")
	return nil
}

func (p *parser) yamlMembers(y *yamlv3.Node, n *Node) *Error {
	for i := 0; i+1 < len(y.Content); i += 2 {
		k := y.Content[i]
		pos := Position{k.Line, k.Column}
		if k.Kind != yamlv3.ScalarNode || k.ShortTag() != "!!str" || k.Anchor != "" {
			return p.errorf(pos, "YAML key must be a string").Hinted("put the key in quotes")
		}
		if first := n.member(k.Value); first != nil {
			return p.duplicate(pos, first.KeyPos, k.Value)
		}
		if problem := p.enter(pos, k.Value); problem != nil {
			return problem
		}
		value, problem := p.yamlValue(y.Content[i+1])
		if problem != nil {
			return problem
		}
		p.leave(k.Value)
		n.add(Member{Key: k.Value, KeyPos: pos, Value: value})
	}
	return nil
}

func (p *parser) yamlScalar(y *yamlv3.Node, n *Node) *Error {
	const tagged = yamlv3.TaggedStyle
	quoted := y.Style&(yamlv3.DoubleQuotedStyle|yamlv3.SingleQuotedStyle|yamlv3.LiteralStyle|yamlv3.FoldedStyle) != 0
	switch {
	case y.Style&tagged != 0 && y.ShortTag() != "!!str":
		return p.errorf(n.Pos, "YAML tags are not supported").Hinted("remove the tag")
	case quoted, y.Style&tagged != 0:
		n.Kind, n.text = String, y.Value
		return nil
	}
	n.Kind, n.text = plainScalar(y.Value)
	n.respelled = n.Kind == Number && n.text != y.Value
	if n.Kind == String && y.ShortTag() == "!!float" { // such as .inf, which helm rejects
		return p.errorf(n.Pos, "must be a finite number").Hinted("put it in quotes to make it a string")
	}
	return nil
}

// plainScalar returns a scalar without quotes as kubectl and helm decode it. It handles
// words and integers, which most scalars are, without a parser.
func plainScalar(text string) (Kind, string) {
	const maybeOther = "yYnNtTfFoO" // first letters of booleans and null
	letter := text != "" && (text[0] >= 'a' && text[0] <= 'z' || text[0] >= 'A' && text[0] <= 'Z')
	if letter && strings.IndexByte(maybeOther, text[0]) < 0 {
		return String, text
	}
	if i, err := strconv.ParseInt(text, 10, 64); err == nil && strconv.FormatInt(i, 10) == text {
		return Number, text
	}
	literal, err := yaml.YAMLToJSON([]byte(text))
	if err != nil { // an odd but plain string, such as "a: b" folded over lines
		return String, text
	}
	literal = bytes.TrimSpace(literal)
	switch literal[0] {
	case '"', '{', '[':
		return String, text
	case 't', 'f':
		return Bool, string(literal)
	case 'n':
		return Null, string(literal)
	}
	if json.Valid([]byte(text)) { // keep all digits, which a float64 may lose
		return Number, text
	}
	return Number, string(literal)
}
