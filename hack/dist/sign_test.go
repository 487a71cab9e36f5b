package main

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"
)

func TestSigningKeyRefuses(t *testing.T) {
	_, other, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	large, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"not-a-key": "SIGNING_KEY must be a private key in PEM",
		"-----BEGIN PRIVATE KEY-----\nbm90LWEta2V5\n-----END PRIVATE KEY-----\n": "SIGNING_KEY must be an unencrypted PKCS #8 key",
		encode(t, other): "SIGNING_KEY must be an ECDSA key on P-256",
		encode(t, large): "SIGNING_KEY must be an ECDSA key on P-256",
	} {
		t.Setenv("SIGNING_KEY", text)
		if _, err := signingKey(false); err == nil || err.Error() != want {
			t.Errorf("expected %q, got %v", want, err)
		}
	}
}

func encode(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// TestSigningKeyIsOptional generates a key only if one is required.
func TestSigningKeyIsOptional(t *testing.T) {
	t.Setenv("SIGNING_KEY", "")
	if key, err := signingKey(false); key != nil || err != nil {
		t.Errorf("expected no key, got %v, %v", key, err)
	}
	first, err := signingKey(true)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := signingKey(true); err != nil || first.Equal(second) {
		t.Errorf("expected a new key each time, got %v", err)
	}
}

// TestSignature verifies a signature with the public key that is published.
func TestSignature(t *testing.T) {
	t.Setenv("SIGNING_KEY", newKey(t))
	key, err := signingKey(false)
	if err != nil {
		t.Fatal(err)
	}
	text, err := publicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(text))
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := sign(key, []byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	signature, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(signed)))
	if err != nil {
		t.Fatal(err)
	}
	for content, want := range map[string]bool{"content": true, "contenT": false} {
		sum := sha256.Sum256([]byte(content))
		if got := ecdsa.VerifyASN1(public.(*ecdsa.PublicKey), sum[:], signature); got != want {
			t.Errorf("%s: expected %t, got %t", content, want, got)
		}
	}
}
