package kubelet

import (
	"context"
	"io"
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/cri-streaming/pkg/streaming/portforward"
)

// The timeouts of a kubelet.
const (
	idleTimeout           = 4 * time.Hour
	streamCreationTimeout = 30 * time.Second
)

// portForward answers kubectl port-forward.
func (s *Server) portForward(w http.ResponseWriter, r *http.Request) {
	options, err := portforward.NewV4Options(r)
	if err != nil {
		fail(w, err)
		return
	}
	pod := podOf(r)
	portforward.ServePortForward(w, r, forwarder{s.host, pod}, pod.Name, "", options,
		idleTimeout, streamCreationTimeout, portforward.SupportedProtocols)
}

// forwarder copies data between a stream and a port of its pod.
type forwarder struct {
	host Host
	pod  types.NamespacedName
}

// PortForward implements portforward.PortForwarder.
func (f forwarder) PortForward(ctx context.Context, _, _ string, port int32, stream io.ReadWriteCloser) error {
	conn, err := f.host.Dial(ctx, f.pod, port)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	go func() {
		_, _ = io.Copy(conn, stream)
		if half, ok := conn.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
	}()
	_, err = io.Copy(stream, conn)
	return err
}
