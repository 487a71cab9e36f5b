package secrets

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Sources are the sources of references. Sources that are nil are not allowed.
type Sources struct {
	Env    func(name string) (string, bool)
	File   func(path string) ([]byte, error) // relative paths include the payload's directory
	Stdin  func() ([]byte, error)
	Prompt func(text string) ([]byte, error)
}

// Resolve replaces the references in ops by their values. Its error is a source.Errors
// with all errors, which do not quote values. It reads standard input and prompts only if
// there are no other errors.
func Resolve(ops []Operation, from Sources) error {
	r := resolver{from: from}
	for _, kinds := range [][]string{{fromEnv, fromFile}, {fromStdin}, {fromPrompt}} {
		for _, op := range ops {
			r.fill(op, kinds)
		}
		if err := r.problems.Err(); err != nil {
			return err
		}
	}
	return nil
}

// resolver collects the errors of references.
type resolver struct {
	from     Sources
	problems source.Collector
}

// fill resolves the references of these kinds, in the order of the file.
func (r *resolver) fill(op Operation, kinds []string) {
	fields := slices.DeleteFunc(op.fields(), func(f field) bool {
		return f.value().from == nil || !slices.Contains(kinds, f.value().from.kind)
	})
	slices.SortStableFunc(fields, func(a, b field) int { return a.value().from.at.Pos.Compare(b.value().from.at.Pos) })
	total := 0
	for _, f := range fields {
		r.fillOne(f)
		if total += len(f.value().bytes()); total > corev1.MaxSecretSize {
			break // too large already
		}
	}
	if len(fields) > 0 && op.tooLarge() {
		r.problems.Add(&source.Error{File: op.Document, Pos: op.Pos, Pointer: op.Pointer + "/data", Message: tooLarge, Hint: splitHint})
	}
}

func (r *resolver) fillOne(f field) {
	from := f.value().from
	add := func(message, remedy string) {
		at := from.at
		at.Message, at.Hint = message, remedy
		r.problems.Add(&at)
	}
	value, err := r.read(from)
	switch {
	case err != nil:
		remedy := ""
		if hints := hint.Of(err); len(hints) > 0 {
			remedy = hints[0].String()
		}
		add(err.Error(), remedy)
		return
	case len(value) == 0:
		add("must not be empty", `use "" for an empty value`)
		return
	}
	f.in[f.key] = newValue(string(value))
	if f.op.Type == TypeContainerRegistry {
		if message, remedy := credentialProblem(f.key, f.in); message != "" {
			add(message, remedy)
		}
	}
}

// read reads one value. Its errors do not quote names and paths, because they may be
// misplaced tokens.
func (r *resolver) read(from *reference) ([]byte, error) {
	switch {
	case from.kind == fromEnv && r.from.Env != nil:
		value, found := r.from.Env(from.name)
		if !found {
			return nil, fmt.Errorf("%s is not set", variable(from.name))
		}
		return []byte(value), nil
	case from.kind == fromFile && r.from.File != nil:
		return r.file(from)
	case from.kind == fromStdin && r.from.Stdin != nil:
		return r.from.Stdin()
	case from.kind == fromPrompt && r.from.Prompt != nil:
		return r.from.Prompt(from.name)
	}
	return nil, hint.Text(fmt.Errorf("references to %s are not allowed here", from.kind), "use the value itself")
}

var variableName = regexp.MustCompile(`^[A-Z_][A-Z0-9_]*$`)

// variable returns the name of an environment variable if it is spelled like one.
func variable(name string) string {
	if variableName.MatchString(name) {
		return "environment variable " + name
	}
	return "the environment variable"
}

func (r *resolver) file(from *reference) ([]byte, error) {
	if strings.Contains(from.at.File, "://") {
		return nil, hint.Text(errors.New("files are not allowed in a payload from a URL"), "use env, or download the payload first")
	}
	path, start := from.name, filepath.Dir(from.at.File)
	if !filepath.IsAbs(path) && from.at.File != "-" {
		path = filepath.Join(start, path)
	}
	data, err := r.from.File(path)
	var wrong *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("file not found (relative paths start at %s)", start)
	case errors.As(err, &wrong):
		return nil, fmt.Errorf("cannot read file: %w", wrong.Err)
	}
	return bytes.Clone(data), err
}
