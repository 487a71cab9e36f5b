package secrets

import (
	"encoding/json"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Action is what an operation does, as the payload spells it.
type Action string

// The actions of a payload. Each fails where it doesn't fit: create where the
// Secret exists, update and delete where it doesn't.
const (
	ActionCreate Action = "create"
	ActionUpdate Action = "update" // replaces the data wholly
	ActionDelete Action = "delete"
)

// Type is the type of a secret, as the payload spells it.
type Type string

// The types of a payload.
const (
	TypeOpaque            Type = "opaque"
	TypeContainerRegistry Type = "container_registry"
)

// Operation is one validated operation of a payload.
type Operation struct {
	Name   string
	Action Action
	Type   Type             // on a delete empty, or what the live Secret has to be
	Data   map[string]Value // as the payload has it: of a registry, its credentials
}

// Keys returns the keys of the Secret that the operation writes, sorted.
func (op Operation) Keys() []string {
	switch {
	case op.Action == ActionDelete:
		return nil
	case op.Type == TypeContainerRegistry:
		return []string{corev1.DockerConfigJsonKey}
	}
	return slices.Sorted(maps.Keys(op.Data))
}

// secretType is the type of the Secret.
func (op Operation) secretType() corev1.SecretType {
	switch op.Type {
	case TypeOpaque:
		return corev1.SecretTypeOpaque
	case TypeContainerRegistry:
		return corev1.SecretTypeDockerConfigJson
	}
	return ""
}

// payloadType is a Secret's type in the words of a payload, where it has one.
func payloadType(t corev1.SecretType) string {
	switch t {
	case corev1.SecretTypeOpaque:
		return string(TypeOpaque)
	case corev1.SecretTypeDockerConfigJson:
		return string(TypeContainerRegistry)
	}
	return string(t)
}

// secretData reveals the data of the Secret.
func (op Operation) secretData() map[string][]byte {
	if op.Type == TypeContainerRegistry {
		return map[string][]byte{corev1.DockerConfigJsonKey: op.dockerConfig()}
	}
	data := make(map[string][]byte, len(op.Data))
	for key, value := range op.Data {
		data[key] = value.bytes()
	}
	return data
}

// secret builds the body of a create: only data, never stringData, and no
// annotation, because either would keep the values in a second place.
func (op Operation) secret() *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: op.Name},
		Type:       op.secretType(),
		Data:       op.secretData(),
	}
}

// patch builds the body of an update: a JSON Patch that replaces the data and
// leaves all else alone. The server refuses it where the Secret is missing or
// is of another type.
func (op Operation) patch() ([]byte, error) {
	type step struct {
		Op    string `json:"op"`
		Path  string `json:"path"`
		Value any    `json:"value"`
	}
	return json.Marshal([]step{
		{Op: "test", Path: "/type", Value: op.secretType()},
		{Op: "add", Path: "/data", Value: op.secretData()},
	})
}
