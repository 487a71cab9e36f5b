package progress

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/startup"
)

// inPhase is a change of a starting container, some seconds after at.
func inPhase(seconds int, phase startup.Phase, text string) rollout.Change {
	c := change("main", rollout.Running, "", text)
	c.Time, c.Phase = at.Add(time.Duration(seconds)*time.Second), phase
	return c
}

// TestLinesOfAStart prints a new phase at once, and then a line every 30 seconds.
func TestLinesOfAStart(t *testing.T) {
	t.Parallel()
	streams, _, _, errOut := genericiooptions.NewTestIOStreams()
	p := New(streams, "")
	defer p.Close()
	o := p.Observer("web")
	for _, c := range []rollout.Change{
		inPhase(0, startup.PhaseDownload, "downloading 1%"), inPhase(1, startup.PhaseDownload, "downloading 2%"),
		inPhase(29, startup.PhaseDownload, "downloading 29%"), inPhase(31, startup.PhaseDownload, "downloading 31%"),
		inPhase(32, startup.PhaseLoad, "loading shards 0/3"), inPhase(33, startup.PhaseLoad, "loading shards 1/3"),
	} {
		o.Change(c)
	}
	var got []string
	for line := range strings.Lines(errOut.String()) {
		_, text, _ := strings.Cut(strings.TrimSpace(line), "container main: ")
		got = append(got, text)
	}
	if diff := cmp.Diff([]string{"downloading 1%", "downloading 31%", "loading shards 0/3"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestLinesOfAPull prints the limit, and how long a slow pull has taken.
func TestLinesOfAPull(t *testing.T) {
	t.Parallel()
	streams, _, _, errOut := genericiooptions.NewTestIOStreams()
	p := New(streams, "")
	defer p.Close()
	v := p.view.(*lineView)
	c := change("main", rollout.Waiting, "Pulling", `Pulling image "x"`)
	c.Limit = 30 * time.Minute
	v.change("web", c)
	v.tree("web", []rollout.Status{c.Status})
	v.printPulls()
	line := key("web", c.Status)
	v.pulls[line] = pull{c.Status, time.Now().Add(-100 * time.Second)}
	v.tree("web", []rollout.Status{c.Status})
	v.tree("api", nil)
	v.printPulls()
	v.tree("web", nil)
	v.printPulls()
	text := c.String()
	if want := text + " (at most 30m)\n" + text + " (100s of at most 30m)\n"; errOut.String() != want {
		t.Errorf("got %q, want %q", errOut, want)
	}
}

// TestTreeOfAStart shows since when a container is in its phase, and the limit of a pull.
func TestTreeOfAStart(t *testing.T) {
	t.Parallel()
	v, _ := newTestTree(t)
	defer v.close()
	s := inPhase(0, startup.PhaseDownload, "downloading 2%")
	begun := time.Now().Add(-90 * time.Second)
	s.Time = begun.Add(-time.Hour)
	v.change("web", s)
	s.Time, s.Phase = begun, startup.PhaseLoad
	v.change("web", s)
	s.Time = time.Now()
	v.change("web", s)
	if line := v.line(s.Status, v.since[key("web", s.Status)]); !strings.HasSuffix(line, "downloading 2%  90s") {
		t.Errorf("got %q", line)
	}
	s.Limit = 30 * time.Minute
	if line := v.line(s.Status, begun); !strings.HasSuffix(line, "  90s of at most 30m") {
		t.Errorf("got %q", line)
	}
}

// TestStartup prints how long a start took, unless it was quick.
func TestStartup(t *testing.T) {
	t.Parallel()
	slow := &rollout.Startup{Seconds: 372, Phases: []rollout.PhaseDuration{{Phase: "pull", Seconds: 100}, {Phase: startup.PhaseDownload, Seconds: 185}, {Phase: startup.PhaseLoad, Seconds: 80}}}
	for want, s := range map[string]*rollout.Startup{
		"web ready after 6m12s: pull 1m40s, download 3m05s, load 1m20s\n": slow,
		"web ready after 4s: load 2s\n":                                   {Seconds: 4, Phases: []rollout.PhaseDuration{{Phase: startup.PhaseLoad, Seconds: 2}}},
		"web ready after 1h02m\n":                                         {Seconds: 3725},
		"":                                                                {Seconds: 9, Phases: []rollout.PhaseDuration{{Phase: "start", Seconds: 8}}},
	} {
		streams, _, _, errOut := genericiooptions.NewTestIOStreams()
		p := New(streams, "")
		if err := p.Ready("web", s); err != nil || errOut.String() != want {
			t.Errorf("%v, printed %q, want %q", err, errOut, want)
		}
		p.Close()
	}
}

// TestJSONOfAStart has every change of a phase, and the durations.
func TestJSONOfAStart(t *testing.T) {
	t.Parallel()
	streams, _, out, _ := genericiooptions.NewTestIOStreams()
	p := New(streams, "json")
	o := p.Observer("web")
	o.Change(inPhase(0, startup.PhaseDownload, "downloading 1%"))
	o.Change(inPhase(1, startup.PhaseDownload, "downloading 2%"))
	if err := p.Ready("web", &rollout.Startup{Seconds: 12, Phases: []rollout.PhaseDuration{{Phase: "pull", Seconds: 2}}}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(out.String()) {
		var event struct {
			Type, Message, Phase string
			Startup              json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatal(err)
		}
		got = append(got, event.Type+" "+event.Phase+" "+event.Message+string(event.Startup))
	}
	want := []string{"change download downloading 1%", "change download downloading 2%", `ready  {"seconds":12,"phases":[{"phase":"pull","seconds":2}]}`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
