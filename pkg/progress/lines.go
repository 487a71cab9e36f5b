package progress

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/startup"
)

const (
	progressEvery = 30 * time.Second // a line about a container in the same phase
	pullEvery     = time.Minute      // a line about an image that is being pulled
)

// lineView prints a line per change.
type lineView struct {
	streams  genericiooptions.IOStreams
	printed  map[string]bool
	progress map[string]progressLine // by release and container
	pulls    map[string]pull         // by release and container
	stop     chan struct{}
}

// progressLine is the last line about the start of a container.
type progressLine struct {
	phase startup.Phase
	at    time.Time
}

// pull is an image that is being pulled.
type pull struct {
	rollout.Status
	since time.Time
}

// newLineView returns a view that prints lines about slow pulls while mu is held.
func newLineView(streams genericiooptions.IOStreams, mu *sync.Mutex) *lineView {
	v := &lineView{streams: streams, printed: map[string]bool{}, progress: map[string]progressLine{}, pulls: map[string]pull{}, stop: make(chan struct{})}
	go repeat(pullEvery, mu, v.stop, v.printPulls)
	return v
}

// repeat calls do while mu is held, until stop is closed.
func repeat(every time.Duration, mu *sync.Mutex, stop <-chan struct{}, do func()) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			mu.Lock()
			select {
			case <-stop: // while it waited for mu
			default:
				do()
			}
			mu.Unlock()
		case <-stop:
			return
		}
	}
}

func (v *lineView) change(release string, c rollout.Change) {
	text := c.String()
	again := v.printed[strings.Replace(text, "ImagePullBackOff", "ErrImagePull", 1)] // alternates with each pull attempt
	switch {
	case c.Note != "":
		printLine(v.streams.ErrOut, c.Note)
	case c.State == rollout.Waiting && c.Text() == string(rollout.Waiting):
	case c.Container != "" && c.State == rollout.Ready: // the pod reports it
	case again && c.Reason != "": // the kubelet repeats it on every retry
	case c.Phase != "" && !v.isDue(key(release, c.Status), c):
	default:
		v.printed[text] = true
		if c.Limit > 0 {
			text += " (at most " + duration.HumanDuration(c.Limit) + ")"
		}
		printLine(v.streams.ErrOut, text)
	}
}

// isDue reports whether to print the progress of a container: a new phase at once, and
// then a line every progressEvery.
func (v *lineView) isDue(container string, c rollout.Change) bool {
	last := v.progress[container]
	if last.phase == c.Phase && c.Time.Sub(last.at) < progressEvery {
		return false
	}
	v.progress[container] = progressLine{c.Phase, c.Time}
	return true
}

// tree records which images are being pulled.
func (v *lineView) tree(release string, tree []rollout.Status) {
	before := maps.Clone(v.pulls)
	maps.DeleteFunc(v.pulls, func(key string, _ pull) bool { return strings.HasPrefix(key, release+" ") })
	for _, s := range tree {
		if s.Limit == 0 {
			continue
		}
		since := time.Now()
		if p, ok := before[key(release, s)]; ok {
			since = p.since
		}
		v.pulls[key(release, s)] = pull{s, since}
	}
}

// printPulls prints a line per image that has been pulled for a minute or longer.
func (v *lineView) printPulls() {
	for _, key := range slices.Sorted(maps.Keys(v.pulls)) {
		p := v.pulls[key]
		if elapsed := time.Since(p.since); elapsed >= pullEvery {
			printLine(v.streams.ErrOut, p.String()+" ("+limited(elapsed, p.Limit)+")")
		}
	}
}

// limited returns how much of a time has passed: "1m40s of at most 30m".
func limited(elapsed, limit time.Duration) string {
	return duration.HumanDuration(elapsed) + " of at most " + duration.HumanDuration(limit)
}

func (v *lineView) ready(release string, startup *rollout.Startup) error {
	v.tree(release, nil)
	printStartup(v.streams.ErrOut, release, startup)
	return nil
}

func (v *lineView) end(release string, f *Failure) error {
	v.tree(release, nil)
	PrintFailure(v.streams.ErrOut, release, f)
	return reportedError{release, f.Failure}
}

func (v *lineView) deployed(release string, e *Endpoints) error {
	return printDeployed(v.streams, release, e)
}

func (v *lineView) above(write func()) { write() }

func (v *lineView) close() { close(v.stop) }
