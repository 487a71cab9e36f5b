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
// recipes are far below them.
const (
	MaxBytes  = 64 << 20
	MaxValues = 500_000 // about 100 MB

	maxDepth = 100
	maxPath  = 4096 // total bytes of the keys that lead to one value
)

// Parse decodes data, the contents of the file called name, as JSON or YAML. Data that
// starts with a brace or a bracket is JSON unless the name ends in .yaml or .yml. Every
// error is an Errors with a position.
func Parse(name string, data []byte) (*Document, error) {
	return ParseContext(context.Background(), name, data)
}

// ParseContext decodes data as Parse does. It returns the error of ctx once ctx is done.
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

// parser reads one document. Its methods return *Error and never an error of a library,
// because those may quote the text.
type parser struct {
	ctx    context.Context
	file   string
	data   []byte
	at     cursor
	values int // number of values read so far
	depth  int // nesting of the current value
	path   int // total bytes of the keys that lead to it
}

// check returns an error for data that is not UTF-8 text, and removes a byte order mark.
func (p *parser) check(data *[]byte) error {
	d := *data
	switch {
	case len(d) > MaxBytes:
		return Errors{p.errorf(Position{}, "must be at most %d MiB", MaxBytes>>20).Hinted("split the file")}
	case bytes.HasPrefix(d, []byte("\xff\xfe")), bytes.HasPrefix(d, []byte("\xfe\xff")):
		return Errors{p.errorf(Position{1, 1}, "must be UTF-8, got UTF-16").Hinted("save the file as UTF-8")}
	}
	d = bytes.TrimPrefix(d, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(d)) == 0 {
		return Errors{p.errorf(Position{}, "must be a JSON or YAML document, got an empty file")}
	}
	for i := 0; i < len(d); {
		r, size := utf8.DecodeRune(d[i:])
		if r == utf8.RuneError && size == 1 || r == 0 {
			p.data = d
			return Errors{p.errorf(p.at.move(d, i), "invalid UTF-8").Hinted("save the file as UTF-8")}
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
		return nil, p.errorf(p.at.move(p.data, bytes.IndexByte(p.data, first)), "invalid JSON: must start with { or [")
	}
	return p.parseYAML()
}

func (p *parser) errorf(pos Position, format string, args ...any) *Error {
	return &Error{File: p.file, Pos: pos, Message: fmt.Sprintf(format, args...)}
}

// duplicate returns the error for a key that occurs twice in one object. It quotes the key
// only if it reads as a name: in a payload it may be a misplaced value.
func (p *parser) duplicate(pos, first Position, key string) *Error {
	quoted := ""
	if IsName(key) {
		quoted = " " + strconv.Quote(key)
	}
	return p.errorf(pos, "duplicate key%s (first defined at %d:%d)", quoted, first.Line, first.Column).Hinted("remove one of them")
}

// count counts a value. It returns an error if there are too many, or if ctx is done.
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

// enter goes one level down, to the value of a key or to the items of an array. It
// returns an error if that is too deep.
func (p *parser) enter(pos Position, key string) *Error {
	p.depth++
	p.path += len(key)
	if p.depth > maxDepth || p.path > maxPath {
		return p.tooDeep(pos)
	}
	return nil
}

// leave goes back up from the value that enter was called for.
func (p *parser) leave(key string) {
	p.depth--
	p.path -= len(key)
}

func (p *parser) tooMany(pos Position) *Error {
	return p.errorf(pos, "must have at most %d values", MaxValues).Hinted("split the file")
}

func (p *parser) tooDeep(pos Position) *Error {
	return p.errorf(pos, "must be nested at most %d levels deep, with at most %d bytes of keys on each path", maxDepth, maxPath)
}

// cursor converts byte offsets to positions. Ascending offsets take one pass over the
// text.
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
