package secrets

import (
	"bytes"
	_ "embed" // the schema of payloads
)

//go:embed payload.schema.json
var payloadSchema []byte

// PayloadSchema is the JSON Schema of payloads, for editors and other tools.
// Parse does not use it, because it checks more: the size of a Secret,
// duplicate registries, and standard input that is read twice.
func PayloadSchema() []byte { return bytes.Clone(payloadSchema) }
