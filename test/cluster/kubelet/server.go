// Package kubelet serves the part of a kubelet's API that kubectl logs and
// kubectl port-forward use. It owns the requests and the protocols, with the code
// that a real node runs: the readers of Kubernetes for logs in the CRI format and
// for forwarded streams. What a container has printed and what listens in a pod is
// the Host's knowledge.
package kubelet

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/cluster/pki"
)

// headerTimeout is the time in which a client must send the headers of a request.
const headerTimeout = 30 * time.Second

// ErrNotFound is wrapped by errors about a pod or a container that the host does not have.
var ErrNotFound = errors.New("not found")

// Host is a node.
type Host interface {
	// Log returns the log of the current or the previous run of a container.
	Log(pod types.NamespacedName, container string, previous bool) (Log, error)
	// Dial connects to a port of a pod.
	Dial(ctx context.Context, pod types.NamespacedName, port int32) (net.Conn, error)
}

// Log is what one run of a container has printed.
type Log struct {
	File  string          // in the CRI format; empty if the run prints nothing
	Ended <-chan struct{} // closed after the last line
}

// Server is the API of one host.
type Server struct {
	host     Host
	listener net.Listener
	tls      *tls.Config
}

// Listen returns a server on a free port of the loopback interface. Only clients with
// a certificate of the cluster have access.
func Listen(keys pki.Dir, host Host) (*Server, error) {
	certificate, err := tls.LoadX509KeyPair(keys.Cert(pki.Kubelet), keys.Key(pki.Kubelet))
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(keys.Cert(pki.CA))
	if err != nil {
		return nil, err
	}
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(ca)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &Server{host, listener, &tls.Config{
		Certificates: []tls.Certificate{certificate},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    clients,
		MinVersion:   tls.VersionTLS12,
	}}, nil
}

// Address returns the address of the server.
func (s *Server) Address() *net.TCPAddr { return s.listener.Addr().(*net.TCPAddr) }

// Serve answers requests until ctx ends.
func (s *Server) Serve(ctx context.Context) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", s.logs)
	mux.HandleFunc("/portForward/{namespace}/{pod}", s.portForward)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusNotImplemented, "a simulated node serves only logs and port-forward")
	})
	server := &http.Server{
		Handler:           mux,
		TLSConfig:         s.tls,
		ReadHeaderTimeout: headerTimeout,
		ErrorLog:          log.New(os.Stderr, "simulated kubelet: ", 0), // the cluster's log
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.ServeTLS(s.listener, "", ""); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("kubelet API: %w", err)
	}
	return nil
}

// podOf returns the pod in the path of a request.
func podOf(r *http.Request) types.NamespacedName {
	return types.NamespacedName{Namespace: r.PathValue("namespace"), Name: r.PathValue("pod")}
}

// fail answers with the status that a kubelet uses.
func fail(w http.ResponseWriter, err error) {
	status := http.StatusBadRequest
	if errors.Is(err, ErrNotFound) {
		status = http.StatusNotFound
	}
	reply(w, status, err.Error())
}

// reply answers with a text without a final newline: clients print it as it is.
func reply(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}
