package secrets

import (
	"context"
	"errors"
	"sync"

	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
)

// Login is the credentials for one registry in one pull secret.
type Login struct {
	secret     string
	credential registry.Credential
	problem    *PullSecretError // set for a pull secret without credentials
}

// LoginResult is the result of one login.
type LoginResult struct {
	Secret  string `json:"secret"`
	Server  string `json:"registry_server"`
	Result  string `json:"result"` // "ok", "interrupted", or a registry.Outcome
	Message string `json:"message,omitempty"`
}

// loginOK is the Result of a login that succeeded.
const loginOK = "ok"

// OK reports whether the login succeeded.
func (v LoginResult) OK() bool { return v.Result == loginOK }

// Logins returns the logins of the pull secrets that operations write.
func Logins(operations []Operation) []Login {
	var logins []Login
	for _, op := range operations {
		for _, c := range op.Credentials() {
			logins = append(logins, Login{secret: op.Name, credential: c})
		}
	}
	return logins
}

// LoginsOf returns the logins of pull secrets in the cluster. For a pull secret without
// credentials it returns a login that fails.
func LoginsOf(ctx context.Context, client corev1client.SecretsGetter, namespace string, names []string) ([]Login, error) {
	var logins []Login
	for _, name := range names {
		credentials, err := PullSecretCredentials(ctx, client, namespace, name)
		var problem *PullSecretError
		switch {
		case errors.As(err, &problem) && problem.NoLogin:
			logins = append(logins, Login{secret: name, problem: problem})
		case err != nil:
			return nil, err
		}
		for _, c := range credentials {
			logins = append(logins, Login{secret: name, credential: c})
		}
	}
	return logins, nil
}

// Verify logs in to all registries in parallel. It returns the results in the order of
// logins.
func Verify(ctx context.Context, logins []Login) []LoginResult {
	results := make([]LoginResult, len(logins))
	var group sync.WaitGroup
	for i, l := range logins {
		group.Go(func() { results[i] = l.verify(ctx) })
	}
	group.Wait()
	return results
}

func (l Login) verify(ctx context.Context) LoginResult {
	if l.problem != nil {
		return LoginResult{Secret: l.secret, Result: string(registry.NoLogin), Message: l.problem.Reason}
	}
	v := LoginResult{Secret: l.secret, Server: l.credential.Server, Result: loginOK}
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
