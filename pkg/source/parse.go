package source

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The bounds of a document. A payload of 10,000 secrets and a group of 1,000
// recipes stay far below them.
const (
	MaxBytes  = 64 << 20
	MaxValues = 500_000 // which take some 100 MB

	maxDepth = 100
	maxPath  = 4096 // bytes of the keys that lead to one value
)

// Parse decodes data, the contents of the file called name, as JSON or YAML.
// What begins with a brace or a bracket is JSON unless the name ends in .yaml
// or .yml. Every error is an Errors with a position.
func Parse(name string, data []byte) (*Document, error) {
	return ParseContext(context.Background(), name, data)
}

// ParseContext returns what Parse does, or the error of ctx once ctx is done.
func ParseContext(ctx context.Context, name string, data []byte) (*Document, error) {
	p := &parser{ctx: ctx, file: name}
	if err := p.check(&data); err != nil {
		return nil, err
	}
	p.data = data
	root, err := p.parse()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, Errors{err}
	}
	return &Document{Name: name, Root: root}, nil
}

// parser holds one document while it is read. Its methods return *Error, never
// an error of a library, because those may quote the text.
type parser struct {
	ctx    context.Context
	file   string
	data   []byte
	at     cursor
	values int // read so far
	depth  int // of the value that is being read
	path   int // bytes of the keys that lead to it
}

// check refuses what is no text, and drops a byte order mark.
func (p *parser) check(data *[]byte) error {
	d := *data
	switch {
	case len(d) > MaxBytes:
		return Errors{p.errorf(Position{}, "larger than %d MiB: split it", MaxBytes>>20)}
	case bytes.HasPrefix(d, []byte("\xff\xfe")), bytes.HasPrefix(d, []byte("\xfe\xff")):
		return Errors{p.errorf(Position{1, 1}, "is UTF-16: save it as UTF-8")}
	}
	d = bytes.TrimPrefix(d, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(d)) == 0 {
		return Errors{p.errorf(Position{}, "is empty: want a JSON or YAML document")}
	}
	for i := 0; i < len(d); {
		r, size := utf8.DecodeRune(d[i:])
		if r == utf8.RuneError && size == 1 || r == 0 {
			p.data = d
			return Errors{p.errorf(p.at.move(d, i), "is not UTF-8 text")}
		}
		i += size
	}
	*data = d
	return nil
}

func (p *parser) parse() (*Node, *Error) {
	first := bytes.TrimSpace(p.data)[0]
	ext := strings.ToLower(filepath.Ext(p.file))
	if (first == '{' || first == '[') && ext != ".yaml" && ext != ".yml" {
		return p.parseJSON()
	}
	if ext == ".json" {
		return nil, p.errorf(p.at.move(p.data, bytes.IndexByte(p.data, first)), "is not JSON: want it to begin with { or [")
	}
	return p.parseYAML()
}

func (p *parser) errorf(pos Position, format string, args ...any) *Error {
	return &Error{File: p.file, Pos: pos, Message: fmt.Sprintf(format, args...)}
}

// duplicate returns the error for a key that occurs twice in one object. It quotes the key
// only if it looks like a name: in a payload it may be a misplaced value.
func (p *parser) duplicate(pos, first Position, key string) *Error {
	quoted := ""
	if IsName(key) {
		quoted = " " + strconv.Quote(key)
	}
	return p.errorf(pos, "duplicate key%s (first defined at %d:%d)", quoted, first.Line, first.Column).Hinted("remove one of them")
}

// count counts one more value, and refuses one too many.
func (p *parser) count(pos Position) *Error {
	p.values++
	const often = 1024
	switch {
	case p.values > MaxValues:
		return p.tooMany(pos)
	case p.values%often == 0 && p.ctx.Err() != nil:
		return p.errorf(pos, "%v", p.ctx.Err()) // ParseContext returns the error itself
	}
	return nil
}

// enter goes one level down, to the value under a key or to the items of an
// array.
func (p *parser) enter(pos Position, key string) *Error {
	p.depth++
	p.path += len(key)
	if p.depth > maxDepth || p.path > maxPath {
		return p.tooDeep(pos)
	}
	return nil
}

func (p *parser) leave(key string) {
	p.depth--
	p.path -= len(key)
}

func (p *parser) tooMany(pos Position) *Error {
	return p.errorf(pos, "has more than %d values", MaxValues).Hinted("split the file")
}

func (p *parser) tooDeep(pos Position) *Error {
	return p.errorf(pos, "is nested more than %d levels deep, or its keys are longer than %d bytes", maxDepth, maxPath)
}

// cursor turns byte offsets, asked for in ascending order, into positions in
// one pass over the text.
type cursor struct {
	offset int
	pos    Position
}

func (c *cursor) move(data []byte, offset int) Position {
	if c.pos.Line == 0 || offset < c.offset {
		*c = cursor{pos: Position{1, 1}}
	}
	for c.offset < offset && c.offset < len(data) {
		r, size := utf8.DecodeRune(data[c.offset:])
		c.offset += size
		c.pos.Column++
		if r == '\n' {
			c.pos = Position{c.pos.Line + 1, 1}
		}
	}
	return c.pos
}
