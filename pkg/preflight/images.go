package preflight

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/distribution/reference"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// pull is an image with its pull secrets, in the order in which the pods list them.
type pull struct {
	image   string
	secrets []string
	kept    bool // a node that has the image does not pull it

	pod       *pod   // the first that pulls the image
	container string // of that pod
	pods      []*pod // all pods that pull the image
	outcome   error  // of the check, nil if the image can be pulled
	by        string // the Secret whose credentials were used, "" if none has any
	empty     string // the Secret that names the registry without credentials, "" if none does
	noLogin   string // why it has none
	on, nodes int    // how many of the nodes have an image that cannot be pulled
}

// id returns a key that is equal for pulls with the same result.
func (p pull) id() string {
	return strings.Join(append([]string{p.image, strconv.FormatBool(p.kept)}, p.secrets...), "\x00")
}

func pullOf(p *pod, c corev1.Container) pull {
	return pull{image: c.Image, secrets: p.pullSecrets(), kept: kept(c), pod: p, container: c.Name}
}

// images returns the images that cannot be pulled, and the pull secrets that cannot
// be used.
func (r *run) images(ctx context.Context) ([]Finding, error) {
	s, err := r.secretStore()
	if err != nil {
		return nil, err
	}
	pulls := map[string]*pull{}
	var order []*pull
	var findings []Finding
	for _, p := range r.pods {
		for _, container := range podspec.Containers(&p.spec) {
			if f := misnamed(p, container); f.Severity != "" {
				findings = append(findings, f)
				continue
			}
			one := pullOf(p, container)
			if container.ImagePullPolicy == corev1.PullNever || !s.knows(one.secrets) {
				continue
			}
			if pulls[one.id()] == nil {
				pulls[one.id()] = &one
				order = append(order, &one)
			}
			pulls[one.id()].pods = append(pulls[one.id()].pods, p)
		}
	}
	if err := each(ctx, order, func(ctx context.Context, p *pull) error {
		if err := r.try(ctx, p, s); err != nil {
			return err
		}
		return r.lookOnNodes(p)
	}); err != nil {
		return nil, err
	}
	findings = append(findings, r.pullSecretFindings(pulls, s)...)
	var notes []Finding
	for _, p := range order {
		f := r.pullFinding(p, s)
		i := slices.IndexFunc(notes, func(n Finding) bool { return n.What == f.What })
		switch {
		case f.Severity == Note && i >= 0: // of the same registry
			notes[i].Where += ", " + p.image
		case f.Severity == Note:
			notes = append(notes, f)
		case f.Severity != "":
			findings = append(findings, f)
		}
	}
	return append(findings, notes...), nil
}

// misnamed returns a finding if the image name is invalid.
func misnamed(p *pod, c corev1.Container) Finding {
	_, err := reference.ParseNormalizedNamed(c.Image)
	if err == nil {
		return Finding{}
	}
	f := p.found(Error, "image-name-invalid", "container "+c.Name+": image "+c.Image)
	f.What, f.Fix.Text = "invalid image name: "+err.Error(), "use REGISTRY/PATH:TAG, with PATH in lower case"
	f.Field, f.Values = p.either(c.Name, field.Image, field.CopyImage), []string{c.Image}
	return f
}

// knows reports whether all these pull secrets could be read.
func (s store) knows(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return s.pull[name].unreadable || s.pull[name].rendered })
}

// try checks whether the registry allows the pull, with each credential that
// the kubelet would use, until one succeeds.
func (r *run) try(ctx context.Context, p *pull, s store) error {
	secretOf := map[string]string{}
	var all []registry.Credential
	for _, name := range p.secrets {
		for _, login := range s.pull[name].logins {
			all = append(all, login)
			if secretOf[login.Server] == "" {
				secretOf[login.Server] = name
			}
		}
	}
	matching := registry.Matching(all, p.image)
	withLogin := slices.DeleteFunc(slices.Clone(matching), func(c registry.Credential) bool { return c.NoLogin() != "" })
	if len(withLogin) == 0 {
		if len(matching) > 0 {
			p.empty, p.noLogin = secretOf[matching[0].Server], matching[0].NoLogin()
		}
		p.outcome = registry.CheckImage(ctx, p.image, registry.Credential{}, r.Registry)
		return ctx.Err()
	}
	for i, login := range withLogin {
		outcome := registry.CheckImage(ctx, p.image, login, r.Registry)
		if i == 0 || outcome == nil || !refused(outcome) {
			p.outcome, p.by = outcome, secretOf[login.Server]
		}
		if outcome == nil {
			break
		}
	}
	return ctx.Err()
}

// lookOnNodes counts the nodes that already have an image that cannot be
// pulled. The image counts as available if all nodes that accept the pods have
// it.
func (r *run) lookOnNodes(p *pull) error {
	if !p.kept || !refused(p.outcome) && registry.OutcomeOf(p.outcome) != registry.NoImage {
		return nil
	}
	nodes, err := r.allNodes()
	if apierrors.IsForbidden(err) { // the scheduling check reports it
		return nil
	}
	nodes = filter(nodes, func(n corev1.Node) bool {
		return slices.ContainsFunc(p.pods, func(on *pod) bool { return on.chooses(n) && on.tolerates(n) })
	})
	p.on, p.nodes = preloaded(nodes, p.image), len(nodes)
	if p.on > 0 && p.on == p.nodes {
		p.outcome = nil
	}
	return err
}

// refused reports whether the registry rejected the credentials.
func refused(err error) bool {
	switch registry.OutcomeOf(err) {
	case registry.BadCredentials, registry.Expired, registry.Forbidden, registry.AuthRequired:
		return true
	}
	return false
}

// has returns the registries that the pull secrets have credentials for.
func (s store) has(names []string) (text string, some bool) {
	var parts []string
	for _, name := range names {
		var servers []string
		for _, login := range s.pull[name].logins {
			if login.NoLogin() == "" {
				servers = append(servers, login.Server)
			}
		}
		if len(servers) > 0 {
			parts = append(parts, fmt.Sprintf("Secret %q has credentials for %s only", name, listed(servers)))
		}
	}
	return strings.Join(parts, ", "), len(parts) > 0
}

// pullFinding returns the problem with pulling an image. It has no severity if the
// pull works or if a finding about the pull secret covers it.
func (r *run) pullFinding(p *pull, s store) Finding {
	var problem *registry.Error
	if !errors.As(p.outcome, &problem) {
		return Finding{}
	}
	f := p.pod.found("", "", "container "+p.container+": image "+p.image)
	f.What, f.Field, f.Values = problem.Reason, p.pod.either(p.container, field.Image, field.CopyImage), []string{p.image}
	has, some := s.has(p.secrets)
	mismatch := p.by == "" && (some || p.empty != "")
	host := registry.Host(p.image)
	switch outcome := problem.Outcome; {
	case outcome == registry.NoImage:
		f.Severity, f.Rule, f.Fix.Text = Error, "image-missing", "fix the name or tag of the image, or push the image"
	case refused(problem) && p.by != "":
		f.Severity, f.Rule, f.What = Error, "pull-denied", fmt.Sprintf("cannot pull with Secret %q: %s", p.by, problem.Reason)
		f.Field, f.Values = field.ImagePullSecrets, []string{p.by}
		f.Fix = r.apply("update the credentials", hint.PullSecret("update", p.by, host))
	case mismatch:
		f.Severity, f.Rule, f.What = Error, "pull-registry-mismatch", fmt.Sprintf("%s, not for %s", has, host)
		f.Field, f.Values = field.ImagePullSecrets, p.secrets
		f.Fix = r.apply("add the credentials", hint.PullSecret("update", p.secrets[0], host))
		if p.empty != "" {
			f.Rule, f.What, f.Values = "pull-credentials-missing", fmt.Sprintf("Secret %q has no credentials for %s: %s", p.empty, host, p.noLogin), []string{p.empty}
			f.Fix = r.apply("add the credentials", hint.PullSecret("update", p.empty, host))
		}
		if !refused(problem) && p.empty == "" { // the image may be public
			f.Severity = Warning
			f.What += "; it is unknown whether the image requires any: " + problem.Reason
		}
	case refused(problem) && len(p.secrets) == 0:
		f.Severity, f.Rule = Warning, "pull-secret-required"
		f.Set = []field.Path{field.ImagePullSecrets}
		f.Fix.Text = "set " + keysWord + ", unless the nodes or the ServiceAccount have credentials for " + host
	case !refused(problem):
		f = Finding{Severity: Note, Release: p.pod.release, Where: "image " + p.image, What: problem.Reason, Rule: "image-not-checked"}
	default: // the pull secrets are missing
		return Finding{}
	}
	if f.Severity == Error && p.on > 0 {
		f.Severity = Warning
		f.What += fmt.Sprintf("; the image is on %d of %s, the others cannot pull it", p.on, source.Count(p.nodes, "node"))
	}
	return f
}

// kept reports whether a kubelet that has the container's image does not pull
// it again. This is the default for every tag except latest.
// https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting
func kept(c corev1.Container) bool {
	if c.ImagePullPolicy != "" {
		return c.ImagePullPolicy == corev1.PullIfNotPresent
	}
	named, err := reference.ParseNormalizedNamed(c.Image)
	if err != nil {
		return false
	}
	tagged, ok := reference.TagNameOnly(named).(reference.Tagged)
	return !ok || tagged.Tag() != "latest"
}

// preloaded counts the nodes that have an image, for example loaded by kind or
// minikube. A node reports only its fifty largest images.
func preloaded(nodes []corev1.Node, image string) int {
	want := fullName(image)
	count := 0
	for _, node := range nodes {
		if slices.ContainsFunc(node.Status.Images, func(has corev1.ContainerImage) bool {
			return slices.ContainsFunc(has.Names, func(name string) bool { return fullName(name) == want })
		}) {
			count++
		}
	}
	return count
}

// fullName returns the name of an image with its registry and tag, which
// runtimes may omit.
func fullName(image string) string {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return image
	}
	return reference.TagNameOnly(named).String()
}
