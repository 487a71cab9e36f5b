package preflight

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// secrets returns the Secrets and keys that pods need and that are missing, and
// reports those that the user may not read.
func (r *run) secrets(context.Context) ([]Finding, error) {
	s, err := r.secretStore()
	if err != nil {
		return nil, err
	}
	findings := r.secretFindings(s)
	if names := s.unreadable(); len(names) > 0 {
		findings = append(findings, Finding{
			Severity: Warning, Rule: "secret-not-checked",
			What: fmt.Sprintf("cannot check Secrets %s: no permission to get them", quoted(names)),
			Fix:  hint.Hint{Text: "ask an administrator for permission to get these Secrets"},
		})
	}
	return findings, nil
}

// secretFindings returns the Secrets and keys that pods need and that are
// missing: one finding for each object and Secret, or key.
func (r *run) secretFindings(s store) []Finding {
	var findings []Finding
	for _, needs := range byUse(needsOf(r.pods, podspec.SecretRefs), func(name string) bool { return s.needed[name].missing }) {
		n := needs[0]
		live := s.needed[n.Name]
		switch {
		case live.unreadable:
		case live.missing:
			f := found(needs, "secret-missing")
			f.What = live.isMissing(n.Name, r.Namespace)
			f.Fix = r.apply("create it", opaque("create", n.Name, needs))
			findings = append(findings, f)
		case n.Key != "" && !slices.Contains(live.keys, n.Key):
			f := found(needs, "secret-key-missing")
			f.Values = []string{n.Key, n.Name}
			f.What, f.Fix = withoutKey(n, live.keys), r.keyFix(live, n)
			findings = append(findings, f)
		}
	}
	return findings
}

// where returns the first of several places, and how many more there are.
func where(needs []need) string {
	first := needs[0].where()
	if more := len(needs) - 1; more > 0 {
		return fmt.Sprintf("%s and %d more", first, more)
	}
	return first
}

// isMissing returns the message for a missing Secret, with the namespaces that
// have one of this name.
func (s *secret) isMissing(name, namespace string) string {
	text := fmt.Sprintf("Secret %q not found in namespace %s", name, namespace)
	if s.similar != "" {
		text += fmt.Sprintf(" (did you mean %q?)", s.similar)
	}
	if len(s.elsewhere) > 0 {
		text += "; it exists in " + listed(s.elsewhere) + ", but pods only use Secrets of their own namespace"
	}
	return text
}

// withoutKey returns the message for a missing key, with the keys that exist.
func withoutKey(n need, keys []string) string {
	text := fmt.Sprintf("key %q not found in %s %q", n.Key, n.Kind, n.Name)
	if len(keys) == 0 {
		return text + ", which has no keys"
	}
	if near := source.Nearest(n.Key, keys); near != "" && len(keys) > 1 {
		text += fmt.Sprintf(" (did you mean %q?)", near)
	}
	return text + "; it has " + listed(keys)
}

// keyFix returns how to add the key to the Secret.
func (r *run) keyFix(s *secret, n need) hint.Hint {
	switch {
	case s.rendered:
		return hint.Hint{}
	case s.kind != corev1.SecretTypeOpaque && s.kind != "":
		return hint.Hint{Text: fmt.Sprintf("use an existing key; a Secret of type %s has no others", s.kind)}
	}
	return r.apply("use an existing key, or add this one", opaque("update", n.Name, []need{n}))
}

// apply returns the hint to apply an operation of a secrets payload.
func (r *run) apply(text string, op hint.SecretOperation, flags ...string) hint.Hint {
	return op.Hint(text, hint.Blueprint("secrets", "apply", "-n", r.Namespace).With(flags...).With("-f", "-"))
}

// opaque returns an operation that sets the keys that pods need of a Secret.
func opaque(action, name string, needs []need) hint.SecretOperation {
	var env, files []string
	for _, n := range needs {
		switch {
		case n.Key == "":
		case n.Use == podspec.Files || n.Use == podspec.Projected:
			files = append(files, n.Key)
		default:
			env = append(env, n.Key)
		}
	}
	return hint.OpaqueSecret(action, name, env, files)
}

// listed joins names, and shortens long lists.
func listed(names []string) string {
	const most = 8
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// quoted joins names in double quotes.
func quoted(names []string) string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = strconv.Quote(name)
	}
	return strings.Join(all, ", ")
}

// inFlight is the maximum number of concurrent requests.
const inFlight = 8

// secret describes a Secret, without its values.
type secret struct {
	missing    bool
	similar    string   // name of an existing Secret that is easily confused with this one
	elsewhere  []string // other namespaces with a Secret of this name, if the user may list Secrets
	unreadable bool     // the user may not get it
	rendered   bool     // it is one of the objects
	kind       corev1.SecretType
	keys       []string

	logins  []registry.Credential    // of a pull secret
	invalid *secrets.PullSecretError // why it is not a pull secret
}

// store holds the Secrets that pods refer to, by name: those whose keys they
// need, and their pull secrets.
type store struct {
	needed, pull map[string]*secret
}

// unreadable returns the names of Secrets that the user may not get.
func (s store) unreadable() []string {
	names := map[string]bool{}
	for _, secrets := range []map[string]*secret{s.needed, s.pull} {
		for name, secret := range secrets {
			if secret.unreadable {
				names[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// read gets every Secret that pods refer to, except those among the objects.
func (r *run) read(ctx context.Context) (store, error) {
	s := store{needed: map[string]*secret{}, pull: map[string]*secret{}}
	ours := renderedSecrets(r.objects())
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(inFlight)
	add := func(to map[string]*secret, name string, read func(context.Context, string) (*secret, error)) {
		if to[name] != nil {
			return
		}
		if to[name] = ours[name]; to[name] != nil {
			return
		}
		found := &secret{}
		to[name] = found
		group.Go(func() error {
			live, err := read(ctx, name)
			if err == nil {
				*found = *live
			}
			return err
		})
	}
	for _, n := range needsOf(r.pods, podspec.SecretRefs) {
		add(s.needed, n.Name, r.readKeys)
	}
	for _, p := range r.pods {
		for _, name := range p.pullSecrets() {
			add(s.pull, name, r.readLogins)
		}
	}
	return s, group.Wait()
}

func (r *run) readKeys(ctx context.Context, name string) (*secret, error) {
	entry, err := secrets.Get(ctx, r.Secrets, r.Namespace, name)
	if err != nil {
		return r.unavailable(ctx, name, err)
	}
	return &secret{kind: entry.Type, keys: entry.DataKeys}, nil
}

func (r *run) readLogins(ctx context.Context, name string) (*secret, error) {
	logins, err := secrets.PullSecretCredentials(ctx, r.Secrets, r.Namespace, name)
	var invalid *secrets.PullSecretError
	switch {
	case err == nil:
		return &secret{logins: logins}, nil
	case errors.As(err, &invalid):
		return &secret{invalid: invalid}, nil
	}
	return r.unavailable(ctx, name, err)
}

// unavailable returns a Secret that is missing or that the user may not read.
// All other errors are returned as they are.
func (r *run) unavailable(ctx context.Context, name string, err error) (*secret, error) {
	switch {
	case apierrors.IsNotFound(err):
		elsewhere, _ := secrets.Namespaces(ctx, r.Secrets, name) // none without the permission to list them
		return &secret{missing: true, elsewhere: elsewhere, similar: source.Nearest(name, r.secretNames())}, nil
	case apierrors.IsForbidden(err):
		return &secret{unreadable: true}, nil
	}
	return nil, err
}

// renderedSecrets returns the Secrets among the objects.
func renderedSecrets(objects []*unstructured.Unstructured) map[string]*secret {
	found := map[string]*secret{}
	for _, o := range objects {
		if o.GetKind() != "Secret" || o.GetAPIVersion() != "v1" {
			continue
		}
		kind, _, _ := unstructured.NestedString(o.Object, "type")
		s := &secret{rendered: true, kind: corev1.SecretType(kind)}
		for _, field := range []string{"data", "stringData"} {
			data, _, _ := unstructured.NestedMap(o.Object, field)
			s.keys = append(s.keys, slices.Collect(maps.Keys(data))...)
		}
		slices.Sort(s.keys)
		found[o.GetName()] = s
	}
	return found
}
