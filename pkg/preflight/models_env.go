package preflight

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/modelhub"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

// setting is the field that sets a value, with the text to find it by.
type setting struct {
	field  field.Path
	values []string
}

// origin is the key of a Secret that a value is from.
type origin struct{ secret, key string }

// value is the value of a variable or of an option of a container.
type value struct {
	origin
	setting

	set      bool
	text     string // unless it is from a Secret
	optional bool   // the Secret may lack it
	unknown  bool   // it is set, but cannot be read
}

// known reports whether the value is set to a text.
func (v value) known() bool { return v.set && !v.unknown && v.secret == "" }

// hidden reports whether the value is set to a text that is not known.
func (v value) hidden() bool { return v.set && !v.known() }

// environment holds the variables of a container.
type environment map[string]value

// environment returns the variables of a container. Those in env take precedence over those
// in envFrom, and later ones over earlier ones.
func (r *run) environment(ctx context.Context, c corev1.Container) (environment, error) {
	env := environment{}
	for _, from := range c.EnvFrom {
		switch {
		case from.SecretRef != nil:
			if err := r.addSecret(env, from.Prefix, from.SecretRef.Name); err != nil {
				return nil, err
			}
		case from.ConfigMapRef != nil:
			data, readable, err := r.configMapData(ctx, from.ConfigMapRef.Name)
			if err != nil {
				return nil, err
			}
			if !readable {
				env[anyVariable] = value{set: true, unknown: true}
			}
			for key, text := range data {
				env[from.Prefix+key] = value{set: true, text: text}
			}
		}
	}
	for _, e := range c.Env {
		v := value{set: true, text: env.expand(e.Value), setting: setting{field.Env, []string{e.Value, e.Name}}}
		if from := e.ValueFrom; from != nil && from.SecretKeyRef != nil {
			ref := from.SecretKeyRef
			v.origin, v.optional = origin{ref.Name, ref.Key}, ref.Optional != nil && *ref.Optional
		} else if from != nil && from.ConfigMapKeyRef != nil {
			data, readable, err := r.configMapData(ctx, from.ConfigMapKeyRef.Name)
			if err != nil {
				return nil, err
			}
			v.text, v.unknown = data[from.ConfigMapKeyRef.Key], !readable
		} else if from != nil {
			v.unknown = true
		}
		env[e.Name] = v
	}
	return env, nil
}

// anyVariable stands for all variables of a source that cannot be read.
const anyVariable = ""

// addSecret adds the variables that envFrom takes from a Secret.
func (r *run) addSecret(env environment, prefix, name string) error {
	s, err := r.secretStore()
	if err != nil {
		return err
	}
	live := s.needed[name]
	if live == nil || live.unreadable || live.rendered {
		env[anyVariable] = value{set: true, unknown: true}
		return nil
	}
	for _, key := range live.keys {
		env[prefix+key] = value{set: true, origin: origin{name, key}}
	}
	return nil
}

// configMapData returns the data of a ConfigMap, and whether it can be read. A missing
// ConfigMap has no data.
func (r *run) configMapData(ctx context.Context, name string) (data map[string]string, readable bool, err error) {
	for _, o := range r.objects() {
		if o.GetKind() == podspec.ConfigMap && o.GetAPIVersion() == "v1" && o.GetName() == name {
			data, _, _ = unstructured.NestedStringMap(o.Object, "data")
			return data, true, nil
		}
	}
	live, err := r.Client.CoreV1().ConfigMaps(r.Namespace).Get(ctx, name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil, true, nil
	case r.skipped.forbids(err, "configmaps", "ConfigMaps of the pods"):
		return nil, false, nil
	case err != nil:
		return nil, false, err
	}
	return live.Data, true, nil
}

// get returns a variable.
func (e environment) get(name string) value {
	if v, ok := e[name]; ok {
		return v
	}
	return e[anyVariable]
}

// first returns the first of some variables that is set, or the last name if none is.
func (e environment) first(names ...string) (string, value) {
	for _, name := range names {
		if v := e.get(name); v.set && (v.text != "" || v.secret != "" || v.unknown) {
			return name, v
		}
	}
	return names[len(names)-1], value{}
}

// isTrue reports whether a variable turns an option of huggingface_hub on. See _is_true in
// huggingface_hub/constants.py.
func (e environment) isTrue(name string) bool {
	return slices.Contains([]string{"1", "ON", "YES", "TRUE"}, strings.ToUpper(e.get(name).text))
}

// local reports whether the container does not ask Hugging Face, or might not.
func (e environment) local() bool {
	for _, name := range []string{"HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "VLLM_USE_MODELSCOPE", "SGLANG_USE_MODELSCOPE"} {
		if v := e.get(name); v.hidden() || e.isTrue(name) {
			return true
		}
	}
	return false
}

// variable matches a variable in a command: $(NAME) of Kubernetes, $NAME and ${NAME} of a
// shell.
var variable = regexp.MustCompile(`\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)`)

// expand replaces the variables whose texts are known.
func (e environment) expand(text string) string {
	return variable.ReplaceAllStringFunc(text, func(ref string) string {
		if v := e.get(referenced(ref)); v.known() {
			return v.text
		}
		return ref
	})
}

// referenced returns the name of the variable that a text consists of, or "".
func referenced(text string) string {
	found := variable.FindStringSubmatch(text)
	if found == nil || found[0] != text {
		return ""
	}
	return found[1] + found[2] + found[3]
}

// isPodAddress reports whether an endpoint is an address of the pod itself, which is
// another machine from here.
func isPodAddress(endpoint string) bool {
	u, err := url.Parse(endpoint)
	return err == nil && u.Hostname() != "" && registry.IsLoopback(u.Hostname())
}

// token reads a token. It reports false if the Secret or its key is missing or cannot be
// read, unless the pod starts without it.
func (r *run) token(ctx context.Context, v value) (token modelhub.Token, readable bool, err error) {
	if v.secret == "" {
		return modelhub.NewToken(v.text), !v.unknown, nil
	}
	token, found, err := secrets.ModelToken(ctx, r.Secrets, r.Namespace, v.secret, v.key)
	switch {
	case apierrors.IsNotFound(err):
		return token, v.optional, nil
	case apierrors.IsForbidden(err):
		return token, false, nil
	}
	return token, found || v.optional, err
}
