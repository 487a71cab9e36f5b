package pki

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
)

func create(t *testing.T) Dir {
	t.Helper()
	d, err := Create(filepath.Join(t.TempDir(), "pki"), []string{"127.0.0.1", "localhost", ""}, "node-1")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestCreateKeepsOthersOut(t *testing.T) {
	t.Parallel()
	d := create(t)
	entries, err := os.ReadDir(string(d))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", e.Name(), info.Mode(), err)
		}
	}
	if info, err := os.Stat(string(d)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("directory: %v %v", info.Mode(), err)
	}
}

func TestCertificatesVerify(t *testing.T) {
	t.Parallel()
	d := create(t)
	for name, c := range map[string]struct {
		ca, host, user string
		usage          x509.ExtKeyUsage
	}{
		APIServer:        {CA, "127.0.0.1", "kube-apiserver", x509.ExtKeyUsageServerAuth},
		Admin:            {CA, "", "kubernetes-admin", x509.ExtKeyUsageClientAuth},
		Kubelet:          {CA, "node-1", "system:node:node-1", x509.ExtKeyUsageServerAuth},
		FrontProxyClient: {FrontProxyCA, "", "front-proxy-client", x509.ExtKeyUsageClientAuth},
	} {
		pair, err := tls.LoadX509KeyPair(d.Cert(name), d.Key(name))
		if err != nil {
			t.Fatal(err)
		}
		ca, err := os.ReadFile(d.Cert(c.ca))
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(ca)
		_, err = pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: c.host, KeyUsages: []x509.ExtKeyUsage{c.usage}})
		if err != nil || pair.Leaf.Subject.CommonName != c.user {
			t.Errorf("%s: %v %v", name, pair.Leaf.Subject, err)
		}
	}
}

func TestKubeconfigStandsAlone(t *testing.T) {
	t.Parallel()
	d := create(t)
	content, err := d.Kubeconfig("https://127.0.0.1:1", Admin)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(string(d)); err != nil {
		t.Fatal(err)
	}
	rc, err := clientcmd.RESTConfigFromKubeConfig(content)
	if err != nil || rc.Host != "https://127.0.0.1:1" || len(rc.CAData) == 0 {
		t.Fatalf("%+v %v", rc, err)
	}
	if _, err := tls.X509KeyPair(rc.CertData, rc.KeyData); err != nil {
		t.Error(err)
	}
}

func TestKubeconfigNeedsAnIdentity(t *testing.T) {
	t.Parallel()
	if _, err := create(t).Kubeconfig("", "nobody"); err == nil {
		t.Error("no error")
	}
}
