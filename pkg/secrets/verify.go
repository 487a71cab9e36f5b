package secrets

import (
	"context"
	"errors"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/modelhub"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
)

// Login is the credentials for one registry in a pull secret, or a token for models.
type Login struct {
	secret, key string
	credential  registry.Credential
	service     service // of the token; noService for registries
	token       modelhub.Token
	problem     *PullSecretError // set for a pull secret without credentials
}

// LoginResult is the result of one login.
type LoginResult struct {
	Secret  string `json:"secret"`
	Key     string `json:"key"`
	Server  string `json:"registry_server"`
	Result  string `json:"result"` // "ok", "interrupted", a registry.Outcome or a modelhub.Outcome
	Message string `json:"message,omitempty"`
}

// loginOK is the Result of a login that succeeded.
const loginOK = "ok"

// OK reports whether the login succeeded.
func (v LoginResult) OK() bool { return v.Result == loginOK }

// Logins returns the logins of the Secrets that operations write.
func Logins(operations []Operation) []Login {
	var logins []Login
	for _, op := range operations {
		if op.Action == ActionDelete {
			continue
		}
		for _, c := range op.Credentials() {
			logins = append(logins, Login{secret: op.Name, key: corev1.DockerConfigJsonKey, credential: c})
		}
		if op.Type == TypeOpaque {
			logins = append(logins, tokenLogins(op.secret())...)
		}
	}
	return logins
}

// LoginsOf returns the logins of Secrets in the cluster. For a pull secret without
// credentials it returns a login that fails.
func LoginsOf(ctx context.Context, client corev1client.SecretsGetter, namespace string, names []string) ([]Login, error) {
	var logins []Login
	for _, name := range names {
		live, err := client.Secrets(namespace).Get(redact.WithoutBodyLogging(ctx), name, metav1.GetOptions{})
		if err != nil {
			return nil, err
		}
		key := pullSecretKey(live.Type)
		if key == "" {
			tokens := tokenLogins(live)
			if len(tokens) == 0 {
				return nil, &PullSecretError{Name: name, Reason: "must be of type " + string(TypeContainerRegistry) + " or contain a model token"}
			}
			logins = append(logins, tokens...)
			continue
		}
		credentials, err := pullSecretCredentials(live)
		var problem *PullSecretError
		switch {
		case errors.As(err, &problem) && problem.NoLogin:
			logins = append(logins, Login{secret: name, key: key, problem: problem})
		case err != nil:
			return nil, err
		}
		for _, c := range credentials {
			logins = append(logins, Login{secret: name, key: key, credential: c})
		}
	}
	return logins, nil
}

// Verify logs in to all registries and model services in parallel. It returns the results
// in the order of logins.
func Verify(ctx context.Context, logins []Login) []LoginResult {
	return verify(ctx, logins, modelhub.New(modelhub.Options{}))
}

func verify(ctx context.Context, logins []Login, hub *modelhub.Client) []LoginResult {
	results := make([]LoginResult, len(logins))
	var group sync.WaitGroup
	for i, l := range logins {
		group.Go(func() { results[i] = l.verify(ctx, hub) })
	}
	group.Wait()
	return results
}

func (l Login) verify(ctx context.Context, hub *modelhub.Client) LoginResult {
	v := LoginResult{Secret: l.secret, Key: l.key, Server: l.credential.Server, Result: loginOK}
	if l.problem != nil {
		v.Result, v.Message = string(registry.NoLogin), l.problem.Reason
		return v
	}
	if l.service != noService {
		return l.verifyToken(ctx, hub, v)
	}
	err := registry.Login(ctx, l.credential, registry.Options{})
	var problem *registry.Error
	switch {
	case errors.As(err, &problem):
		v.Result, v.Message = string(problem.Outcome), problem.Reason
	case err != nil:
		v.Result, v.Message = "interrupted", err.Error()
	}
	return v
}
