package secrets

import corev1 "k8s.io/api/core/v1"

// Manifest is a Secret with masked values, for output.
type Manifest struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Metadata   ManifestMetadata  `json:"metadata"`
	Type       corev1.SecretType `json:"type"`
	Data       map[string]Value  `json:"data"`
}

// ManifestMetadata is the metadata of a Manifest.
type ManifestMetadata struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace,omitempty"`
}

// Manifests returns the Secret that each operation writes, in the order of the payload.
// Deletes write none. After Check, the Secret of a merge includes its existing keys.
func (b *Batch) Manifests() []Manifest {
	var all []Manifest
	b.simulate(func(_ int, op Operation, before state, _ error) {
		if op.Action == ActionDelete {
			return
		}
		m := Manifest{"v1", "Secret", ManifestMetadata{op.Name, b.namespace}, op.secretType(), map[string]Value{}}
		for _, key := range before.keysAfter(op) {
			m.Data[key] = Value{}
		}
		all = append(all, m)
	})
	return all
}

// DryRun returns the results that Apply would return, without requests: it assumes that
// the first operation on each Secret succeeds.
func (b *Batch) DryRun() []Result {
	results := make([]Result, len(b.ops))
	last := map[string]int{}
	b.simulate(func(i int, op Operation, before state, err error) {
		a := b.predictedResult(op, before)
		var changed *bool
		if a.did != updated {
			changed = new(true)
		}
		results[i] = b.outcome(op, before, a, changed, err, attempt{last[op.Name], "dry run"})
		last[op.Name] = i + 1
	})
	return results
}

// simulate calls visit for each operation, in the order of the payload, with the
// predicted state of the Secret before it and the predicted error.
func (b *Batch) simulate(visit func(i int, op Operation, before state, err error)) {
	states := map[string]state{}
	for i, op := range b.ops {
		before, found := states[op.Name]
		if !found {
			before = b.seen[op.Name]
		}
		err := b.predictedError(before, op, nil)
		visit(i, op, before, err)
		states[op.Name] = before.after(op, answer{}, err)
	}
}
