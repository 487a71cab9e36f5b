// Package pki makes the certificates and kubeconfigs of one short-lived
// Kubernetes control plane.
//
// Create writes a directory of PEM files, NAME.crt and NAME.key, for every
// identity a control plane needs: its two authorities, the API server and its
// clients. Kubeconfig reads one of these identities back into a kubeconfig.
// Everything is readable by its owner alone, and made anew at each start, so
// nothing here renews or revokes.
package pki

import (
	"os"
	"path/filepath"
)

// Identities that Kubeconfig knows; each is a certificate's file name too.
const (
	Admin             = "admin"
	ControllerManager = "controller-manager"
	Scheduler         = "scheduler"
	Kubelet           = "kubelet"
	KubeProxy         = "kube-proxy"
)

// Names of the files that only the API server and the controllers use.
const (
	CA                 = "ca"
	FrontProxyCA       = "front-proxy-ca"
	FrontProxyClient   = "front-proxy-client"
	APIServer          = "apiserver"
	APIServerToKubelet = "apiserver-kubelet-client"
	ServiceAccounts    = "service-accounts"
)

// Dir is a directory of PEM files.
type Dir string

// Cert returns the path of the certificate called name.
func (d Dir) Cert(name string) string { return filepath.Join(string(d), name+".crt") }

// Key returns the path of the private key called name.
func (d Dir) Key(name string) string { return filepath.Join(string(d), name+".key") }

// Create writes every file a control plane needs to dir. The API server's
// certificate is good for hosts, and the kubelet's for the node of that name.
func Create(dir string, hosts []string, node string) (Dir, error) {
	d := Dir(dir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	ca, err := d.newAuthority(CA)
	if err != nil {
		return "", err
	}
	front, err := d.newAuthority(FrontProxyCA)
	if err != nil {
		return "", err
	}
	for _, l := range []leaf{
		{name: APIServer, ca: ca, user: "kube-apiserver", hosts: hosts},
		{name: APIServerToKubelet, ca: ca, user: "kube-apiserver-kubelet-client", group: "system:masters"},
		{name: FrontProxyClient, ca: front, user: "front-proxy-client"},
		{name: Admin, ca: ca, user: "kubernetes-admin", group: "system:masters"},
		{name: ControllerManager, ca: ca, user: "system:kube-controller-manager"},
		{name: Scheduler, ca: ca, user: "system:kube-scheduler"},
		{name: Kubelet, ca: ca, user: "system:node:" + node, group: "system:nodes", hosts: []string{node, "127.0.0.1"}},
		{name: KubeProxy, ca: ca, user: "system:kube-proxy"},
	} {
		if err := d.issue(l); err != nil {
			return "", err
		}
	}
	_, err = d.newKey(ServiceAccounts)
	return d, err
}
