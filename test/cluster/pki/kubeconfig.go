package pki

import (
	"os"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// contextName is what kubectl shows as the current context.
const contextName = "blueprint-test"

// Kubeconfig returns a self-contained kubeconfig for one identity at server.
func (d Dir) Kubeconfig(server, identity string) ([]byte, error) {
	ca, err := os.ReadFile(d.Cert(CA))
	if err != nil {
		return nil, err
	}
	cert, err := os.ReadFile(d.Cert(identity))
	if err != nil {
		return nil, err
	}
	key, err := os.ReadFile(d.Key(identity))
	if err != nil {
		return nil, err
	}
	c := clientcmdapi.NewConfig()
	c.Clusters[contextName] = &clientcmdapi.Cluster{Server: server, CertificateAuthorityData: ca}
	c.AuthInfos[identity] = &clientcmdapi.AuthInfo{ClientCertificateData: cert, ClientKeyData: key}
	c.Contexts[contextName] = &clientcmdapi.Context{Cluster: contextName, AuthInfo: identity}
	c.CurrentContext = contextName
	return clientcmd.Write(*c)
}
