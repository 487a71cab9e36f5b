package secrets

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
)

// mergeRegistries merges registries into the value of a pull secret. The server cannot
// merge inside a value, so the value is read, changed and written with its
// resourceVersion; a write by others in between causes a conflict. live is the Secret if
// it was read.
func (b *Batch) mergeRegistries(ctx context.Context, op Operation, live *corev1.Secret, dryRun []string) (answer, error) {
	var err error
	if live == nil {
		live, err = b.getForWrite(ctx, op)
	}
	if err != nil {
		return answer{}, err
	}
	if live.Type != op.secretType() {
		return answer{}, typeError{live: live.Type}
	}
	merged, err := op.mergedDockerConfig(live.Data[corev1.DockerConfigJsonKey])
	if err != nil {
		return answer{}, err
	}
	if bytes.Equal(merged, live.Data[corev1.DockerConfigJsonKey]) {
		return answer{unchanged, live}, nil
	}
	body, err := op.mergePatch(map[string][]byte{corev1.DockerConfigJsonKey: merged}, live.ResourceVersion)
	if err != nil {
		return answer{}, err
	}
	after, err := b.secrets.Patch(ctx, op.Name, types.MergePatchType, body, metav1.PatchOptions{DryRun: dryRun, FieldManager: ownership.FieldManager})
	if err = b.whyInvalid(ctx, op, err); err != nil {
		return answer{}, quotingError{configValues(merged), err}
	}
	return answer{updated, after}, nil
}

// errNoConfig is returned for merges into a malformed .dockerconfigjson.
var errNoConfig = refusal{ReasonNoMerge, "has a malformed .dockerconfigjson, so nothing can be merged into it; use merge false with all registries"}

// mergedDockerConfig returns live, the .dockerconfigjson of a Secret, with the registries
// of op. They replace entries for the same server in any spelling; all other content is
// kept. If nothing changes, it returns live itself.
func (op Operation) mergedDockerConfig(live []byte) ([]byte, error) {
	var config, auths map[string]json.RawMessage
	if err := json.Unmarshal(live, &config); err != nil {
		return nil, errNoConfig
	}
	if old, found := config["auths"]; found {
		if err := json.Unmarshal(old, &auths); err != nil {
			return nil, errNoConfig
		}
	}
	own := op.auths()
	merged := map[string]json.RawMessage{}
	for server, credentials := range auths {
		normal, _ := normalServer(server)
		if _, replaced := own[normal]; !replaced {
			merged[server] = credentials
		}
	}
	for server, credentials := range own {
		merged[server], _ = json.Marshal(credentials) // strings always marshal
	}
	if maps.EqualFunc(auths, merged, sameJSON) {
		return live, nil
	}
	if config == nil {
		config = map[string]json.RawMessage{}
	}
	config["auths"], _ = json.Marshal(merged)
	return json.Marshal(config)
}

func sameJSON(a, b json.RawMessage) bool {
	var x, y bytes.Buffer
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}

// configValues returns the credentials of every registry in a .dockerconfigjson.
func configValues(config []byte) []Value {
	var parsed struct {
		Auths map[string]map[string]any `json:"auths"`
	}
	all := []Value{newValue(string(config))}
	_ = json.Unmarshal(config, &parsed) // keeps the parts that can be decoded
	for _, credentials := range parsed.Auths {
		for _, value := range credentials {
			if text, ok := value.(string); ok {
				all = append(all, newValue(text))
			}
		}
	}
	return all
}
