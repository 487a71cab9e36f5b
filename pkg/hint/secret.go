package hint

import (
	"encoding/json"
	"strings"
)

// SecretOperation is an operation of a secrets payload to suggest. Its values are
// references to environment variables and files.
type SecretOperation struct {
	Name   string         `json:"name"`
	Action string         `json:"action"`
	Type   string         `json:"type"`
	Merge  bool           `json:"merge,omitempty"` // keeps the other keys
	Data   map[string]any `json:"data"`
}

// OpaqueSecret returns an operation that sets keys of a Secret. It reads the values of
// env from environment variables and those of files from files with their names.
func OpaqueSecret(action, name string, env, files []string) SecretOperation {
	op := SecretOperation{Name: name, Action: action, Type: "opaque", Merge: action == "update", Data: map[string]any{}}
	for _, key := range files {
		op.Data[key] = valueFrom("file", key)
	}
	for _, key := range env {
		op.Data[key] = valueFrom("env", variable(key))
	}
	if len(op.Data) == 0 {
		op.Data["KEY"] = valueFrom("env", "KEY")
	}
	return op
}

// PullSecret returns an operation that sets the credentials of a registry. NVIDIA's
// registry accepts API keys with one user name only.
func PullSecret(action, name, host string) SecretOperation {
	data := map[string]any{"registry_server": host, "username": valueFrom("env", "REGISTRY_USERNAME"), "password": valueFrom("env", "REGISTRY_PASSWORD")}
	if host == "nvcr.io" {
		data["username"], data["password"] = "$oauthtoken", valueFrom("env", "NGC_API_KEY")
	}
	return SecretOperation{Name: name, Action: action, Type: "container_registry", Merge: action == "update", Data: data}
}

// Hint returns the suggestion to apply the operation with a command that reads a
// payload from standard input.
func (op SecretOperation) Hint(text string, apply Command) Hint {
	payload, _ := json.Marshal(op) // maps of strings always marshal
	return Hint{Text: text, Command: apply, Input: string(payload)}
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
