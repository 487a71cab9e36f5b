package preflight

import (
	"fmt"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
)

// pullSecretFindings returns the pull secrets that the kubelet cannot use. They
// are only a warning if every image of the pod can be pulled without them.
func (r *run) pullSecretFindings(pulls map[string]*pull, s store) []Finding {
	var findings []Finding
	seen := map[[2]string]bool{}
	for _, p := range r.pods {
		for _, name := range p.pullSecrets() {
			live := s.pull[name]
			if seen[[2]string{p.object, name}] || !live.missing && live.invalid == nil {
				continue
			}
			seen[[2]string{p.object, name}] = true
			f := p.found(Error, "pull-secret-invalid", "imagePullSecrets")
			f.Field, f.Values = field.ImagePullSecrets, []string{name}
			if !p.ownPullSecrets() {
				f.Where = p.in("imagePullSecrets of ServiceAccount " + p.admitted.ServiceAccountName)
			}
			switch {
			case live.missing:
				f.Rule, f.What = "pull-secret-missing", live.isMissing(name, r.Namespace)
				f.Fix = r.apply("create it", hint.PullSecret("create", name, p.host()))
			case live.invalid.Ignored && !live.invalid.NoLogin: // of another type
				f.What = fmt.Sprintf("Secret %q %s", name, live.invalid.Reason)
				f.Fix = r.apply("replace it", hint.PullSecret("apply", name, p.host()), "--recreate")
			default:
				f.What = fmt.Sprintf("Secret %q %s", name, live.invalid.Reason)
				f.Fix = r.apply("replace it", hint.PullSecret("apply", name, p.host()))
			}
			if (live.missing || live.invalid.Ignored) && p.opened(pulls) {
				f.Severity = Warning
			}
			findings = append(findings, f)
		}
	}
	return findings
}

// opened reports whether all images of the pod can be pulled.
func (p *pod) opened(pulls map[string]*pull) bool {
	for _, container := range podspec.Containers(&p.spec) {
		if tried := pulls[pullOf(p, container).id()]; tried == nil || tried.outcome != nil {
			return false
		}
	}
	return true
}

// host returns the registry of the main container.
func (p *pod) host() string { return registry.Host(p.spec.Containers[0].Image) }
