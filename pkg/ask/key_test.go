package ask

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// TestFind finds keys where containers have them.
func TestFind(t *testing.T) {
	t.Parallel()
	secrets := map[string]*unstructured.Unstructured{"api": {Object: map[string]any{"data": map[string]any{
		"KEY": base64.StdEncoding.EncodeToString([]byte("k3y")), "LINE": base64.StdEncoding.EncodeToString([]byte("k3y\n")),
		"VLLM_API_KEY": base64.StdEncoding.EncodeToString([]byte("all")),
	}}}}
	fromSecret := func(name, secret, key string) corev1.EnvVar {
		return corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
			LocalObjectReference: corev1.LocalObjectReference{Name: secret}, Key: key,
		}}}
	}
	all := func(prefix, secret string) corev1.EnvFromSource {
		return corev1.EnvFromSource{Prefix: prefix, SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: secret}}}
	}
	env := func(e ...corev1.EnvVar) []corev1.EnvVar { return e }
	own := fromSecret("OWN", "api", "KEY")
	const from, ownFrom = `Secret "api", key "KEY"`, `Secret "api", key "KEY"`
	for name, tt := range map[string]struct {
		container           corev1.Container
		value, from, unread string
	}{
		"none":             {corev1.Container{Args: []string{"--model", "x"}, Env: env(fromSecret("NGC_API_KEY", "api", "KEY"))}, "", "", ""},
		"vLLM":             {corev1.Container{Env: env(fromSecret("VLLM_API_KEY", "api", "KEY"))}, "k3y", from, ""},
		"vLLM before TGI":  {corev1.Container{Env: env(fromSecret("API_KEY", "other", "KEY"), fromSecret("VLLM_API_KEY", "api", "KEY"))}, "k3y", from, ""},
		"llama.cpp":        {corev1.Container{Env: env(fromSecret("LLAMA_API_KEY", "api", "KEY"))}, "k3y", from, ""},
		"literal variable": {corev1.Container{Env: env(corev1.EnvVar{Name: "VLLM_API_KEY", Value: "plain"})}, "plain", "variable VLLM_API_KEY of container main", ""},
		"last of two":      {corev1.Container{Env: env(corev1.EnvVar{Name: "API_KEY", Value: "a"}, corev1.EnvVar{Name: "API_KEY", Value: "b"})}, "b", "variable API_KEY of container main", ""},
		"argument":         {corev1.Container{Args: []string{"--api-key", "$(OWN)", "--port", "80"}, Env: env(own)}, "k3y", ownFrom, ""},
		"with =":           {corev1.Container{Args: []string{"--api-key=$(OWN)"}, Env: env(own)}, "k3y", ownFrom, ""},
		"shell":            {corev1.Container{Command: []string{"sh", "-c", `exec serve --api-key "${OWN}" --port 80`}, Env: env(own)}, "k3y", ownFrom, ""},
		"literal":          {corev1.Container{Args: []string{"--api-key", "plain"}}, "plain", "--api-key of container main", ""},
		"argument first":   {corev1.Container{Args: []string{"--api-key=$OWN"}, Env: env(own, corev1.EnvVar{Name: "VLLM_API_KEY", Value: "no"})}, "k3y", ownFrom, ""},
		"file":             {corev1.Container{Args: []string{"--api-key-file", "/keys"}}, "", "", ""},
		"unset":            {corev1.Container{Args: []string{"--api-key=$(OWN)"}}, "", "", "variable OWN of --api-key is not set in container main"},
		"missing Secret":   {corev1.Container{Env: env(fromSecret("API_KEY", "other", "KEY"))}, "", "", `cannot get Secret "other"`},
		"missing key":      {corev1.Container{Env: env(fromSecret("API_KEY", "api", "NO"))}, "", "", `key "NO" not found in Secret "api"`},
		"newline":          {corev1.Container{Env: env(fromSecret("API_KEY", "api", "LINE"))}, "", "", `Secret "api", key "LINE" contains a newline or another control character`},
		"envFrom":          {corev1.Container{EnvFrom: []corev1.EnvFromSource{all("", "api"), all("", "other")}}, "all", `Secret "api", key "VLLM_API_KEY"`, ""},
		"envFrom, prefix":  {corev1.Container{Args: []string{"--api-key=$(MY_KEY)"}, EnvFrom: []corev1.EnvFromSource{all("MY_", "api")}}, "k3y", from, ""},
		"other source": {corev1.Container{Env: env(corev1.EnvVar{Name: "API_KEY", ValueFrom: &corev1.EnvVarSource{ConfigMapKeyRef: &corev1.ConfigMapKeySelector{}}})},
			"", "", "variable API_KEY does not come from a Secret"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.container.Name = "main"
			f := &keyFinder{secrets: secrets, container: tt.container}
			value, key := f.find()
			if value != tt.value || key.from != tt.from || key.unread != tt.unread {
				t.Errorf("got %q, from %q, unread %q", value, key.from, key.unread)
			}
		})
	}
}

// TestKeyIsNotPrinted prints a key in all formats.
func TestKeyIsNotPrinted(t *testing.T) {
	t.Parallel()
	key := withKey()
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if got := fmt.Sprintf(format, *key); strings.Contains(got, secretValue) || strings.Contains(got, fmt.Sprintf("%x", secretValue)) {
			t.Errorf("%s prints %s", format, got)
		}
	}
	r, err := http.NewRequest(http.MethodGet, "http://localhost", nil)
	if err != nil {
		t.Fatal(err)
	}
	key.authorize(r)
	if r.Header.Get("Authorization") != "Bearer "+secretValue {
		t.Error("the request has no key")
	}
}
