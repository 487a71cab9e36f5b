package secrets

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// Value is a secret value. It always prints as ***. The bytes are behind a function, so
// that packages that print by reflection, such as fmt for unexported fields, only find the
// address of code.
type Value struct {
	reveal func() []byte
	from   *reference // nil after Resolve, and for literal values
}

var (
	_ fmt.Formatter  = Value{}
	_ fmt.GoStringer = Value{}
	_ json.Marshaler = Value{}
	_ slog.LogValuer = Value{}
)

func newValue(s string) Value {
	return Value{reveal: func() []byte { return []byte(s) }}
}

// bytes returns the value, or nil for a reference. Use it only for request bodies,
// validation and redaction.
func (v Value) bytes() []byte {
	if v.reveal == nil {
		return nil
	}
	return v.reveal()
}

// String returns ***.
func (Value) String() string { return redact.Mask }

// GoString returns ***.
func (Value) GoString() string { return redact.Mask }

// Format writes *** for every verb.
func (Value) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redact.Mask) }

// MarshalJSON writes "***".
func (Value) MarshalJSON() ([]byte, error) { return []byte(`"` + redact.Mask + `"`), nil }

// MarshalText writes ***, for YAML and XML.
func (Value) MarshalText() ([]byte, error) { return []byte(redact.Mask), nil }

// LogValue logs as ***.
func (Value) LogValue() slog.Value { return slog.StringValue(redact.Mask) }
