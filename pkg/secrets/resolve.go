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

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Sources is where values by reference come from. A place that is nil is one
// that values can't come from.
type Sources struct {
	Env    func(name string) (string, bool)
	File   func(path string) ([]byte, error) // a relative path begins at the payload's directory already
	Stdin  func() ([]byte, error)
	Prompt func(text string) ([]byte, error)
}

// Resolve fills in the values that ops have by reference. Its error is a
// source.Errors with everything that is wrong and quotes no value. Nobody is
// prompted, and standard input isn't read, before all else is found good.
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

// resolver collects the faults of the references of one payload.
type resolver struct {
	from     Sources
	problems source.Collector
}

// fill fills in the references of these kinds, in the order of the file.
func (r *resolver) fill(op Operation, kinds []string) {
	fields := slices.DeleteFunc(op.fields(), func(f field) bool {
		return f.value().from == nil || !slices.Contains(kinds, f.value().from.kind)
	})
	slices.SortStableFunc(fields, func(a, b field) int { return a.value().from.at.Pos.Compare(b.value().from.at.Pos) })
	total := 0
	for _, f := range fields {
		r.fillOne(f)
		if total += len(f.value().bytes()); total > corev1.MaxSecretSize {
			break // the rest would only take memory
		}
	}
	if len(fields) > 0 && op.tooLarge() {
		r.problems.Add(&source.Error{File: op.Document, Pos: op.Pos, Pointer: op.Pointer + "/data", Message: tooLarge})
	}
}

func (r *resolver) fillOne(f field) {
	from := f.value().from
	problem := func(format string, args ...any) {
		at := from.at
		at.Message = fmt.Sprintf(format, args...)
		r.problems.Add(&at)
	}
	value, err := r.read(from)
	switch {
	case err != nil:
		problem("%v", err)
		return
	case len(value) == 0:
		problem(`is empty: write "" for an empty value`)
		return
	}
	f.in[f.key] = newValue(string(value))
	if f.op.Type == TypeContainerRegistry {
		if wrong := credentialProblem(f.key, f.in); wrong != "" {
			problem("%s", wrong)
		}
	}
}

// read reads one value. Its errors quote neither names nor paths that may be a
// token in the wrong place.
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
	return nil, fmt.Errorf("values can't come from %s here: give the value itself", from.kind)
}

var variableName = regexp.MustCompile(`^[A-Z_][A-Z0-9_]*$`)

// variable names an environment variable that is spelled like one.
func variable(name string) string {
	if variableName.MatchString(name) {
		return "environment variable " + name
	}
	return "this environment variable"
}

func (r *resolver) file(from *reference) ([]byte, error) {
	if strings.Contains(from.at.File, "://") {
		return nil, errors.New("a payload from a URL can't name files of this machine: use env, or download the payload first")
	}
	path, start := from.name, filepath.Dir(from.at.File)
	if !filepath.IsAbs(path) && from.at.File != "-" {
		path = filepath.Join(start, path)
	}
	data, err := r.from.File(path)
	var wrong *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no such file (relative paths begin at %s)", start)
	case errors.As(err, &wrong):
		return nil, fmt.Errorf("can't be read: %w", wrong.Err)
	}
	return bytes.Clone(data), err
}
