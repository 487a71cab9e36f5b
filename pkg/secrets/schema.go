package secrets

import (
	"bytes"
	_ "embed" // the schema of payloads
)

//go:embed payload.schema.json
var payloadSchema []byte

// PayloadSchema returns the JSON Schema of payloads, for editors and other tools. Parse does
// not use it, because it checks more: the size of a Secret, a registry that occurs twice,
// standard input that is read twice.
func PayloadSchema() []byte { return bytes.Clone(payloadSchema) }
