package blueprint

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"golang.org/x/sync/errgroup"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// file is one file that was read. If it could not be parsed, doc is nil and errors
// contains the reasons.
type file struct {
	doc    *source.Document
	sets   []*recipe.Set
	errors source.Errors
}

// manyFiles is the number of files above which a smaller heap matters more than speed:
// collecting garbage twice as often is a tenth slower and saves a fifth of the memory.
const manyFiles = 64

// readFiles reads and parses files on all processors. It returns an error for a
// file that cannot be read at all.
func readFiles(ctx context.Context, names []string, stdin io.Reader) ([]*file, error) {
	if len(names) > manyFiles && os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
	files := make([]*file, len(names))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, name := range names {
		group.Go(func() error {
			if input.IsURL(name) {
				return hint.Text(errors.New("recipes cannot be read from a URL"), "use a pipe: curl -fsSL URL | kubectl blueprint deploy -")
			}
			_, data, err := input.Read(ctx, name, stdin)
			if err != nil {
				return err
			}
			files[i] = &file{}
			if files[i].doc, err = source.Parse(name, data); err != nil {
				files[i].errors = source.AsErrors(err)
			}
			return nil
		})
	}
	return files, group.Wait()
}

// notRecipe returns an error for a file of another kind, with the command that takes
// it, or nil.
func notRecipe(doc *source.Document) *source.Error {
	version, kind := doc.Root.Member("apiVersion"), doc.Root.Member("kind")
	switch {
	case secrets.IsPayload(doc.Root):
		return doc.ErrorAt("", "must be a recipe, got a secrets payload").Hinted("apply it: %s", hint.Blueprint("secrets", "apply", hint.File(doc.Name)))
	case version == nil || kind == nil:
		return nil
	case diff.IsPlanKind(version.Text(), kind.Text()):
		return doc.ErrorAt("", "must be a recipe, got a plan").Hinted("deploy it: %s", hint.Blueprint("deploy", "--plan", doc.Name))
	}
	return doc.ErrorAt("", "must be a recipe, got a Kubernetes manifest").Hinted("apply it: %s", hint.Kubectl("apply", "-f", doc.Name))
}

func setsOf(files []*file) []*recipe.Set {
	var all []*recipe.Set
	for _, f := range files {
		all = append(all, f.sets...)
	}
	return all
}

// collect returns the errors and warnings of files and of the recipes in them.
func collect(files []*file, rendered []*render.Rendered) (errs, warnings source.Errors) {
	for _, f := range files {
		errs = append(errs, f.errors...)
	}
	for _, r := range rendered {
		errs, warnings = append(errs, r.Errors...), append(warnings, r.Warnings...)
	}
	return errs, warnings
}
