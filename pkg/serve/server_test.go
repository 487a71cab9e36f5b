package serve

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// start serves handler until the returned function is called.
func start(t *testing.T, server *http.Server, finish, giveUp time.Duration) (address string, stop func() error) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx, listener, server, finish, giveUp) }()
	t.Cleanup(cancel)
	return listener.Addr().String(), func() error { cancel(); return <-done }
}

func dial(t *testing.T, address, text string) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	send(t, conn, text)
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	return conn
}

func send(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

func status(t *testing.T, conn net.Conn) int {
	t.Helper()
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

func TestServeBoundsSlowClients(t *testing.T) {
	t.Parallel()
	h, logs := newHandler(t)
	server := newServer(h, log.New(logs, "", 0))
	if server.ReadHeaderTimeout <= 0 || server.ReadTimeout <= 0 || server.WriteTimeout <= 0 || server.IdleTimeout <= 0 || server.MaxHeaderBytes <= 0 {
		t.Errorf("something of the server is unbounded: %+v", server)
	}
	server.ReadHeaderTimeout, server.ReadTimeout = 200*time.Millisecond, 600*time.Millisecond
	address, stop := start(t, server, time.Second, time.Second)

	slowHeader := dial(t, address, "GET /secrets/ HTTP/1.1\r\nHost: localhost\r\nX: ")
	if n, err := slowHeader.Read(make([]byte, 1)); n > 0 || !errors.Is(err, io.EOF) {
		t.Errorf("half a header got %d bytes, %v; want the end", n, err)
	}
	const post = "POST /secrets/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n"
	if got := status(t, dial(t, address, post+"Authorization: Token "+testToken+"\r\n\r\n{")); got != http.StatusRequestTimeout {
		t.Errorf("half a body got %d", got)
	}
	large := fmt.Sprintf("POST /secrets/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\nExpect: 100-continue\r\n", MaxBody+1)
	if got := status(t, dial(t, address, large+"Authorization: Token "+testToken+"\r\n\r\n")); got != http.StatusRequestEntityTooLarge {
		t.Errorf("the question whether a large body may be sent got %d", got)
	}
	stranger := dial(t, address, post+"\r\n{")
	if text, err := io.ReadAll(stranger); err != nil || !strings.HasPrefix(string(text), "HTTP/1.1 401 ") {
		t.Errorf("a stranger's half body got %.20q, %v; want 401 and the end", text, err)
	}
	long := dial(t, address, "GET /secrets/ HTTP/1.1\r\nHost: localhost\r\nX: "+strings.Repeat("x", 2*maxHeader)+"\r\n\r\n")
	if got := status(t, long); got != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a header of %d bytes got %d", 2*maxHeader, got)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// The timeouts are for clients: a batch may take longer than any of them.
func TestServeWaitsForTheCluster(t *testing.T) {
	t.Parallel()
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		select {
		case <-r.Context().Done():
			refuse(w, http.StatusInternalServerError, "canceled")
		case <-time.After(time.Second):
			refuse(w, http.StatusOK, "done")
		}
	})
	logger := log.New(io.Discard, "", 0)
	server := newServer(logged(logger, authorized(testToken, slow)), logger)
	server.ReadHeaderTimeout, server.ReadTimeout, server.WriteTimeout = 200*time.Millisecond, 200*time.Millisecond, 200*time.Millisecond
	address, stop := start(t, server, time.Second, time.Second)
	for _, head := range []string{"POST / HTTP/1.1\r\nContent-Length: 2\r\n", "GET / HTTP/1.1\r\nContent-Length: 0\r\n"} {
		body := strings.Repeat("x", int(head[len(head)-3]-'0'))
		conn := dial(t, address, head+"Host: localhost\r\nAuthorization: Token "+testToken+"\r\n\r\n"+body)
		if got := status(t, conn); got != http.StatusOK {
			t.Errorf("%.4s: %d", head, got)
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestServeStopsGracefully(t *testing.T) {
	t.Parallel()
	const long = time.Minute
	for name, tt := range map[string]struct {
		takes          time.Duration // of the handler
		obeys          bool          // the end of its context
		finish, giveUp time.Duration
		want           int // 0: cut off
	}{
		"finished": {300 * time.Millisecond, true, long, long, 200},
		"given up": {long, true, 100 * time.Millisecond, long, 503},
		"cut off":  {5 * time.Second, false, 100 * time.Millisecond, 100 * time.Millisecond, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begun := make(chan struct{})
			handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				close(begun)
				ended := r.Context().Done()
				if !tt.obeys {
					ended = nil
				}
				select {
				case <-ended:
					w.WriteHeader(http.StatusServiceUnavailable)
				case <-time.After(tt.takes):
				}
			})
			address, stop := start(t, newServer(handler, log.New(io.Discard, "", 0)), tt.finish, tt.giveUp)
			conn := dial(t, address, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
			<-begun
			before := time.Now()
			err := stop()
			if (err == nil) != (tt.want != 0) || time.Since(before) > 4*time.Second {
				t.Errorf("stopped after %s with %v", time.Since(before), err)
			}
			if tt.want == 0 {
				return
			}
			if got := status(t, conn); got != tt.want {
				t.Errorf("the request under way got %d, want %d", got, tt.want)
			}
			if late, err := new(net.Dialer).DialContext(t.Context(), "tcp", address); err == nil {
				_ = late.Close()
				t.Error("still listens")
			}
		})
	}
}
