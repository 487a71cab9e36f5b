package preflight

import (
	"encoding/json"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
)

// operation is an operation of a secrets payload that a fix proposes. It has
// references in place of values.
type operation struct {
	Name   string         `json:"name"`
	Action string         `json:"action"`
	Type   string         `json:"type"`
	Merge  bool           `json:"merge,omitempty"` // keeps the other keys
	Data   map[string]any `json:"data"`
}

// String returns the operation on one line.
func (op operation) String() string {
	text, _ := json.Marshal(op) // maps of strings always marshal
	return string(text)
}

// opaque returns an operation that sets the keys that pods need of a Secret.
func opaque(action, secret string, needs []need) operation {
	op := operation{Name: secret, Action: action, Type: "opaque", Merge: action == "update", Data: map[string]any{}}
	for _, n := range needs {
		switch {
		case n.Key == "":
		case n.Use == podspec.Files || n.Use == podspec.Projected:
			op.Data[n.Key] = valueFrom("file", n.Key)
		default:
			op.Data[n.Key] = valueFrom("env", variable(n.Key))
		}
	}
	if len(op.Data) == 0 {
		op.Data["KEY"] = valueFrom("env", "KEY")
	}
	return op
}

// pullSecret returns an operation that sets the credentials of a registry. NVIDIA's
// accepts only one user name, with an API key.
func pullSecret(action, secret, host string) operation {
	data := map[string]any{"registry_server": host, "username": valueFrom("env", "REGISTRY_USERNAME"), "password": valueFrom("env", "REGISTRY_PASSWORD")}
	if host == "nvcr.io" {
		data["username"], data["password"] = "$oauthtoken", valueFrom("env", "NGC_API_KEY")
	}
	return operation{Name: secret, Action: action, Type: "container_registry", Merge: action == "update", Data: data}
}

func valueFrom(kind, name string) map[string]any {
	return map[string]any{"valueFrom": map[string]string{kind: name}}
}

// variable turns a key into the name of an environment variable.
func variable(key string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}, strings.ToUpper(key))
	if name[0] >= '0' && name[0] <= '9' {
		return "_" + name
	}
	return name
}
