package progress

import (
	"bytes"
	"encoding/json"
	"io"
	"time"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/startup"
)

// progressEvent is one line of -o json. Fields are added, and never change.
type progressEvent struct {
	APIVersion string `json:"apiVersion"`
	// Type is "change" of an object or a container; "note" of the watch itself;
	// "ready" or "failure", the last of a release's watch; "deployed".
	Type    string    `json:"type"`
	Time    time.Time `json:"time"`
	Release string    `json:"release"`

	Object    string        `json:"object,omitempty"` // kind.group/name
	Container string        `json:"container,omitempty"`
	State     rollout.State `json:"state,omitempty"`
	Reason    string        `json:"reason,omitempty"`
	Message   string        `json:"message,omitempty"`
	Node      string        `json:"node,omitempty"`
	Phase     startup.Phase `json:"phase,omitempty"`

	Startup   *rollout.Startup `json:"startup,omitempty"`
	Failure   *Failure         `json:"failure,omitempty"`
	Endpoints *Endpoints       `json:"endpoints,omitempty"`
}

// jsonView writes one JSON object per line to stdout.
type jsonView struct {
	out io.Writer
}

func (v *jsonView) write(e progressEvent) error {
	e.APIVersion, e.Time = objref.APIVersion, e.Time.UTC()
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(e); err != nil {
		return err
	}
	_, err := v.out.Write(source.PrintableJSON(line.Bytes()))
	return err
}

func (v *jsonView) change(release string, c rollout.Change) {
	e := progressEvent{Type: "change", Time: c.Time, Release: release,
		Object: c.Object, Container: c.Container, State: c.State, Reason: c.Reason, Message: c.Message, Node: c.Node, Phase: c.Phase}
	if c.Note != "" {
		e = progressEvent{Type: "note", Time: c.Time, Release: release, Message: c.Note}
	}
	_ = v.write(e)
}

func (v *jsonView) tree(string, []rollout.Status) {}

func (v *jsonView) ready(release string, startup *rollout.Startup) error {
	return v.write(progressEvent{Type: "ready", Time: time.Now(), Release: release, Startup: startup})
}

// end returns the whole failure, for readers of stderr alone.
func (v *jsonView) end(release string, f *Failure) error {
	_ = v.write(progressEvent{Type: "failure", Time: time.Now(), Release: release, Failure: f})
	return f.Failure
}

func (v *jsonView) deployed(release string, e *Endpoints) error {
	return v.write(progressEvent{Type: "deployed", Time: time.Now(), Release: release, Endpoints: e})
}

func (v *jsonView) above(write func()) { write() }

func (v *jsonView) close() {}
