package secrets

import (
	"maps"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Action is the action of an operation, as spelled in the payload.
type Action string

// The actions of a payload. Create fails if the Secret exists, update and delete fail if it
// does not.
const (
	ActionCreate Action = "create"
	ActionUpdate Action = "update" // replaces all data, or merges into it
	ActionApply  Action = "apply"  // creates or updates
	ActionDelete Action = "delete"
)

// Type is the type of a Secret, as spelled in the payload.
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
	Type   Type // for a delete, empty or the required type of the live Secret
	Merge  bool // an update keeps existing keys or registries that are not in Data

	// Data is the data in the payload. For a container_registry it has the credentials
	// of a single registry, or is nil if there is a list of registries.
	Data       map[string]Value
	Registries []map[string]Value // the list of registries, with the credentials of each

	namespace string // set by NewBatch

	Document string          // the name of the payload
	Pointer  string          // to the operation, in the payload
	Pos      source.Position // of the operation, in the payload
}

// Keys returns the keys that the operation writes, in alphabetical order.
func (op Operation) Keys() []string {
	switch {
	case op.Action == ActionDelete:
		return nil
	case op.Type == TypeContainerRegistry:
		return []string{corev1.DockerConfigJsonKey}
	}
	return slices.Sorted(maps.Keys(op.Data))
}

// overwrites reports whether the operation changes an existing Secret.
func (op Operation) overwrites() bool {
	return op.Action == ActionUpdate || op.Action == ActionApply
}

// mergesRegistries reports whether the operation merges into the value of a pull secret,
// which requires reading it.
func (op Operation) mergesRegistries() bool { return op.Merge && op.Type == TypeContainerRegistry }

// registries returns the credentials of each registry.
func (op Operation) registries() []map[string]Value {
	switch {
	case op.Type != TypeContainerRegistry || op.Action == ActionDelete:
		return nil
	case op.Registries != nil:
		return op.Registries
	}
	return []map[string]Value{op.Data}
}

// field is a value of an operation and its place in the payload.
type field struct {
	op      Operation
	in      map[string]Value
	key     string
	pointer string
	shown   string // the pointer for messages, in which keys may be masked
}

func (f field) value() Value { return f.in[f.key] }

// fields returns every value of the operation, sorted by key.
func (op Operation) fields() []field {
	var all []field
	add := func(pointer string, in map[string]Value) {
		for _, key := range slices.Sorted(maps.Keys(in)) {
			all = append(all, field{op, in, key, pointer + source.Pointer(key), pointer + valuePointer(key)})
		}
	}
	add(op.Pointer+"/data", op.Data)
	for i, registry := range op.Registries {
		add(op.Pointer+"/data"+source.Pointer(registriesKey, strconv.Itoa(i)), registry)
	}
	return all
}

// secretType returns the type of the Secret.
func (op Operation) secretType() corev1.SecretType {
	switch op.Type {
	case TypeOpaque:
		return corev1.SecretTypeOpaque
	case TypeContainerRegistry:
		return corev1.SecretTypeDockerConfigJson
	}
	return ""
}

// payloadType returns the type of a Secret as spelled in payloads, or else as in
// Kubernetes.
func payloadType(t corev1.SecretType) string {
	switch t {
	case corev1.SecretTypeOpaque:
		return string(TypeOpaque)
	case corev1.SecretTypeDockerConfigJson:
		return string(TypeContainerRegistry)
	}
	return string(t)
}
