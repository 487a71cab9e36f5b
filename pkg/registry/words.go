package registry

import (
	"strings"
	"unicode"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

const (
	// mostWords bounds what is shown of a registry's words.
	mostWords = 200
	// echo is how long a part of a password has to be to be called one.
	echo = 4
)

// words returns what a registry says for itself, or "" where that is nothing,
// or has the user name or any part of the password in it.
func (l *login) words(answer *transport.Error) string {
	if len(answer.Errors) == 0 {
		return ""
	}
	said := strings.TrimSpace(answer.Errors[0].Message)
	_, encoded, _ := strings.Cut(l.basic(), " ")
	if contains(said, l.username) || echoes(said, l.password) || echoes(said, encoded) || strings.ContainsFunc(said, unicode.IsControl) {
		return ""
	}
	if runes := []rune(said); len(runes) > mostWords {
		said = string(runes[:mostWords]) + "…"
	}
	return said
}

// echoes reports whether text has a part of value in it.
func echoes(text, value string) bool {
	size := min(echo, len(value))
	for i := 0; i+size <= len(value); i++ {
		if contains(text, value[i:i+size]) {
			return true
		}
	}
	return false
}

func contains(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}
