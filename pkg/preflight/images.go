package preflight

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/distribution/reference"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
)

// pull is an image with the pull secrets that are named for it, in the order in
// which pods name them.
type pull struct {
	image   string
	secrets []string
	kept    bool // not pulled by a node that has it

	pod       *pod   // the first that pulls so
	container string // of it
	pods      []*pod // all of them
	outcome   error  // of pulling
	by        string // the Secret whose credentials were tried, "" where none has any
	empty     string // the Secret that names the registry without a login, "" where none does
	noLogin   string // why it has none
	on, nodes int    // how many nodes have the image already, where it can't be pulled
}

// id is the same for pulls that come out the same.
func (p pull) id() string {
	return strings.Join(append([]string{p.image, strconv.FormatBool(p.kept)}, p.secrets...), "\x00")
}

func pullOf(p *pod, c corev1.Container) pull {
	return pull{image: c.Image, secrets: p.pullSecrets(), kept: kept(c), pod: p, container: c.Name}
}

// imageFindings are the images that can't be pulled, and the pull secrets that
// are to blame.
func (r *run) imageFindings(ctx context.Context, s store) ([]Finding, error) {
	pulls := map[string]*pull{}
	var order []*pull
	var findings []Finding
	for _, p := range r.pods {
		for _, container := range p.containers() {
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
		f := p.finding(s)
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

// misnamed is the finding of an image whose name the kubelet can't read.
func misnamed(p *pod, c corev1.Container) Finding {
	_, err := reference.ParseNormalizedNamed(c.Image)
	if err == nil {
		return Finding{}
	}
	f := p.found(Error, "image-name", "container "+c.Name+": image "+c.Image)
	f.What, f.Fix = "no node can read this name: "+err.Error(), "correct the name: registry/path:tag, the path in lower case"
	f.Field, f.Values = p.field(c.Name, "image"), []string{c.Image}
	return f
}

// knows reports whether all these pull secrets could be looked into.
func (s store) knows(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return s.pull[name].unreadable || s.pull[name].rendered })
}

// try has the registry say whether the image can be pulled, with each of the
// credentials that the kubelet would try, until one does.
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

// lookOnNodes looks for an image that the registry does not give: what all nodes
// have to which the pods may come is not pulled.
func (r *run) lookOnNodes(p *pull) error {
	if !p.kept || !refused(p.outcome) && registry.OutcomeOf(p.outcome) != registry.NoImage {
		return nil
	}
	nodes, err := r.allNodes()
	if apierrors.IsForbidden(err) { // which nodes tells
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

// refused reports whether the registry has turned the credentials down.
func refused(err error) bool {
	switch registry.OutcomeOf(err) {
	case registry.BadCredentials, registry.Expired, registry.Forbidden, registry.AuthRequired:
		return true
	}
	return false
}

// has tells of which registries the pull secrets have credentials.
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
			parts = append(parts, fmt.Sprintf("Secret %s has credentials for %s only", name, listed(servers)))
		}
	}
	return strings.Join(parts, ", "), len(parts) > 0
}
