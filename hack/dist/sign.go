package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
)

// signingKey returns the private key in SIGNING_KEY (PEM, PKCS #8). Without it, it
// returns a key for this run if one is required, and otherwise none.
func signingKey(required bool) (*ecdsa.PrivateKey, error) {
	text := os.Getenv("SIGNING_KEY")
	if text == "" {
		if !required {
			return nil, nil
		}
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("generating a key: %w", err)
		}
		return key, nil
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("SIGNING_KEY must be a private key in PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("SIGNING_KEY must be an unencrypted PKCS #8 key") // the parser's message could quote it
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("SIGNING_KEY must be an ECDSA key on P-256")
	}
	return key, nil
}

// sign returns the signature of content in the format of cosign sign-blob: ECDSA over
// its SHA-256, as ASN.1 in base64.
func sign(key *ecdsa.PrivateKey, content []byte) ([]byte, error) {
	sum := sha256.Sum256(content)
	signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return []byte(base64.StdEncoding.EncodeToString(signature) + "\n"), nil
}

// publicKey returns the public half of a key as PEM.
func publicKey(key *ecdsa.PrivateKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return "", fmt.Errorf("encoding the public key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}
