package registry

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/distribution/distribution/v3/configuration"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

const (
	issuer  = "token service of the test"
	service = "registry of the test"
	keyID   = "key of the test"
)

// tokenService gives tokens to who has the credentials, as the registry
// specification has it.
type tokenService struct {
	key      *ecdsa.PrivateKey
	lifetime time.Duration
	refusal  string // what it says instead of giving a token
	opens    string // the one repository that its tokens are good for
}

// auth is authentication by the tokens of a new service, which runs on localhost.
func (s *tokenService) auth(t *testing.T, a *authority) configuration.Auth {
	t.Helper()
	var err error
	if s.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(start(t, s, a.forHosts(time.Hour, "localhost")).Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	keys, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: s.key.Public(), KeyID: keyID}}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(path, keys, 0o600); err != nil {
		t.Fatal(err)
	}
	return configuration.Auth{"token": {
		"realm":   "https://localhost:" + port + "/token",
		"issuer":  issuer,
		"service": service,
		"jwks":    path,
	}}
}

func (s *tokenService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user, pass, _ := r.BasicAuth()
	refusal := s.refusal
	if refusal == "" && (user != username || pass != password) {
		refusal = "incorrect username or password"
	}
	w.Header().Set("Content-Type", "application/json")
	if refusal != "" || r.URL.Path != "/token" || r.URL.Query().Get("service") != service {
		w.WriteHeader(http.StatusUnauthorized)
		_ = json.NewEncoder(w).Encode(map[string]any{"errors": []map[string]string{{"code": "UNAUTHORIZED", "message": refusal}}})
		return
	}
	token, err := s.token()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"token": token})
}

func (s *tokenService) token() (string, error) {
	options := (&jose.SignerOptions{}).WithHeader(jose.HeaderKey("kid"), keyID)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: s.key}, options)
	if err != nil {
		return "", err
	}
	return jwt.Signed(signer).Claims(jwt.Claims{
		Issuer:   issuer,
		Subject:  username,
		Audience: jwt.Audience{service},
		Expiry:   jwt.NewNumericDate(time.Now().Add(s.lifetime)),
	}).Claims(map[string]any{
		"access": []map[string]any{{"type": "repository", "name": s.opens, "actions": []string{"pull", "push"}}},
	}).Serialize()
}
