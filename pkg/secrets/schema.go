package secrets

import (
	"bytes"
	_ "embed" // the schema of payloads
)

//go:embed payload.schema.json
var payloadSchema []byte

// PayloadSchema is the JSON Schema of payloads, for editors and other tools.
// Parse judges for itself, because it knows more: the size of a Secret, the
// same registry twice, standard input that is read twice.
func PayloadSchema() []byte { return bytes.Clone(payloadSchema) }
