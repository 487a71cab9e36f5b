package serve

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"
)

// How long a client may take, so that one that sends or takes a byte a minute
// holds nothing for long.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = time.Minute // headers and body
	writeTimeout  = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 16 << 10
)

// How long requests under way may go on once the server has to stop. What a
// batch has begun gets its answer, which pkg/secrets itself bounds.
const (
	finishGrace = 10 * time.Second // then what has not begun is not attempted
	giveUpGrace = 16 * time.Second // then connections are closed
)

// Run serves handler on listener until ctx is done. Requests under way may then
// finish, within bounds; its error is that one did not.
func Run(ctx context.Context, listener net.Listener, handler http.Handler, logger *log.Logger) error {
	return run(ctx, listener, newServer(handler, logger), finishGrace, giveUpGrace)
}

func newServer(handler http.Handler, logger *log.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ErrorLog:          logger,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,

		DisableGeneralOptionsHandler: true, // nothing is answered without the token
	}
}

func run(ctx context.Context, listener net.Listener, server *http.Server, finish, giveUp time.Duration) error {
	requests, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	server.BaseContext = func(net.Listener) context.Context { return requests }
	stopped := make(chan error, 1)
	undo := context.AfterFunc(ctx, func() { stopped <- stop(server, cancel, finish, giveUp) })
	defer undo()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving on %s: %w", listener.Addr(), err)
	}
	return <-stopped
}

// stop waits for the requests under way, cancels them, and at last cuts them
// off.
func stop(server *http.Server, cancel func(), finish, giveUp time.Duration) error {
	for _, grace := range []time.Duration{finish, giveUp} {
		ctx, done := context.WithTimeout(context.Background(), grace)
		err := server.Shutdown(ctx)
		done()
		if err == nil {
			return nil
		}
		cancel()
	}
	_ = server.Close()
	return errors.New("stopped before every request was answered")
}
