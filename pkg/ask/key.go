package ask

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// keyVariables are the environment variables that hold the API key of vLLM, llama.cpp, and
// Text Generation Inference, in the order in which they are looked up.
var keyVariables = []string{"VLLM_API_KEY", "LLAMA_API_KEY", "API_KEY"}

// keyArgument matches the flag of vLLM, SGLang, llama.cpp, TGI and LMDeploy, with a variable
// that Kubernetes or a shell expands, or with the key itself.
var keyArgument = regexp.MustCompile(`--api[-_]keys?(?:=|\s+)["']?(?:\$[({]?([A-Za-z_][A-Za-z0-9_]*)|([^\s"'$]+))`)

// The groups of keyArgument.
const (
	variable = iota + 1
	literal
)

// apiKey authorizes requests with the key of a server. The key itself is only in its
// functions, so that no format prints it.
type apiKey struct {
	from      string // where the key comes from, for messages; "" without a key
	unread    string // why a key cannot be read, for messages
	authorize func(*http.Request)
	redactor  *redact.Redactor // of the key, and of all Secrets of the pod
}

// keyFinder reads the Secrets of a pod.
type keyFinder struct {
	secrets   map[string]*unstructured.Unstructured // by name
	container corev1.Container
}

// findKey returns the API key in the environment or the arguments of the pod's main
// container. Without permission to get its Secret, requests have no key.
func findKey(ctx context.Context, c *kube.Cluster, pod *corev1.Pod) *apiKey {
	ctx = redact.WithoutBodyLogging(ctx)
	client := c.Dynamic.Resource(corev1.SchemeGroupVersion.WithResource("secrets")).Namespace(pod.Namespace)
	f := &keyFinder{secrets: map[string]*unstructured.Unstructured{}}
	for _, name := range podspec.SecretNames(&pod.Spec) {
		if secret, err := client.Get(ctx, name, metav1.GetOptions{}); err == nil {
			f.secrets[name] = secret
		}
	}
	main := podspec.DefaultContainer(pod.Annotations, &pod.Spec)
	if i := slices.IndexFunc(pod.Spec.Containers, func(c corev1.Container) bool { return c.Name == main }); i >= 0 {
		f.container = pod.Spec.Containers[i]
	}
	value, key := f.find()
	key.redactor = redact.ForObjects(slices.Collect(maps.Values(f.secrets))...)
	if value != "" {
		key.redactor = redact.New([]byte(value)).And(key.redactor)
		key.authorize = func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+value) }
	}
	return key
}

// find returns the key and where it comes from.
func (f *keyFinder) find() (string, *apiKey) {
	flag := keyArgument.FindStringSubmatch(strings.Join(slices.Concat(f.container.Command, f.container.Args), " "))
	switch {
	case flag == nil:
	case flag[literal] != "":
		return flag[literal], &apiKey{from: "--api-key of container " + f.container.Name}
	default:
		if value, key := f.variable(flag[variable]); key != nil {
			return value, key
		}
		return "", &apiKey{unread: fmt.Sprintf("variable %s of --api-key is not set in container %s", flag[variable], f.container.Name)}
	}
	for _, name := range keyVariables {
		if value, key := f.variable(name); key != nil {
			return value, key
		}
	}
	return "", &apiKey{}
}

// variable returns the value of an environment variable, or nil if it is not set.
func (f *keyFinder) variable(name string) (string, *apiKey) {
	for _, env := range slices.Backward(f.container.Env) { // the last one takes effect
		switch from := env.ValueFrom; {
		case env.Name != name:
		case from == nil:
			return env.Value, &apiKey{from: fmt.Sprintf("variable %s of container %s", name, f.container.Name)}
		case from.SecretKeyRef == nil:
			return "", &apiKey{unread: fmt.Sprintf("variable %s does not come from a Secret", name)}
		default:
			return f.secretKey(from.SecretKeyRef.Name, from.SecretKeyRef.Key)
		}
	}
	for _, from := range slices.Backward(f.container.EnvFrom) {
		key, prefixed := strings.CutPrefix(name, from.Prefix)
		if from.SecretRef == nil || !prefixed {
			continue
		}
		if value, found := f.secretKey(from.SecretRef.Name, key); found.from != "" {
			return value, found
		}
	}
	return "", nil
}

// secretKey returns the value of a key of a Secret.
func (f *keyFinder) secretKey(secret, key string) (string, *apiKey) {
	o := f.secrets[secret]
	if o == nil {
		return "", &apiKey{unread: fmt.Sprintf("cannot get Secret %q", secret)}
	}
	encoded, found, _ := unstructured.NestedString(o.Object, "data", key)
	value, err := base64.StdEncoding.DecodeString(encoded)
	name := fmt.Sprintf("Secret %q, key %q", secret, key)
	switch {
	case !found || err != nil:
		return "", &apiKey{unread: fmt.Sprintf("key %q not found in Secret %q", key, secret)}
	case bytes.ContainsFunc(value, unicode.IsControl):
		return "", &apiKey{unread: name + " contains a newline or another control character"}
	}
	return string(value), &apiKey{from: name}
}
