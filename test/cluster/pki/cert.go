package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"net"
	"os"
	"time"
)

// validity is far longer than any test or demonstration runs.
const validity = 365 * 24 * time.Hour

// authority signs leaves.
type authority struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// leaf describes a client certificate, which with hosts is a serving one too.
type leaf struct {
	name, user, group string
	ca                authority
	hosts             []string
}

func (d Dir) newAuthority(name string) (authority, error) {
	key, err := d.newKey(name)
	if err != nil {
		return authority{}, err
	}
	t := template(pkix.Name{CommonName: name})
	t.KeyUsage |= x509.KeyUsageCertSign
	t.IsCA, t.BasicConstraintsValid = true, true
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return authority{}, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return authority{}, err
	}
	return authority{cert, key}, writePEM(d.Cert(name), "CERTIFICATE", der)
}

func (d Dir) issue(l leaf) error {
	key, err := d.newKey(l.name)
	if err != nil {
		return err
	}
	subject := pkix.Name{CommonName: l.user}
	if l.group != "" {
		subject.Organization = []string{l.group}
	}
	t := template(subject)
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if len(l.hosts) > 0 {
		t.ExtKeyUsage = append(t.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	}
	for _, h := range l.hosts {
		if ip := net.ParseIP(h); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else if h != "" {
			t.DNSNames = append(t.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, t, l.ca.cert, key.Public(), l.ca.key)
	if err != nil {
		return err
	}
	return writePEM(d.Cert(l.name), "CERTIFICATE", der)
}

// template leaves out the serial number: CreateCertificate draws one.
func template(subject pkix.Name) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		Subject:   subject,
		NotBefore: now.Add(-time.Hour), // clocks of containers may lag
		NotAfter:  now.Add(validity),
		KeyUsage:  x509.KeyUsageDigitalSignature,
	}
}

func (d Dir) newKey(name string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, writePEM(d.Key(name), "EC PRIVATE KEY", der)
}

func writePEM(file, kind string, der []byte) error {
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
