package rollout

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/signature"
)

const (
	crashLogs = 50 // logs that a watch reads, for releases with many pods
	around    = 5  // lines above and below the one that matches
)

// crash is what the log of a container says about its last crash.
type crash struct {
	match *signature.Match // nil if no signature matches
	log   Detail
}

// diagnose adds the log of the last crash to each crashed container of the view. It reads
// the log of each crash once, and again after the restart if the restart may have been
// faster than the first request.
func (t *release) diagnose(ctx context.Context) {
	for _, w := range t.view.workloads {
		for _, p := range w.pods {
			if p.old || p.DeletionTimestamp != nil || p.endedByNode() {
				continue
			}
			for _, c := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
				if id := p.crashed(c); id != "" {
					t.diagnoseContainer(ctx, p, c.Name, id)
				}
			}
		}
	}
}

func (t *release) diagnoseContainer(ctx context.Context, p *podView, container, id string) {
	found, known := t.crashes[id]
	if !known {
		if len(t.crashes) >= crashLogs {
			return
		}
		found = t.readCrash(ctx, p, container)
		if ctx.Err() != nil {
			return
		}
		t.crashes[id] = found
	}
	if p.crashes == nil {
		p.crashes = map[string]*crash{}
	}
	p.crashes[container] = found
}

// readCrash reads the log of a crash. Secret values are redacted before it is matched,
// and again in the match, because a line without colors and escapes may reveal a value.
func (t *release) readCrash(ctx context.Context, p *podView, container string) *crash {
	redacted := func(lines ...string) []string {
		if t.target.Redact == nil {
			return lines
		}
		return t.target.Redact(ctx, &p.Spec, lines)
	}
	found := &crash{log: t.log(ctx, p, container, signature.MaxLines)}
	found.log.Lines = redacted(found.log.Lines...)
	lines := found.log.Lines
	found.match = t.signatures.Match(lines)
	if m := found.match; m != nil {
		m.Line, m.Cause, m.Fix = redacted(m.Line)[0], redacted(m.Cause)[0], redacted(m.Fix)[0]
		at := m.Index
		lines = lines[max(0, at-around):min(len(lines), at+around+1)]
	}
	found.log.Lines = slices.Clone(lines[max(0, len(lines)-detailLines):]) // frees the rest
	return found
}

// crashed identifies the last crash of a container whose log may name its cause, or
// returns "". It excludes containers that the kubelet killed or that never started.
func (p *podView) crashed(c corev1.ContainerStatus) string {
	last, run := c.State.Terminated, "current "
	if last == nil {
		last, run = c.LastTerminationState.Terminated, "previous "
	}
	if last == nil || last.ExitCode == 0 || c.Ready || last.Reason == "OOMKilled" || startFailed(last) || p.killedBy(c) != "" {
		return ""
	}
	return run + string(p.UID) + c.Name + last.ContainerID + last.FinishedAt.String()
}

// verdict returns the verdict of the signature that the last crash of a container
// matches, or "".
func (p *podView) verdict(container string) signature.Verdict {
	if c := p.crashes[container]; c != nil && c.match != nil {
		return c.match.Verdict
	}
	return ""
}

// suggestFix suggests the fix of the signature that the log matches.
func (f *Failure) suggestFix(run commands) {
	r := &f.Remediation
	r.Field = f.mainField(f.match.Field)
	r.Hints = append(r.Hints, hint.Hint{Text: f.match.Fix})
	if f.match.Verdict == signature.Node && f.Node != "" {
		r.suggest("another node may work; show the state of this one", run.anywhere("describe", "node", f.Node))
	}
	f.suggestLogs(run)
}
