package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// emptyPlan returns a plan without releases for the chart, the server and the
// namespace of this run.
func emptyPlan(getter genericclioptions.RESTClientGetter, b *blueprint.Blueprint) (diff.Plan, error) {
	config, err := getter.ToRESTConfig()
	if err != nil {
		return diff.Plan{}, err
	}
	namespace, err := kube.Namespace(getter)
	if err != nil {
		return diff.Plan{}, err
	}
	return diff.Plan{Chart: b.Chart.Digest(), Server: config.Host, Namespace: namespace, Plugin: pluginVersion()}, nil
}

// writePlan writes a plan that only the user can read: it has the recipes. It does
// not overwrite other files.
func writePlan(ctx context.Context, file string, plan *diff.Plan) error {
	text, err := plan.Encode()
	if err != nil {
		return err
	}
	if err = checkOverwrite(ctx, file); err == nil {
		err = replaceFile(file, text)
	}
	if err != nil {
		return fmt.Errorf("--save-plan: %w", err)
	}
	return nil
}

// checkOverwrite returns an error for a file that is not a plan. Pipes and devices are
// not read, as they may have no end.
func checkOverwrite(ctx context.Context, name string) error {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file", name)
	}
	old, err := input.ReadFile(ctx, name, source.MaxBytes)
	if err == nil && !diff.IsPlan(old) {
		return fmt.Errorf("refusing to overwrite %s: not a plan", name)
	}
	return err
}

// replaceFile writes a file that only the user can read, completely or not at all.
func replaceFile(name string, text []byte) error {
	file, err := os.CreateTemp(filepath.Dir(name), ".kubectl-blueprint-*")
	if err != nil {
		return &fs.PathError{Op: "cannot write", Path: name, Err: errors.Unwrap(err)} // not the temporary name
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}
