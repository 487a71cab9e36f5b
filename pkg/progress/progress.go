// Package progress shows how rollouts advance: as a tree that is redrawn on a
// terminal, as lines elsewhere, or as a stream of JSON events. A Printer takes the
// events of any number of releases and prints why a release failed. It only
// prints: pkg/rollout watches the cluster.
package progress

import (
	"fmt"
	"io"
	"sync"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/color"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Printer shows the progress of releases. Several goroutines may share it.
type Printer struct {
	mu      sync.Mutex // guards everything that is written
	streams genericiooptions.IOStreams
	view    view
}

// view is one way to show progress. Its methods are called by one goroutine at a
// time.
type view interface {
	change(release string, c rollout.Change)
	tree(release string, tree []rollout.Status)
	// ready or end is the last call for a watched release. startup is nil if the watch has
	// not seen the start.
	ready(release string, startup *rollout.Startup) error
	// end returns what the command still has to report when it ends.
	end(release string, failure *Failure) error
	// deployed is called once nothing is left to do for a release; e is nil if it has no
	// Service.
	deployed(release string, e *Endpoints) error
	// above calls write where its output does not disturb the view.
	above(write func())
	close()
}

// New returns a Printer for a format: "json", or "" for a tree on a terminal and
// lines elsewhere. Close it.
func New(streams genericiooptions.IOStreams, format string) *Printer {
	p := &Printer{streams: streams}
	switch screen := newScreen(streams.ErrOut); {
	case format == "json":
		p.view = &jsonView{out: streams.Out}
	case screen != nil:
		p.view = newTreeView(screen, streams, &p.mu)
	default:
		p.view = newLineView(streams, &p.mu)
	}
	return p
}

// Close leaves the terminal as it was.
func (p *Printer) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.view.close()
}

// Streams returns streams for everything else that is printed meanwhile. Writers
// must write whole lines.
func (p *Printer) Streams() genericiooptions.IOStreams {
	above := func(stream io.Writer) io.Writer { return color.Like(stream, writerAbove{p, stream}) }
	return genericiooptions.IOStreams{In: p.streams.In, Out: above(p.streams.Out), ErrOut: above(p.streams.ErrOut)}
}

type writerAbove struct {
	p *Printer
	io.Writer
}

func (w writerAbove) Write(text []byte) (n int, err error) {
	w.p.mu.Lock()
	defer w.p.mu.Unlock()
	w.p.view.above(func() { n, err = w.Writer.Write(text) })
	return n, err
}

// Observer returns an observer that shows the events of one release.
func (p *Printer) Observer(release string) rollout.Observer { return observer{p, release} }

type observer struct {
	p       *Printer
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

// Ready shows that a watched release is ready, and how long its start took. startup is nil
// if the watch has not seen it.
func (p *Printer) Ready(release string, startup *rollout.Startup) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.view.ready(release, startup)
}

// End shows why the watch of a release ended before it was ready. The error is what the
// command still has to report when it ends.
func (p *Printer) End(release string, failure *Failure) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.view.end(release, failure)
}

// Deployed shows that nothing is left to do for a release, and its endpoints, if any.
func (p *Printer) Deployed(release string, e *Endpoints) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.view.deployed(release, e)
}

// printDeployed prints the one line of a release on stdout, and its endpoints on stderr.
func printDeployed(streams genericiooptions.IOStreams, release string, e *Endpoints) error {
	_, err := fmt.Fprintln(streams.Out, source.Printable(release+" deployed"))
	PrintEndpoints(streams.ErrOut, "", e)
	return err
}

// printLine prints one line, in which foreign text cannot act on a terminal or
// start another line.
func printLine(w io.Writer, text string) { _, _ = fmt.Fprintln(w, source.Printable(text)) }
