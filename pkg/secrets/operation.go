package secrets

import (
	"maps"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Action is what an operation does, as the payload spells it.
type Action string

// The actions of a payload. All but apply fail where they don't fit: create
// where the Secret exists, update and delete where it doesn't.
const (
	ActionCreate Action = "create"
	ActionUpdate Action = "update" // replaces the data wholly, or merges into it
	ActionApply  Action = "apply"  // creates what is missing, and updates what is there
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
	Type   Type // on a delete empty, or what the live Secret has to be
	Merge  bool // an update keeps the keys, or the registries, that it doesn't have

	// Data is as the payload has it: of a container_registry, the credentials
	// of its one registry, or nothing where it has a list of registries.
	Data       map[string]Value
	Registries []map[string]Value // the list, each with the keys of a single one

	namespace string // of the batch, once it is in one

	Document string          // the name of the payload
	Pointer  string          // to the operation, in the payload
	Pos      source.Position // of the operation, in the payload
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

// overwrites reports whether the operation changes a Secret that is there.
func (op Operation) overwrites() bool {
	return op.Action == ActionUpdate || op.Action == ActionApply
}

// mergesRegistries reports whether the operation merges into the value of a
// registry secret, for which that value has to be read.
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
	shown   string // the pointer that messages have
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

// payloadType returns the type of a Secret as payloads spell it, or else as Kubernetes does.
func payloadType(t corev1.SecretType) string {
	switch t {
	case corev1.SecretTypeOpaque:
		return string(TypeOpaque)
	case corev1.SecretTypeDockerConfigJson:
		return string(TypeContainerRegistry)
	}
	return string(t)
}
