package progress

import (
	"io"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// lineView prints a line per change.
type lineView struct {
	out, errOut io.Writer
	printed     map[string]bool
}

func (v *lineView) change(_ string, c rollout.Change) {
	text := c.String()
	again := v.printed[strings.Replace(text, "ImagePullBackOff", "ErrImagePull", 1)] // alternates with each pull attempt
	switch {
	case c.Note != "":
		printLine(v.errOut, c.Note)
	case c.State == rollout.Waiting && c.Text() == string(rollout.Waiting):
	case c.Container != "" && c.State == rollout.Ready: // the pod reports it
	case again && c.Reason != "": // the kubelet repeats it on every retry
	default:
		v.printed[text] = true
		printLine(v.errOut, text)
	}
}

func (v *lineView) tree(string, []rollout.Status) {}

func (v *lineView) end(release string, f *Failure) error {
	if f == nil {
		return nil
	}
	PrintFailure(v.errOut, release, f)
	return reportedError{release, f.Failure}
}

func (v *lineView) deployed(release string) error { return printDeployed(v.out, release) }

func (v *lineView) above(write func()) { write() }

func (v *lineView) close() {}
