package secrets

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// Value is a secret value. It prints as *** whatever the verb. Its bytes are
// behind a closure, so that packages that print by reflection (fmt as well, for
// a Value in an unexported field) find only a code address.
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

// bytes returns the value, or nothing for a reference. It is for request
// bodies, validation, and redaction.
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
