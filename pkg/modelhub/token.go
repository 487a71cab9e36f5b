package modelhub

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// Token is a token of Hugging Face or an API key of NGC. It always prints as ***. The text
// is behind a function, so that packages that print by reflection do not find it.
type Token struct{ reveal func() string }

var (
	_ fmt.Formatter  = Token{}
	_ fmt.GoStringer = Token{}
	_ json.Marshaler = Token{}
	_ slog.LogValuer = Token{}
)

// NewToken returns a token without the line breaks and the white space around it, which
// clients also remove. See _clean_token in huggingface_hub/utils/_auth.py.
func NewToken(text string) Token {
	text = strings.TrimSpace(strings.NewReplacer("\r", "", "\n", "").Replace(text))
	if text == "" {
		return Token{}
	}
	return Token{func() string { return text }}
}

// IsZero reports whether the token is missing.
func (t Token) IsZero() bool { return t.reveal == nil }

// text reveals the token. Use it only for the headers of requests.
func (t Token) text() string {
	if t.reveal == nil {
		return ""
	}
	return t.reveal()
}

// hash identifies the token.
func (t Token) hash() [sha256.Size]byte { return sha256.Sum256([]byte(t.text())) }

// sendable reports whether the token can be part of a header.
func (t Token) sendable() bool {
	return !strings.ContainsFunc(t.text(), func(r rune) bool { return r <= ' ' || r > '~' })
}

// String returns ***.
func (Token) String() string { return redact.Mask }

// GoString returns ***.
func (Token) GoString() string { return redact.Mask }

// Format writes *** for every verb.
func (Token) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redact.Mask) }

// MarshalJSON writes "***".
func (Token) MarshalJSON() ([]byte, error) { return []byte(`"` + redact.Mask + `"`), nil }

// MarshalText writes ***, for YAML and XML.
func (Token) MarshalText() ([]byte, error) { return []byte(redact.Mask), nil }

// LogValue logs as ***.
func (Token) LogValue() slog.Value { return slog.StringValue(redact.Mask) }
