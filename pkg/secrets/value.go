package secrets

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// Value is a secret value. It prints as *** however it is printed. The bytes
// are behind a function, so that packages which print by reflection, fmt
// included where a Value is in an unexported field, find no more than the
// address of code.
type Value struct {
	reveal func() []byte
	from   *reference // where the value is to come from, nil once it is there
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

// bytes returns the value itself, or nothing if it is a reference. It is for the
// body of a request, for validation, and for finding the value in text that must
// not have it.
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
