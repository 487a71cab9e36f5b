package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// parseJSON returns the tree of a JSON document. It checks the syntax with encoding/json
// first, so that reading the tokens afterwards cannot fail.
func (p *parser) parseJSON() (*Node, *Error) {
	if !json.Valid(p.data) {
		return nil, p.syntaxError(json.Unmarshal(p.data, new(json.RawMessage)))
	}
	dec := json.NewDecoder(bytes.NewReader(p.data))
	dec.UseNumber()
	return p.jsonValue(dec)
}

// syntaxError returns an error with the position of err, an error of encoding/json,
// without its text, which quotes the input.
func (p *parser) syntaxError(err error) *Error {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return p.errorf(Position{}, "invalid JSON")
	}
	if syntax.Error() == "unexpected end of JSON input" {
		return p.errorf(p.at.move(p.data, len(p.data)), "invalid JSON: unexpected end of file")
	}
	offset := max(int(syntax.Offset)-1, 0)
	if strings.HasSuffix(syntax.Error(), "exceeded max depth") {
		return p.tooDeep(p.at.move(p.data, offset))
	}
	switch before := bytes.TrimRight(p.data[:offset], " \t\r\n"); {
	case bytes.HasSuffix(before, []byte(",")) && (p.data[offset] == '}' || p.data[offset] == ']'):
		return p.errorf(p.at.move(p.data, len(before)-1), "invalid JSON: trailing comma").Hinted("remove the comma before the closing bracket")
	case p.data[offset] == '\'':
		return p.errorf(p.at.move(p.data, offset), "invalid JSON: strings must be in double quotes")
	case p.data[offset] == '/' || p.data[offset] == '#':
		return p.errorf(p.at.move(p.data, offset), "invalid JSON: comments are not allowed").Hinted("remove the comment, or use YAML")
	}
	return p.errorf(p.at.move(p.data, offset), "invalid JSON: missing or misplaced quote, comma, colon or bracket")
}

func (p *parser) jsonValue(dec *json.Decoder) (*Node, *Error) {
	offset := p.skip(int(dec.InputOffset()))
	n := &Node{Pos: p.at.move(p.data, offset)}
	if problem := p.count(n.Pos); problem != nil {
		return nil, problem
	}
	token, err := dec.Token()
	if err != nil {
		return nil, p.errorf(n.Pos, "invalid JSON")
	}
	switch v := token.(type) {
	case json.Delim:
		if v == '{' {
			n.Kind = Object
			return n, p.jsonMembers(dec, n)
		}
		n.Kind = Array
		return n, p.jsonItems(dec, n)
	case string:
		n.Kind, n.text = String, v
		return n, p.surrogates(n.Pos, p.data[offset:dec.InputOffset()])
	case json.Number:
		n.Kind, n.text = Number, v.String()
	case bool:
		n.Kind, n.text = Bool, strconv.FormatBool(v)
	default:
		n.Kind, n.text = Null, "null"
	}
	return n, nil
}

func (p *parser) jsonMembers(dec *json.Decoder, n *Node) *Error {
	for dec.More() {
		key, problem := p.jsonKey(dec)
		if problem != nil {
			return problem
		}
		if first := n.member(key.Key); first != nil {
			return p.duplicate(key.KeyPos, first.KeyPos, key.Key)
		}
		if problem = p.enter(key.KeyPos, key.Key); problem != nil {
			return problem
		}
		if key.Value, problem = p.jsonValue(dec); problem != nil {
			return problem
		}
		p.leave(key.Key)
		n.add(key)
	}
	_, _ = dec.Token() // the closing brace
	return nil
}

// jsonKey reads the key of a member.
func (p *parser) jsonKey(dec *json.Decoder) (Member, *Error) {
	offset := p.skip(int(dec.InputOffset()))
	m := Member{KeyPos: p.at.move(p.data, offset)}
	token, err := dec.Token()
	key, isText := token.(string)
	if err != nil || !isText {
		return m, p.errorf(m.KeyPos, "invalid JSON")
	}
	m.Key = key
	return m, p.surrogates(m.KeyPos, p.data[offset:dec.InputOffset()])
}

func (p *parser) jsonItems(dec *json.Decoder, n *Node) *Error {
	if problem := p.enter(n.Pos, ""); problem != nil {
		return problem
	}
	for dec.More() {
		item, problem := p.jsonValue(dec)
		if problem != nil {
			return problem
		}
		n.Items = append(n.Items, item)
	}
	p.leave("")
	_, _ = dec.Token() // the closing bracket
	return nil
}

// surrogates returns an error for a quoted JSON string that is not valid Unicode.
func (p *parser) surrogates(pos Position, quoted []byte) *Error {
	if loneSurrogate(quoted) {
		return p.errorf(pos, `invalid JSON: unpaired \u surrogate in a string`)
	}
	return nil
}

// skip returns the offset of the next token after offset, the end of a token.
func (p *parser) skip(offset int) int {
	for offset < len(p.data) && bytes.IndexByte([]byte(" \t\r\n,:"), p.data[offset]) >= 0 {
		offset++
	}
	return offset
}

// loneSurrogate reports whether a quoted JSON string has a \u escape of half a
// surrogate pair, which encoding/json would replace silently.
func loneSurrogate(quoted []byte) bool {
	high := false
	for i := 0; i < len(quoted); i++ {
		var code uint64
		escape := quoted[i] == '\\' && i+1 < len(quoted)
		if escape && quoted[i+1] == 'u' && i+6 <= len(quoted) {
			code, _ = strconv.ParseUint(string(quoted[i+2:i+6]), 16, 32)
			i += 4
		}
		if escape {
			i++
		}
		low := code >= 0xDC00 && code <= 0xDFFF
		if high != low {
			return true
		}
		high = code >= 0xD800 && code <= 0xDBFF
	}
	return false
}
