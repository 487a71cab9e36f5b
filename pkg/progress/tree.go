package progress

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-runewidth"
	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/color"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/startup"
)

// redrawEvery is how often the tree is redrawn to update its times.
const redrawEvery = time.Second

// treeView draws the trees of all releases at the bottom of a terminal.
type treeView struct {
	screen  *screen
	streams genericiooptions.IOStreams
	trees   map[string][]rollout.Status
	since   map[string]time.Time // by release and line: when it last changed, or its phase began
	phases  map[string]startup.Phase
	stop    chan struct{}
}

// newTreeView returns a view that is redrawn while mu is held.
func newTreeView(s *screen, streams genericiooptions.IOStreams, mu *sync.Mutex) *treeView {
	v := &treeView{screen: s, streams: streams, trees: map[string][]rollout.Status{}, since: map[string]time.Time{}, phases: map[string]startup.Phase{}, stop: make(chan struct{})}
	go repeat(redrawEvery, mu, v.stop, v.draw)
	return v
}

func (v *treeView) change(release string, c rollout.Change) {
	if c.Note != "" {
		v.above(func() { printLine(v.streams.ErrOut, c.Note) })
		return
	}
	line := key(release, c.Status)
	if c.Phase == "" || c.Phase != v.phases[line] {
		v.since[line] = c.Time
	}
	v.phases[line] = c.Phase
}

func key(release string, s rollout.Status) string {
	return release + " " + s.Object + " " + s.Container
}

func (v *treeView) tree(release string, tree []rollout.Status) {
	v.trees[release] = tree
	v.draw()
}

func (v *treeView) ready(release string, startup *rollout.Startup) error {
	v.leave(release, func() { printStartup(v.streams.ErrOut, release, startup) })
	return nil
}

func (v *treeView) end(release string, f *Failure) error {
	v.leave(release, func() { PrintFailure(v.streams.ErrOut, release, f) })
	return reportedError{release, f.Failure}
}

// leave prints the last state of a release, and what write prints, above the trees of the
// others.
func (v *treeView) leave(release string, write func()) {
	lines := v.lines(release)
	delete(v.trees, release)
	v.above(func() {
		for _, line := range lines {
			_, _ = fmt.Fprintln(v.streams.ErrOut, line)
		}
		write()
	})
}

func (v *treeView) deployed(release string, e *Endpoints) (err error) {
	v.above(func() { err = printDeployed(v.streams, release, e) })
	return err
}

func (v *treeView) above(write func()) {
	v.screen.clear()
	write()
	v.draw()
}

func (v *treeView) close() {
	v.screen.close()
	close(v.stop)
}

func (v *treeView) draw() {
	var lines []string
	for _, release := range slices.Sorted(maps.Keys(v.trees)) {
		lines = append(lines, v.lines(release)...)
	}
	v.screen.draw(lines)
}

// lines returns the lines of one release, without the containers of healthy pods.
func (v *treeView) lines(release string) []string {
	var lines []string
	quiet := ""
	for _, s := range v.trees[release] {
		if s.Container != "" && s.Object == quiet {
			continue
		}
		if s.State == rollout.Ready || s.State == rollout.Completed {
			quiet = s.Object
		}
		lines = append(lines, v.line(s, v.since[key(release, s)]))
	}
	return lines
}

// line returns a line like "  ! pod/x  Reason: message  12s" that fits the screen. The
// name is shortened if it would leave less than half of the line to the message.
func (v *treeView) line(s rollout.Status, since time.Time) string {
	name := source.Printable(s.Object)
	if s.Container != "" {
		name = source.Printable(s.Container)
	}
	mark := marks[s.State]
	head := strings.Repeat("  ", s.Depth) + mark.sign + " "
	tail := ""
	if !since.IsZero() && s.State != rollout.Ready && s.State != rollout.Completed {
		tail = "  " + duration.HumanDuration(time.Since(since))
		if s.Limit > 0 {
			tail = "  " + limited(time.Since(since), s.Limit)
		}
	}
	text := source.Printable(s.Text())
	room := v.screen.width() - runewidth.StringWidth(head) - len("  ") - len(tail)
	name = elide(name, max(room/2, room-runewidth.StringWidth(text)))
	text = elide(text, room-runewidth.StringWidth(name))
	return color.Text(v.screen.stream, mark.color, head+name+"  "+text) + tail
}

// marks holds the sign and the color of each state.
var marks = map[rollout.State]struct {
	sign  string
	color color.Code
}{
	rollout.Waiting: {"·", color.Plain}, rollout.Running: {"·", color.Plain},
	rollout.Ready: {"✓", color.Green}, rollout.Completed: {"✓", color.Green},
	rollout.Degraded: {"!", color.Yellow}, rollout.Failed: {"✗", color.Red}, rollout.Terminating: {"-", color.Gray},
}

// Sign returns the sign of a state, in its color if w is colored.
func Sign(w io.Writer, s rollout.State) string { return color.Text(w, marks[s].color, marks[s].sign) }

// elide shortens text to a width in terminal cells. It cuts in the middle: a
// message begins with its reason and ends with the innermost of a chain of errors.
func elide(text string, width int) string {
	whole := runewidth.StringWidth(text)
	if whole <= width {
		return text
	}
	if width < 3 {
		return ""
	}
	rest := width - runewidth.StringWidth(ellipsis)
	head := runewidth.Truncate(text, rest/3, "")
	return head + ellipsis + runewidth.TruncateLeft(text, whole-(rest-rest/3), "")
}

const ellipsis = "…"
