package cmd

import (
	"io"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// lineView appends a line for each change.
type lineView struct {
	out, errOut io.Writer
	said        map[string]bool
}

func (v *lineView) change(_ string, c rollout.Change) {
	text := c.String()
	again := v.said[strings.Replace(text, "ImagePullBackOff", "ErrImagePull", 1)] // between two attempts, and after
	switch {
	case c.Note != "":
		sayLine(v.errOut, c.Note)
	case c.State == rollout.Waiting && c.Text() == string(rollout.Waiting):
	case c.Container != "" && c.State == rollout.Ready: // its pod says so
	case again && c.Reason != "": // a kubelet tries again, and again
	default:
		v.said[text] = true
		sayLine(v.errOut, text)
	}
}

func (v *lineView) tree(string, []rollout.Status) {}

func (v *lineView) end(release string, f *failure) error {
	if f == nil {
		return nil
	}
	sayFailure(v.errOut, release, f)
	return toldError{release, f.Failure}
}

func (v *lineView) deployed(release string) error { return sayDeployed(v.out, release) }

func (v *lineView) above(write func()) { write() }

func (v *lineView) close() {}
