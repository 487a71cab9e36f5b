package secrets

import (
	"bytes"
	_ "embed" // the schema of payloads
)

//go:embed payload.schema.json
var payloadSchema []byte

// PayloadSchema returns the JSON Schema of payloads, for editors and other tools. Parse
// does not use it, because it checks more, such as the size of a Secret, duplicate
// registries and repeated use of standard input.
func PayloadSchema() []byte { return bytes.Clone(payloadSchema) }
