package kubelet

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/cluster/pki"
)

// host has one pod with one container.
type host struct {
	log  Log
	port int32
	to   string // the address behind the port
}

func (h host) Log(pod types.NamespacedName, container string, previous bool) (Log, error) {
	switch {
	case pod.String() != "ns/pod" || container != "main":
		return Log{}, fmt.Errorf("%s %w", pod, ErrNotFound)
	case previous:
		return Log{}, fmt.Errorf("no previous run")
	}
	return h.log, nil
}

func (h host) Dial(_ context.Context, _ types.NamespacedName, port int32) (net.Conn, error) {
	if port != h.port {
		return nil, fmt.Errorf("port %d is closed", port)
	}
	return net.Dial("tcp", h.to)
}

// serve returns the base URL of a host's API and a configuration with a client certificate.
func serve(t *testing.T, h Host) (string, *rest.Config) {
	t.Helper()
	keys, err := pki.Create(filepath.Join(t.TempDir(), "pki"), []string{"127.0.0.1"}, "node")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Listen(keys, h)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- s.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return "https://" + s.Address().String(), &rest.Config{TLSClientConfig: rest.TLSClientConfig{
		CAFile:   keys.Cert(pki.CA),
		CertFile: keys.Cert(pki.APIServerToKubelet),
		KeyFile:  keys.Key(pki.APIServerToKubelet),
	}}
}

// get returns the status and the body of an answer.
func get(t *testing.T, config *rest.Config, address string) (int, io.ReadCloser) {
	t.Helper()
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response.StatusCode, response.Body
}

func TestLogs(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "log")
	content := "2026-01-01T00:00:01Z stdout P o\n2026-01-01T00:00:01Z stdout F ne\n2026-01-01T00:00:02.5Z stderr F two\n2026-01-01T00:00:03Z stdout F three\n"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	base, config := serve(t, host{log: Log{File: file}})
	for query, want := range map[string]string{
		"":                               "one\ntwo\nthree\n",
		"tailLines=2":                    "two\nthree\n",
		"tailLines=0":                    "",
		"limitBytes=5":                   "one\nt",
		"sinceTime=2026-01-01T00:00:02Z": "two\nthree\n",
		"sinceSeconds=60":                "",
		"timestamps=true&tailLines=2":    "2026-01-01T00:00:02.500000000Z two\n2026-01-01T00:00:03.000000000Z three\n",
	} {
		status, body := get(t, config, base+"/containerLogs/ns/pod/main?"+query)
		if got, err := io.ReadAll(body); err != nil || status != http.StatusOK || string(got) != want {
			t.Errorf("%s: %d %q %v, want %q", query, status, got, err, want)
		}
	}
	for path, want := range map[string]int{
		"/containerLogs/ns/pod/other":               http.StatusNotFound,
		"/containerLogs/other/pod/main":             http.StatusNotFound,
		"/containerLogs/ns/pod/main?previous=true":  http.StatusBadRequest,
		"/containerLogs/ns/pod/main?tailLines=many": http.StatusBadRequest,
		"/exec/ns/pod/main":                         http.StatusNotImplemented,
	} {
		if got, _ := get(t, config, base+path); got != want {
			t.Errorf("%s: status %d, want %d", path, got, want)
		}
	}
}

func TestFollowedLogEndsWithTheContainer(t *testing.T) {
	t.Parallel()
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	ended := make(chan struct{})
	base, config := serve(t, host{log: Log{File: file.Name(), Ended: ended}})
	_, body := get(t, config, base+"/containerLogs/ns/pod/main?follow=true") // the headers come before the first line
	lines := bufio.NewScanner(body)
	for _, line := range []string{"one", "two"} {
		if _, err := fmt.Fprintf(file, "%s stdout F %s\n", time.Now().Format(time.RFC3339Nano), line); err != nil {
			t.Fatal(err)
		}
		if !lines.Scan() || lines.Text() != line {
			t.Fatalf("got %q, want %q", lines.Text(), line)
		}
	}
	close(ended)
	if lines.Scan() {
		t.Errorf("got %q after the end", lines.Text())
	}
}

func TestContainerWithoutProcessHasAnEmptyLog(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	base, config := serve(t, host{log: Log{Ended: ended}})
	_, body := get(t, config, base+"/containerLogs/ns/pod/main")
	if got, err := io.ReadAll(body); err != nil || len(got) > 0 {
		t.Errorf("got %q, %v", got, err)
	}
	_, body = get(t, config, base+"/containerLogs/ns/pod/main?follow=true")
	read := make(chan error, 1)
	go func() {
		_, err := io.ReadAll(body)
		read <- err
	}()
	select {
	case err := <-read:
		t.Fatalf("ended before the container: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	close(ended)
	if err := <-read; err != nil {
		t.Error(err)
	}
}

func TestPortForward(t *testing.T) {
	t.Parallel()
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = echo.Close() }()
	go func() {
		for {
			conn, err := echo.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(conn, conn) // until the client closes its side
				_ = conn.Close()
			}()
		}
	}()
	base, config := serve(t, host{port: 8000, to: echo.Addr().String()})
	dial := forward(t, config, base, 8000)
	for _, want := range []string{"hello", strings.Repeat("x", 1<<20)} {
		conn := dial()
		go func() {
			_, _ = io.WriteString(conn, want)
			_ = conn.(*net.TCPConn).CloseWrite()
		}()
		if got, err := io.ReadAll(conn); err != nil || string(got) != want {
			t.Errorf("got %d bytes and %v, want %d bytes", len(got), err, len(want))
		}
	}
	if got, err := io.ReadAll(forward(t, config, base, 8001)()); len(got) > 0 {
		t.Errorf("a closed port answers %q, %v", got, err)
	}
}

// forward forwards a local port like kubectl, and returns a function that connects to it.
func forward(t *testing.T, config *rest.Config, base string, port int) func() net.Conn {
	t.Helper()
	transport, upgrader, err := spdy.RoundTripperFor(config)
	if err != nil {
		t.Fatal(err)
	}
	address, err := url.Parse(base + "/portForward/ns/pod")
	if err != nil {
		t.Fatal(err)
	}
	dialer := spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, address)
	stop, ready, errs := make(chan struct{}), make(chan struct{}), &bytes.Buffer{}
	f, err := portforward.NewOnAddresses(dialer, []string{"127.0.0.1"}, []string{fmt.Sprintf("0:%d", port)}, stop, ready, io.Discard, errs)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- f.ForwardPorts() }()
	t.Cleanup(func() { close(stop); <-done })
	select {
	case <-ready:
	case err := <-done:
		t.Fatal(err)
	}
	ports, err := f.GetPorts()
	if err != nil {
		t.Fatal(err)
	}
	return func() net.Conn {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", ports[0].Local))
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
}
