package preflight

import (
	"errors"
	"fmt"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
)

// finding says what came of trying to pull an image. It has no severity where
// all is well, or where what is wrong is said of the pull secret.
func (p *pull) finding(s store) Finding {
	var fault *registry.Error
	if !errors.As(p.outcome, &fault) {
		return Finding{}
	}
	f := p.pod.found("", "", "container "+p.container+": image "+p.image)
	f.What, f.Field, f.Values = fault.Reason, p.pod.field(p.container, "image"), []string{p.image}
	has, some := s.has(p.secrets)
	mismatch := p.by == "" && (some || p.empty != "")
	host := registry.Host(p.image)
	switch outcome := fault.Outcome; {
	case outcome == registry.NoImage:
		f.Severity, f.Rule, f.Fix = Error, "image-missing", "correct the name or the tag of the image, or push it"
	case refused(fault) && p.by != "":
		f.Severity, f.Rule, f.What = Error, "pull-refused", fmt.Sprintf("with Secret %s: %s", p.by, fault.Reason)
		f.Field, f.Values = "imagePullSecrets", []string{p.by}
		f.Fix = "change the credentials with this operation of a payload: " + pullSecret("update", p.by, host).String()
	case mismatch:
		f.Severity, f.Rule, f.What = Error, "pull-mismatch", fmt.Sprintf("%s, the image is on %s", has, host)
		f.Field, f.Values = "imagePullSecrets", p.secrets
		f.Fix = "add its credentials with this operation of a payload: " + pullSecret("update", p.secrets[0], host).String()
		if p.empty != "" {
			f.Rule, f.What, f.Values = "pull-no-login", fmt.Sprintf("Secret %s has no login for %s: %s", p.empty, host, p.noLogin), []string{p.empty}
			f.Fix = "add its credentials with this operation of a payload: " + pullSecret("update", p.empty, host).String()
		}
		if !refused(fault) { // it may be open to everybody
			f.Severity = Warning
			f.What += ", and it is not known whether it needs any: " + fault.Reason
		}
	case refused(fault) && len(p.secrets) == 0:
		f.Severity, f.Rule = Warning, "no-pull-secret"
		f.Fix = "name a pull secret, unless the nodes or the ServiceAccount have credentials for " + host
	case !refused(fault):
		f = Finding{Severity: Note, Release: p.pod.release, Where: "image " + p.image, What: fault.Reason, Rule: "image-unknown"}
	default: // the pull secrets that are named are missing
		return Finding{}
	}
	if f.Severity == Error && p.on > 0 {
		f.Severity = Warning
		f.What += fmt.Sprintf("; of %s it is on %d already, and the others can't pull it", plural(p.nodes, "node"), p.on)
	}
	return f
}

// pullSecretFindings are the pull secrets that the kubelet could not use. Where
// every image of the pod can be pulled without, that is harmless.
func (r *run) pullSecretFindings(pulls map[string]*pull, s store) []Finding {
	var findings []Finding
	seen := map[[2]string]bool{}
	for _, p := range r.pods {
		for _, name := range p.pullSecrets() {
			live := s.pull[name]
			if seen[[2]string{p.object, name}] || !live.missing && live.fault == nil {
				continue
			}
			seen[[2]string{p.object, name}] = true
			f := p.found(Error, "pull-secret", "imagePullSecrets")
			f.Field, f.Values = "imagePullSecrets", []string{name}
			if !p.ownPullSecrets() {
				f.Where = p.in("imagePullSecrets of ServiceAccount " + p.tried.ServiceAccountName)
			}
			switch {
			case live.missing:
				f.What = live.isMissing(name, r.Namespace)
				f.Fix = "create it with this operation of a payload: " + pullSecret("create", name, p.host()).String()
			case live.fault.Ignored:
				f.What = fmt.Sprintf("Secret %s %s", name, live.fault.Reason)
				f.Fix = "write it anew, with --recreate where its type is another, by this operation of a payload: " + pullSecret("apply", name, p.host()).String()
			default:
				f.What = fmt.Sprintf("Secret %s %s", name, live.fault.Reason)
				f.Fix = "write it anew with this operation of a payload: " + pullSecret("apply", name, p.host()).String()
			}
			if (live.missing || live.fault.Ignored) && p.opened(pulls) {
				f.Severity = Warning
			}
			findings = append(findings, f)
		}
	}
	return findings
}

// opened reports whether all images of the pod can be pulled.
func (p *pod) opened(pulls map[string]*pull) bool {
	for _, container := range p.containers() {
		if tried := pulls[pullOf(p, container).id()]; tried == nil || tried.outcome != nil {
			return false
		}
	}
	return true
}

// host is where the pod's work is pulled from.
func (p *pod) host() string { return registry.Host(p.spec.Containers[0].Image) }
