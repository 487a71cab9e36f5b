package blueprint

import (
	"context"
	"fmt"
	"slices"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// filesInMemory limits how many files Validate holds in memory.
const filesInMemory = 1024

// Validation lists the errors and warnings of files.
type Validation struct {
	Files            []string // names of all files that were checked
	Errors, Warnings source.Errors
}

// Validate checks recipes, all samples of catalogs, and secrets payloads. It
// returns an error if a file cannot be read at all.
func (b *Blueprint) Validate(ctx context.Context, o Options) (v Validation, err error) {
	if v.Files, err = input.Files(o.Files, o.Recursive); err != nil {
		return v, err
	}
	renderer, names := b.renderer(o), render.Names{}
	for chunk := range slices.Chunk(v.Files, filesInMemory) {
		files, err := readFiles(ctx, chunk, o.Stdin)
		if err != nil {
			return v, err
		}
		for _, f := range files {
			v.Warnings = append(v.Warnings, b.validate(f)...)
		}
		rendered := renderer.Check(setsOf(files))
		errs, warnings := collect(files, rendered)
		v.Errors = append(v.Errors, errs...)
		v.Warnings = append(v.Warnings, slices.Concat(warnings, names.Clashes(rendered))...)
	}
	return v, nil
}

// validate sets the recipes and errors of a file. It returns the warnings of a
// payload.
func (b *Blueprint) validate(f *file) source.Errors {
	switch {
	case f.doc == nil:
	case secrets.IsPayload(f.doc.Root):
		return validatePayload(f)
	default:
		if err := notRecipe(f.doc); err != nil {
			f.errors = source.Errors{err}
			return nil
		}
		f.sets, f.errors = b.reader.Load(f.doc)
	}
	return nil
}

func validatePayload(f *file) source.Errors {
	operations, err := secrets.Parse(f.doc)
	if err != nil {
		f.errors = source.AsErrors(err)
		return nil
	}
	var warnings source.Errors
	for _, w := range secrets.Lint(f.doc, operations) {
		warnings = append(warnings, w.WithRule(w.Rule))
	}
	return warnings
}

// Invalid returns the number of files with errors.
func (v Validation) Invalid() int { return filesOf(v.Errors) }

// Summary counts files and warnings in one line.
func (v Validation) Summary() string {
	text := fmt.Sprintf("%s: %d valid", source.Count(len(v.Files), "file"), len(v.Files)-v.Invalid())
	if v.Invalid() > 0 {
		text += fmt.Sprintf(", %d with errors", v.Invalid())
	}
	if len(v.Warnings) > 0 {
		text += fmt.Sprintf("; %s in %s", source.Count(len(v.Warnings), "warning"), source.Count(filesOf(v.Warnings), "file"))
	}
	return text
}

// filesOf returns the number of files that have errors.
func filesOf(errs source.Errors) int {
	files := map[string]bool{}
	for _, e := range errs {
		files[e.File] = true
	}
	return len(files)
}
