package secrets

import (
	"errors"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// safe returns err without the values of op and without credentials in URLs. The API
// server itself does not quote values, but it forwards messages of admission webhooks and
// proxies. The result does not wrap an error that contains values.
func (op Operation) safe(err error) error {
	values := op.secretValues()
	var quoting quotingError
	if errors.As(err, &quoting) {
		for _, value := range quoting.values {
			values = append(values, value.bytes())
		}
	}
	text := err.Error()
	if clean := redact.New(values...).Except(op.publicNames()...).Text(text); clean != text {
		return errors.New(redact.URLs(clean))
	}
	return redact.Reworded(err, redact.URLs(text))
}

// publicNames returns the parts of op that are not secret: the name and the keys of the
// Secret, the namespace and the registry servers.
func (op Operation) publicNames() []string {
	names := append(op.Keys(), op.Name, op.namespace)
	for _, registry := range op.registries() {
		server, _ := normalServer(string(registry[serverKey].bytes()))
		host, _, _ := strings.Cut(strings.TrimPrefix(server, "https://"), "/")
		names = append(names, server, host)
	}
	return names
}

// secretValues reveals every secret value that op contains or sends. Registry servers are
// not secret.
func (op Operation) secretValues() [][]byte {
	var all [][]byte
	for _, f := range op.fields() {
		if op.Type != TypeContainerRegistry || f.key != serverKey {
			all = append(all, f.value().bytes())
		}
	}
	for _, registry := range op.registries() {
		all = append(all, []byte(basicAuth(registry)))
	}
	if op.Type == TypeContainerRegistry {
		all = append(all, op.dockerConfig())
	}
	return all
}
