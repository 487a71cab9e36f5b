package source

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Kind is the JSON type of a node.
type Kind int

// The JSON types.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// String returns the name of the kind in JSON Schema.
func (k Kind) String() string {
	return [...]string{"null", "boolean", "number", "string", "array", "object"}[k]
}

// Position is a position in a file. Line and Column count from 1, columns in characters.
// The zero Position is unknown.
type Position struct{ Line, Column int }

// Compare returns a negative number if p is before q, and a positive one if it is after.
func (p Position) Compare(q Position) int {
	return cmp.Or(cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column))
}

// Document is one decoded file.
type Document struct {
	Name string // as given by the user; "-" for standard input
	Root *Node
}

// Node is a value in a document.
type Node struct {
	Kind    Kind
	Pos     Position
	Members []Member // of an Object, in the order of the file
	Items   []*Node  // of an Array

	text  string         // the text of a String; the literal of a Number, Bool or Null
	index map[string]int // index in Members by key, if there are many

	respelled bool // a Number that is spelled differently in the file, such as 0x10
}

// Member is a key of an object and its value.
type Member struct {
	Key    string
	KeyPos Position
	Value  *Node
}

// Format prints kind and position for every verb, because the text may be a secret.
func (n *Node) Format(s fmt.State, _ rune) {
	_, _ = fmt.Fprintf(s, "%s at %d:%d", n.Kind, n.Pos.Line, n.Pos.Column)
}

// Text returns the text of a String and the literal of a Number, Bool or Null;
// it is empty for the other kinds.
func (n *Node) Text() string { return n.text }

// Respelled reports whether n is a Number that is not spelled as a decimal integer, such
// as 1.0, 1e3, 0x10 or 010, so that its spelling is lost when it becomes one.
func (n *Node) Respelled() bool {
	if n.Kind != Number {
		return false
	}
	i, err := strconv.ParseInt(n.text, 10, 64)
	return n.respelled || err != nil || strconv.FormatInt(i, 10) != n.text
}

// Member returns the value of key, or nil if n is not an object or lacks the key.
func (n *Node) Member(key string) *Node {
	if m := n.member(key); m != nil {
		return m.Value
	}
	return nil
}

// member returns the member with key, or nil, in constant time.
func (n *Node) member(key string) *Member {
	if n.index != nil {
		if i, found := n.index[key]; found {
			return &n.Members[i]
		}
		return nil
	}
	for i := range n.Members {
		if n.Members[i].Key == key {
			return &n.Members[i]
		}
	}
	return nil
}

// indexedFrom is the number of members from which a map is faster than a linear search.
const indexedFrom = 16

// add appends a member.
func (n *Node) add(m Member) {
	n.Members = append(n.Members, m)
	switch {
	case n.index != nil:
		n.index[m.Key] = len(n.Members) - 1
	case len(n.Members) >= indexedFrom:
		n.index = make(map[string]int, 2*indexedFrom)
		for i := range n.Members {
			n.index[n.Members[i].Key] = i
		}
	}
}

// Find returns the value at a JSON Pointer (RFC 6901), or nil.
func (n *Node) Find(pointer string) *Node {
	if pointer == "" {
		return n
	}
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if n = n.step(token); n == nil {
			return nil
		}
	}
	return n
}

// nearest returns the value at a JSON Pointer, or its nearest ancestor that exists.
func (n *Node) nearest(pointer string) *Node {
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		next := n.step(token)
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

// step returns the child of n at one escaped token of a JSON Pointer, or nil.
func (n *Node) step(token string) *Node {
	token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
	if n.Kind != Array {
		return n.Member(token)
	}
	i, err := strconv.Atoi(token)
	if err != nil || i < 0 || i >= len(n.Items) {
		return nil
	}
	return n.Items[i]
}

// Pointer joins tokens into a JSON Pointer.
func Pointer(tokens ...string) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteByte('/')
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(t, "~", "~0"), "/", "~1"))
	}
	return b.String()
}

// MarshalJSON returns the node as compact JSON. Numbers keep all digits.
func (n *Node) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	n.writeJSON(&b)
	return b.Bytes(), nil
}

func (n *Node) writeJSON(b *bytes.Buffer) {
	switch n.Kind {
	case Object:
		b.WriteByte('{')
		for i, m := range n.Members {
			if i > 0 {
				b.WriteByte(',')
			}
			writeString(b, m.Key)
			b.WriteByte(':')
			m.Value.writeJSON(b)
		}
		b.WriteByte('}')
	case Array:
		b.WriteByte('[')
		for i, item := range n.Items {
			if i > 0 {
				b.WriteByte(',')
			}
			item.writeJSON(b)
		}
		b.WriteByte(']')
	case String:
		writeString(b, n.text)
	default:
		_, _ = io.WriteString(b, n.text)
	}
}

func writeString(b *bytes.Buffer, s string) {
	quoted, _ := json.Marshal(s) // a string always marshals
	b.Write(quoted)
}
