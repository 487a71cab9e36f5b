package serve

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
)

// minToken is the minimum length of a token. Other users of the machine could guess
// shorter ones.
const minToken = 16

// NewToken returns a token of 256 random bits.
func NewToken() string {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never returns an error
	return hex.EncodeToString(random)
}

// ReadToken returns the token in a file of one line. Errors do not quote it.
func ReadToken(ctx context.Context, file string) (string, error) {
	text, err := input.ReadFile(ctx, file, 1<<20)
	if err != nil {
		return "", err
	}
	token, err := parseToken(text)
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	return token, nil
}

func parseToken(file []byte) (string, error) {
	token := strings.TrimRight(string(file), "\r\n")
	unfit := func(r rune) bool { return r <= ' ' || r > '~' }
	switch {
	case strings.ContainsFunc(token, unfit):
		return "", errors.New("token must be one line of printable ASCII characters without spaces")
	case len(token) < minToken:
		return "", hint.Run(errors.New("token must have at least 16 characters"), "create one", hint.Command{"openssl", "rand", "-hex", "32"})
	}
	return token, nil
}

// authorized accepts requests with the token in the header "Authorization: Token …".
func authorized(token string, next http.Handler) http.Handler {
	want := sha256.Sum256([]byte(token)) // so that the lengths are equal
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given := sha256.Sum256([]byte(tokenOf(r)))
		if token == "" || subtle.ConstantTimeCompare(given[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", "Token")
			refuse(w, http.StatusUnauthorized, `missing or wrong token; send "Authorization: Token …" with the token that the server printed, or from its --token-file`)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// tokenOf returns the token of a request, or "".
func tokenOf(r *http.Request) string {
	headers := r.Header.Values("Authorization")
	if len(headers) != 1 {
		return ""
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	if !strings.EqualFold(scheme, "Token") {
		return ""
	}
	return strings.TrimSpace(token)
}
