package registry

import (
	"strings"
	"unicode"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// maxMessage limits the length of a registry's message.
const maxMessage = 200

// serverMessage returns the message of a registry, or "" if it is empty or may contain a
// part of the credentials.
func (l *login) serverMessage(answer *transport.Error) string {
	if len(answer.Errors) == 0 {
		return ""
	}
	said := strings.TrimSpace(answer.Errors[0].Message)
	_, encoded, _ := strings.Cut(l.basic(), " ")
	user := redact.New([]byte(l.username)).Except(l.registry.RegistryStr())
	password := redact.New([]byte(l.password), []byte(encoded))
	if user.Text(said) != said || password.Echoes(said) || strings.ContainsFunc(said, unicode.IsControl) {
		return ""
	}
	if runes := []rune(said); len(runes) > maxMessage {
		said = string(runes[:maxMessage]) + "…"
	}
	return said
}
