package progress

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/startup"
)

// quickStart is the duration from which a start without known phases is reported.
const quickStart = 10 * time.Second

// printStartup writes how long the start of a release took: "x ready after 6m12s: pull
// 1m40s, download 3m05s, load 1m20s". It writes nothing about a quick start.
func printStartup(w io.Writer, release string, s *rollout.Startup) {
	if s == nil || !notable(s) {
		return
	}
	var phases []string
	for _, p := range s.Phases {
		phases = append(phases, string(p.Phase)+" "+clock(p.Seconds))
	}
	text := release + " ready after " + clock(s.Seconds)
	if len(phases) > 0 {
		text += ": " + strings.Join(phases, ", ")
	}
	printLine(w, text)
}

// notable reports whether a start took long or its log showed phases.
func notable(s *rollout.Startup) bool {
	if time.Duration(s.Seconds)*time.Second >= quickStart {
		return true
	}
	for _, p := range s.Phases {
		if p.Phase == startup.PhaseDownload || p.Phase == startup.PhaseLoad {
			return true
		}
	}
	return false
}

// clock returns a duration like "12s", "3m05s" or "1h02m".
func clock(seconds int) string {
	switch {
	case seconds < 60:
		return fmt.Sprintf("%ds", seconds)
	case seconds < 3600:
		return fmt.Sprintf("%dm%02ds", seconds/60, seconds%60)
	}
	return fmt.Sprintf("%dh%02dm", seconds/3600, seconds/60%60)
}
