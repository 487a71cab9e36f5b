package ask

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
	"k8s.io/klog/v2"
	"k8s.io/streaming/pkg/httpstream"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
)

// tunnel is a port-forward without a local port, which other users of the machine could
// connect to. client-go's PortForwarder also logs the kubelet's errors instead of returning
// them.
type tunnel struct {
	streams httpstream.Connection
	port    string

	mu       sync.Mutex
	requests int
	err      error
}

// openTunnel connects to a pod as 'kubectl port-forward' does: through a WebSocket, or SPDY if
// the server or a proxy does not support it.
func openTunnel(ctx context.Context, c *kube.Cluster, pod string, port int32) (*tunnel, error) {
	config, err := c.Getter.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	url := c.Core.RESTClient().Post().Resource("pods").Namespace(c.Namespace).Name(pod).SubResource("portforward").URL()
	transport, upgrader, err := spdy.RoundTripperFor(config)
	if err != nil {
		return nil, err
	}
	silent := klog.Logger{} // at -v=7, the connection would log all data, with the API key
	websocket, err := portforward.NewSPDYOverWebsocketDialerForStreamingWithLogger(silent, url, config)
	if err != nil {
		return nil, err
	}
	var refused *httpstream.UpgradeFailureError // the error of SPDY has only a text
	dialer := portforward.NewFallbackDialerForStreaming(websocket, spdy.NewDialerForStreaming(upgrader, &http.Client{Transport: transport}, http.MethodPost, url), func(err error) bool {
		return errors.As(err, &refused) || httpstream.IsHTTPSProxyError(err)
	})
	streams, err := input.Await(ctx, func() (httpstream.Connection, error) {
		streams, _, err := dialer.Dial(portforward.PortForwardProtocolV1Name)
		if status := (apierrors.APIStatus)(nil); err != nil && refused != nil && errors.As(refused.Cause, &status) {
			err = refused.Cause
		}
		return streams, err
	})
	if err != nil {
		return nil, forwardError(c.Namespace, pod, err)
	}
	return &tunnel{streams: streams, port: strconv.Itoa(int(port))}, nil
}

// forwardError names the permission that a user without it needs.
func forwardError(namespace, pod string, err error) error {
	if !apierrors.IsForbidden(err) {
		return fmt.Errorf("cannot forward a port to pod/%s: %w", pod, err)
	}
	err = fmt.Errorf("missing permission: create pods/portforward in namespace %s", namespace)
	role := hint.Kubectl("create", "role", "NAME", "-n", namespace, "--verb=get,create", "--resource=pods/portforward")
	return hint.Run(err, "ask an administrator for a binding to this role", role)
}

func (t *tunnel) close() { _ = t.streams.Close() }

// dial returns a connection to the port of the pod.
func (t *tunnel) dial(context.Context, string, string) (net.Conn, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	headers := http.Header{}
	headers.Set(corev1.StreamType, corev1.StreamTypeError)
	headers.Set(corev1.PortHeader, t.port)
	headers.Set(corev1.PortForwardRequestIDHeader, strconv.Itoa(t.requests))
	t.requests++
	failures, err := t.streams.CreateStream(headers)
	if err != nil {
		return nil, err
	}
	_ = failures.Close() // for writing
	headers.Set(corev1.StreamType, corev1.StreamTypeData)
	data, err := t.streams.CreateStream(headers)
	if err != nil {
		return nil, err
	}
	local, remote := net.Pipe()
	go func() {
		_, _ = io.Copy(data, remote)
		_ = data.Close()
	}()
	go func() {
		_, _ = io.Copy(remote, data)
		_ = data.Reset() // unsent data would block the other stream
		t.fail(failures)
		_ = remote.Close() // after fail, so that whoever reads its end finds the failure
		t.streams.RemoveStreams(failures, data)
	}()
	return local, nil
}

// fail records the kubelet's error for a connection.
func (t *tunnel) fail(failures io.Reader) {
	message, err := io.ReadAll(io.LimitReader(failures, maxMessage))
	if err != nil || len(message) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.err = errors.New(string(message))
}

// failure returns the kubelet's error, or nil.
func (t *tunnel) failure() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}
