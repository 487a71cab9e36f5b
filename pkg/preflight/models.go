package preflight

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/modelhub"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
)

// download is a model that a container downloads when it starts.
type download struct {
	pod       *pod
	container string
	cached    bool // the container has a volume that may already hold the model

	model   modelhub.Model // of Hugging Face
	image   string         // of a NIM
	setting setting        // that names the model

	token    modelhub.Token
	variable string // that holds the token, or should hold it
	from     origin // of the token
	answer   modelhub.Answer
}

// models returns the models that the pods cannot download with their own tokens.
func (r *run) models(ctx context.Context) ([]Finding, error) {
	var downloads []*download
	for _, p := range r.pods {
		for _, c := range podspec.Containers(&p.spec) {
			d, err := r.downloadOf(ctx, p, c)
			if err != nil {
				return nil, err
			}
			if d != nil {
				downloads = append(downloads, d)
			}
		}
	}
	hub := modelhub.New(r.Models)
	if err := each(ctx, downloads, func(ctx context.Context, d *download) (err error) {
		switch {
		case d.image == "":
			d.answer, err = hub.HuggingFace(ctx, d.model, d.token)
		case d.token.IsZero():
			d.answer = modelhub.Answer{Outcome: modelhub.NoToken, Reason: "NIM downloads its model from NGC, and the container has no API key", Fix: modelhub.NewNGCKey}
		default:
			d.answer, err = hub.NGC(ctx, d.image, d.token)
		}
		return err
	}); err != nil {
		return nil, err
	}
	return r.modelFindings(downloads), nil
}

// modelFindings returns a finding for each model of an object that cannot be downloaded,
// and a note for each service that does not respond.
func (r *run) modelFindings(downloads []*download) []Finding {
	var findings, notes []Finding
	for _, d := range downloads {
		f := r.modelFinding(d)
		same := func(o Finding) bool { return o.Object == f.Object && o.What == f.What }
		i := slices.IndexFunc(notes, func(n Finding) bool { return n.What == f.What })
		switch {
		case f.Severity == Note && i >= 0:
			notes[i].Where += ", " + d.model.ID
		case f.Severity == Note:
			notes = append(notes, f)
		case f.Severity != "" && !slices.ContainsFunc(findings, same): // leaders and workers run the same command
			findings = append(findings, f)
		}
	}
	return append(findings, notes...)
}

// modelFinding returns the problem with a download. It has no severity if the token grants
// access, or if the check of the image reports the same.
func (r *run) modelFinding(d *download) Finding {
	f := d.pod.found(Error, "", "container "+d.container+": model "+d.model.ID)
	f.What, f.Fix.Text, f.Field, f.Values = d.answer.Reason+d.source(), d.answer.Fix, d.setting.field, d.setting.values
	if d.image != "" {
		f.Where = d.pod.in("container " + d.container + ": image " + d.image)
	}
	if d.cached {
		f.Severity = Warning
	}
	switch d.answer.Outcome {
	case modelhub.NotGranted:
		f.Rule = "model-access-denied"
	case modelhub.InvalidToken:
		f.Rule = "model-token-invalid"
		if d.from.secret != "" {
			f.Fix = r.apply(d.answer.Fix+" and update the Secret", hint.OpaqueSecret("update", d.from.secret, []string{d.from.key}, nil))
			f.Field, f.Values = field.EnvSecret, []string{d.from.key, d.from.secret}
		}
	case modelhub.NoToken:
		f.Rule, f.Set = "model-token-missing", []field.Path{field.EnvSecret}
		f.Fix.Text += fmt.Sprintf(" and set %s from a Secret with %s", d.variable, keysWord)
		if d.image != "" { // it may have its model
			f.Severity = Warning
		}
	case modelhub.NotFound:
		f.Rule = "model-missing"
	case modelhub.Unreachable:
		if d.image != "" { // the check of the image reports it
			return Finding{}
		}
		return Finding{Severity: Note, Rule: "model-not-checked", Release: d.pod.release, Where: "model " + d.model.ID, What: d.answer.Reason}
	default:
		return Finding{}
	}
	return f
}

// source returns the Secret that the token is from, as the end of a sentence.
func (d *download) source() string {
	switch {
	case d.from.secret == "":
		return ""
	case d.token.IsZero():
		return fmt.Sprintf(" (Secret %q has an empty one)", d.from.secret)
	}
	return fmt.Sprintf(" (Secret %q)", d.from.secret)
}

// downloadOf returns the model that a container downloads, or nil if it downloads none or
// if its model, endpoint or token cannot be read.
func (r *run) downloadOf(ctx context.Context, p *pod, c corev1.Container) (*download, error) {
	command, known := commandOf(c)
	if !known && !modelhub.IsNIM(c.Image) {
		return nil, nil
	}
	env, err := r.environment(ctx, c)
	if err != nil {
		return nil, err
	}
	d := &download{pod: p, container: c.Name, cached: keepsFiles(p, c)}
	var token value
	if known {
		command.env = env
		if !d.setModel(command) {
			return nil, nil
		}
		d.variable, token = command.token()
	} else {
		d.image, d.setting = c.Image, setting{field: field.Image, values: []string{c.Image}}
		d.variable, token = env.first("NGC_CLI_API_KEY", "NGC_API_KEY")
		if !token.set && d.cached {
			return nil, nil
		}
	}
	readable := false
	d.from = token.origin
	d.token, readable, err = r.token(ctx, token)
	if !readable { // the check of the Secrets reports it
		return nil, err
	}
	return d, err
}

// setModel sets the model that a command downloads from Hugging Face. It reports false if
// there is none, or if the model or the endpoint cannot be read or reached from here.
func (d *download) setModel(c command) bool {
	model, revision, endpoint := c.model(), c.revision(), c.env.get("HF_ENDPOINT")
	if !model.known() || !modelhub.IsModelID(model.text) || revision.hidden() || endpoint.hidden() || c.env.local() || isPodAddress(endpoint.text) {
		return false
	}
	d.model = modelhub.Model{Endpoint: endpoint.text, ID: model.text, Revision: revision.text}
	d.setting = model.setting
	return true
}

// keepsFiles reports whether a container has a volume that outlives its pod, so that it
// may have downloaded its model before.
func keepsFiles(p *pod, c corev1.Container) bool {
	return slices.ContainsFunc(c.VolumeMounts, func(m corev1.VolumeMount) bool {
		return slices.ContainsFunc(p.spec.Volumes, func(v corev1.Volume) bool {
			return v.Name == m.Name && (v.PersistentVolumeClaim != nil || v.HostPath != nil || v.NFS != nil || v.CSI != nil)
		})
	})
}
