package progress

import (
	"strings"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// lineView prints a line per change.
type lineView struct {
	streams genericiooptions.IOStreams
	printed map[string]bool
}

func (v *lineView) change(_ string, c rollout.Change) {
	text := c.String()
	again := v.printed[strings.Replace(text, "ImagePullBackOff", "ErrImagePull", 1)] // alternates with each pull attempt
	switch {
	case c.Note != "":
		printLine(v.streams.ErrOut, c.Note)
	case c.State == rollout.Waiting && c.Text() == string(rollout.Waiting):
	case c.Container != "" && c.State == rollout.Ready: // the pod reports it
	case again && c.Reason != "": // the kubelet repeats it on every retry
	default:
		v.printed[text] = true
		printLine(v.streams.ErrOut, text)
	}
}

func (v *lineView) tree(string, []rollout.Status) {}

func (v *lineView) ready(release string, startup *rollout.Startup) error {
	printStartup(v.streams.ErrOut, release, startup)
	return nil
}

func (v *lineView) end(release string, f *Failure) error {
	PrintFailure(v.streams.ErrOut, release, f)
	return reportedError{release, f.Failure}
}

func (v *lineView) deployed(release string, e *Endpoints) error {
	return printDeployed(v.streams, release, e)
}

func (v *lineView) above(write func()) { write() }

func (v *lineView) close() {}
