package diff

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
)

// planKind is the kind of a plan's file.
const planKind = "Plan"

// Plan is a reviewed deploy, saved to be applied exactly as reviewed, without its recipe.
type Plan struct {
	APIVersion string      `json:"apiVersion"`
	Kind       string      `json:"kind"`
	Plugin     string      `json:"plugin"` // its version, for information
	Chart      string      `json:"chart"`  // digest of the chart
	Server     string      `json:"server"`
	Namespace  string      `json:"namespace"`
	Waves      [][]Planned `json:"waves"` // each depends only on earlier ones
	Checksum   string      `json:"checksum"`
}

// Planned is one release of a plan.
type Planned struct {
	Release  string         `json:"release"`
	Revision int            `json:"revision"` // the current one, 0 for a new release
	File     string         `json:"file"`     // of the recipe
	Group    string         `json:"group,omitempty"`
	Needed   bool           `json:"needed,omitempty"` // releases of later waves depend on it
	Values   map[string]any `json:"values"`
	Objects  []Object       `json:"objects"`
}

// Object is the reviewed change of one object.
type Object struct {
	Object string      `json:"object"`
	Action dryrun.Verb `json:"action"`
	Digest string      `json:"digest"` // of the change
}

// errNoPlan and errEdited are the errors for files that cannot be applied. They quote
// nothing from the file.
var (
	errNoPlan = hint.Text(errors.New("is not a plan"), "save one with 'kubectl blueprint diff FILE --save-plan PLAN'")
	errEdited = hint.Text(errors.New("has been edited since it was saved"), "change the recipe and save a new plan")
)

// Encode returns the content of the plan's file.
func (p Plan) Encode() ([]byte, error) {
	p.APIVersion, p.Kind, p.Checksum = objref.APIVersion, planKind, ""
	sum, err := digest(p)
	if err != nil {
		return nil, err
	}
	p.Checksum = sum
	text, err := json.MarshalIndent(p, "", "  ")
	return append(text, '\n'), err
}

// DecodePlan reads what Encode wrote, and nothing else.
func DecodePlan(text []byte) (*Plan, error) {
	p := &Plan{}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if !IsPlan(text) {
		return nil, errNoPlan
	}
	if decoder.Decode(p) != nil || decoder.Decode(&struct{}{}) != io.EOF {
		return nil, errEdited
	}
	again, err := p.Encode()
	if err != nil || !bytes.Equal(compact(again), compact(text)) {
		return nil, errEdited // its checksum differs, or it has a duplicate key, which other readers may resolve differently
	}
	return p, nil
}

// compact removes the white space between the tokens of a JSON text.
func compact(text []byte) []byte {
	var b bytes.Buffer
	_ = json.Compact(&b, text) // invalid JSON was rejected earlier
	return b.Bytes()
}

// IsPlan reports whether a file has the type of a plan.
func IsPlan(text []byte) bool {
	var header struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
	}
	return json.Unmarshal(text, &header) == nil && IsPlanKind(header.APIVersion, header.Kind)
}

// IsPlanKind reports whether a document of this type is a plan.
func IsPlanKind(apiVersion, kind string) bool {
	return apiVersion == objref.APIVersion && kind == planKind
}

// Objects returns what a plan records of each object. It reveals nothing about a Secret's
// values: its digests cover only shown fields and resource versions.
func (r Release) Objects() ([]Object, error) {
	objects := make([]Object, len(r.Changes))
	for i, c := range r.Changes {
		sum, err := c.digest()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Object, err)
		}
		objects[i] = Object{c.Object, c.Action, sum}
	}
	return objects, nil
}

// digest returns a digest of what a deploy changes in an object with this UID. Other
// fields may change after the review, such as replicas that an autoscaler sets, and so
// may all fields of an object to delete.
func (c Change) digest() (string, error) {
	change := struct {
		UID, Version string
		Differences  []difference
	}{UID: c.uid, Version: c.version}
	if c.Action == dryrun.Created || c.Action == dryrun.Configured {
		change.Differences = compare(c.before, c.after)
	}
	return digest(change)
}

// Drift returns the differences from the plan. It returns none if the plan still applies.
func (p Planned) Drift(revision int, r Release) ([]string, error) {
	if p.Revision != revision {
		return []string{fmt.Sprintf("release %s is at revision %[3]d, planned for revision %[2]d", p.Release, p.Revision, revision)}, nil
	}
	now, err := r.Objects()
	if err != nil {
		return nil, err
	}
	var drift []string
	planned := map[string]Object{}
	for _, o := range p.Objects {
		planned[o.Object] = o
	}
	for i, o := range now {
		was, ok := planned[o.Object]
		delete(planned, o.Object)
		switch {
		case !ok:
			drift = append(drift, fmt.Sprintf("%s would be %s, not planned", o.Object, o.Action))
		case was.Action != o.Action:
			drift = append(drift, fmt.Sprintf("%s would be %s%s, planned: %s", o.Object, o.Action, in(r.Changes[i].Fields), was.Action))
		case was.Digest != o.Digest:
			drift = append(drift, fmt.Sprintf("%s would be %s differently%s", o.Object, o.Action, in(r.Changes[i].Fields)))
		}
	}
	for _, o := range p.Objects {
		if _, ok := planned[o.Object]; ok {
			drift = append(drift, fmt.Sprintf("%s no longer exists, planned: %s", o.Object, o.Action))
		}
	}
	return drift, nil
}

func digest(v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}
