package cmd

import (
	"context"
	"errors"
	"io"
	"sync"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// progress shows how any number of releases come along: as a tree that is drawn
// anew on a terminal, as lines elsewhere, or as a stream of JSON objects. It may
// be used by several goroutines at once.
type progress struct {
	cluster *cluster
	watcher *rollout.Watcher
	budgets rollout.Budgets

	mu      sync.Mutex // of all that is written
	streams genericiooptions.IOStreams
	view    progressView
}

// progressView is one way to show progress. Its methods are called by one
// goroutine at a time.
type progressView interface {
	change(release string, c rollout.Change)
	tree(release string, tree []rollout.Status)
	// end is the last of a release; failure is nil where all is ready. The error
	// is what is left to be said of it when the command ends.
	end(release string, failure *failure) error
	// deployed is said of a release when nothing is left to be done.
	deployed(release string) error
	// above writes where what is shown does not get in the way.
	above(write func())
	close()
}

// failure is why a release does not work, and the line of the recipe where to
// mend it.
type failure struct {
	*rollout.Failure
	Line string `json:"recipe,omitempty"`
	Key  string `json:"key,omitempty"` // that stands there, or that the recipe lacks
}

// failure is that of a workload, with what is known of its file.
func (w *workload) failure(f *rollout.Failure) *failure {
	line, key := w.blamed(f.Advice)
	return &failure{Failure: f, Line: line, Key: key}
}

// toldError is a failure that was told already, where and why: what is left is
// of which release.
type toldError struct {
	release string
	*rollout.Failure
}

func (e toldError) Error() string {
	if e.Final() {
		return e.release + " does not work"
	}
	return e.release + " is not ready: " + e.Cause
}

// Lines hides those of the failure, which were printed already.
func (e toldError) Lines() []string { return []string{e.Error()} }

func (e toldError) Unwrap() error { return e.Failure }

// newProgress returns the progress that -o asks for, "" or "json". Close it.
func newProgress(c *cluster, streams genericiooptions.IOStreams, format string) *progress {
	p := &progress{cluster: c, watcher: c.watcher(), budgets: rollout.DefaultBudgets(), streams: streams}
	switch screen := newScreen(streams.ErrOut); {
	case format == "json":
		p.view = &jsonView{out: streams.Out, errOut: streams.ErrOut}
	case screen != nil:
		p.view = newTreeView(screen, streams, &p.mu)
	default:
		p.view = &lineView{out: streams.Out, errOut: streams.ErrOut, said: map[string]bool{}}
	}
	return p
}

// close ends what watches, and leaves the terminal as it is.
func (p *progress) close() {
	p.watcher.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.view.close()
}

// writers are the streams for all else that is to be said meanwhile.
func (p *progress) writers() genericiooptions.IOStreams {
	return genericiooptions.IOStreams{In: p.streams.In, Out: aboveWriter{p, p.streams.Out}, ErrOut: aboveWriter{p, p.streams.ErrOut}}
}

type aboveWriter struct {
	p *progress
	io.Writer
}

// Write writes whole lines.
func (a aboveWriter) Write(text []byte) (n int, err error) {
	a.p.mu.Lock()
	defer a.p.mu.Unlock()
	a.p.view.above(func() { n, err = a.Writer.Write(text) })
	return n, err
}

// watch follows a workload's release until it works. What it fails of is shown
// before it returns.
func (p *progress) watch(ctx context.Context, w *workload) error {
	err := p.watcher.Watch(ctx, target(w), p.budgets, observer{p, w.name()})
	var failed *rollout.Failure
	if errors.As(err, &failed) {
		p.cluster.hideValues(ctx, failed)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case err == nil:
		return p.view.end(w.name(), nil)
	case failed != nil:
		return p.view.end(w.name(), w.failure(failed))
	}
	return err
}

// deployed says that all is done with a release.
func (p *progress) deployed(release string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.view.deployed(release)
}

// watcher watches the releases of the cluster's namespace. Close it.
func (c *cluster) watcher() *rollout.Watcher {
	clients := rollout.Clients{Dynamic: c.dynamic, Mapper: c.mapper, Pods: c.core, Flags: c.flags}
	return rollout.NewWatcher(clients, c.namespace, render.InstanceLabel)
}

func target(w *workload) rollout.Target {
	return rollout.Target{Name: w.name(), Objects: w.objects, Ended: w.needed, File: w.path()}
}

// observer passes on what the watch of one release tells.
type observer struct {
	p       *progress
	release string
}

func (o observer) Change(c rollout.Change) {
	o.p.mu.Lock()
	defer o.p.mu.Unlock()
	o.p.view.change(o.release, c)
}

func (o observer) Tree(tree []rollout.Status) {
	o.p.mu.Lock()
	defer o.p.mu.Unlock()
	o.p.view.tree(o.release, tree)
}

// sayDeployed is the one line of a release on stdout.
func sayDeployed(out io.Writer, release string) error {
	return printLine(out, "%s deployed", release)
}
