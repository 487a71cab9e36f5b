package secrets

import (
	"encoding/json"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

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

// patch builds the body of an update that leaves labels, annotations and all
// else alone. The server refuses it where the Secret is missing, and where it is
// of another type, with the type as the cause: a step that tests the type would
// fail without one.
func (op Operation) patch() (types.PatchType, []byte, error) {
	if op.Merge {
		body, err := op.mergePatch(op.secretData(), "")
		return types.MergePatchType, body, err
	}
	type step struct {
		Op    string `json:"op"`
		Path  string `json:"path"`
		Value any    `json:"value"`
	}
	body, err := json.Marshal([]step{
		{Op: "add", Path: "/type", Value: op.secretType()},
		{Op: "add", Path: "/data", Value: op.secretData()},
	})
	return types.JSONPatchType, body, err
}

// mergePatch builds a JSON Merge Patch, which the server merges into the data
// that is there at that moment, if any: what others change at the same time
// stays. The type is in it because the server lets nobody change that. With a
// version the server refuses it where the Secret has another by then.
func (op Operation) mergePatch(data map[string][]byte, version string) ([]byte, error) {
	type metadata struct {
		Version string `json:"resourceVersion"`
	}
	patch := struct {
		Metadata *metadata         `json:"metadata,omitempty"`
		Type     corev1.SecretType `json:"type"`
		Data     map[string][]byte `json:"data"`
	}{Type: op.secretType(), Data: data}
	if version != "" {
		patch.Metadata = &metadata{version}
	}
	return json.Marshal(patch)
}
