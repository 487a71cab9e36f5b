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

// secret returns the body of a create. It has no stringData and no annotations, because
// they would store the values a second time.
func (op Operation) secret() *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: op.Name},
		Type:       op.secretType(),
		Data:       op.secretData(),
	}
}

// patch returns the body of an update that changes only the data. The server rejects it if
// the Secret is missing or of another type. It sets the type instead of testing it,
// because the error for a failed test does not name the cause.
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

// mergePatch returns a JSON Merge Patch, which keeps concurrent changes of other keys. It
// includes the type, so that the server rejects it for a Secret of another type. With a
// version, the server also rejects it if the Secret has changed since.
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
