package secrets

import (
	"context"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/modelhub"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// ModelToken returns a value of a Secret in the cluster as a token for models, and whether
// the Secret has the key.
func ModelToken(ctx context.Context, client corev1client.SecretsGetter, namespace, name, key string) (token modelhub.Token, found bool, err error) {
	live, err := client.Secrets(namespace).Get(redact.WithoutBodyLogging(ctx), name, metav1.GetOptions{})
	if err != nil {
		return modelhub.Token{}, false, err
	}
	text, found := live.Data[key]
	return modelhub.NewToken(string(text)), found, nil
}

// service is a service that tokens give access to models of.
type service int

const (
	noService service = iota
	huggingFace
	ngc
)

// serviceOf returns the service of a value that looks like one of its tokens, or that has
// the name of the variable that its clients read.
func serviceOf(key, text string) service {
	switch text = strings.TrimSpace(text); {
	case text == "":
		return noService
	case strings.HasPrefix(text, "hf_"), key == "HF_TOKEN", key == "HUGGING_FACE_HUB_TOKEN":
		return huggingFace
	case strings.HasPrefix(text, "nvapi-"), key == "NGC_API_KEY", key == "NGC_CLI_API_KEY":
		return ngc
	}
	return noService
}

// tokenLogins returns the tokens in a Secret, sorted by key.
func tokenLogins(s *corev1.Secret) []Login {
	var logins []Login
	for _, key := range slices.Sorted(maps.Keys(s.Data)) {
		text := string(s.Data[key])
		if of := serviceOf(key, text); of != noService {
			logins = append(logins, Login{secret: s.Name, key: key, service: of, token: modelhub.NewToken(text)})
		}
	}
	return logins
}

// verifyToken completes the result for a token.
func (l Login) verifyToken(ctx context.Context, hub *modelhub.Client, v LoginResult) LoginResult {
	check := hub.VerifyHuggingFace
	if l.service == ngc {
		check = hub.VerifyNGC
	}
	answer, host, err := check(ctx, l.token)
	v.Server = host
	switch {
	case err != nil:
		v.Result, v.Message = "interrupted", err.Error()
	case answer.Outcome != modelhub.Granted:
		v.Result, v.Message = string(answer.Outcome), answer.Reason
		if answer.Fix != "" {
			v.Message += "; " + answer.Fix
		}
	}
	return v
}
