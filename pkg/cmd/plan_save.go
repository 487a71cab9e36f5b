package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// savePlan keeps what diff showed in a file for nobody but the user: it holds
// the recipes. A file that is no plan is not written over.
func (o *diffOptions) savePlan(ctx context.Context, b *blueprint, levels [][]*workload) error {
	plan, err := o.newPlan(b, levels)
	if err != nil {
		return err
	}
	text, err := plan.Encode()
	if err != nil {
		return err
	}
	if err := replaceable(ctx, o.planFile); err != nil {
		return fmt.Errorf("--save-plan: %w", err)
	}
	if err := replaceFile(o.planFile, text); err != nil {
		return fmt.Errorf("--save-plan: %w", err)
	}
	o.say("saved; to deploy just this: %s", hint.Blueprint("deploy").With(kube.Flags(o.getter)...).With("-n", plan.Namespace, "--plan", o.planFile))
	return nil
}

// replaceable refuses to write over a file that is not a plan. Pipes and devices
// are not read, as they may have no end.
func replaceable(ctx context.Context, name string) error {
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
		return fmt.Errorf("%s is there and is no plan: name another file", name)
	}
	return err
}

func (o *diffOptions) newPlan(b *blueprint, levels [][]*workload) (*diff.Plan, error) {
	plan, err := o.emptyPlan(b)
	if err != nil {
		return nil, err
	}
	for _, level := range levels {
		var releases []diff.Planned
		for _, w := range level {
			objects, err := w.review(false).Objects()
			if err != nil {
				return nil, err
			}
			releases = append(releases, diff.Planned{
				Release: w.name(), Revision: w.revision(), File: w.file, Group: w.group, Needed: w.needed, Values: w.values, Objects: objects,
			})
		}
		plan.Levels = append(plan.Levels, releases)
	}
	return plan, nil
}

// emptyPlan is of the chart, the server and the namespace at hand.
func (o *reviewOptions) emptyPlan(b *blueprint) (*diff.Plan, error) {
	config, err := o.getter.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	namespace, err := kube.Namespace(o.getter)
	if err != nil {
		return nil, err
	}
	plan := &diff.Plan{Chart: b.chart.Digest(), Server: config.Host, Namespace: namespace}
	if info, ok := debug.ReadBuildInfo(); ok {
		plan.Plugin = pluginVersion(info)
	}
	return plan, nil
}

// replaceFile writes a file for nobody but the user, wholly or not at all.
func replaceFile(name string, text []byte) error {
	file, err := os.CreateTemp(filepath.Dir(name), ".kubectl-blueprint-*")
	if err != nil {
		return &fs.PathError{Op: "open", Path: name, Err: errors.Unwrap(err)} // not the name that nobody has heard of
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

// revision is the one that is there of the workload's release, 0 for none.
func (w *workload) revision() int {
	if w.existing == nil {
		return 0
	}
	return w.existing.Revision
}
