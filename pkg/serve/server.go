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

// Timeouts and limits for clients, so that slow clients do not occupy resources.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = time.Minute // headers and body
	writeTimeout  = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 16 << 10
)

// Grace periods for active requests after the server is stopped.
const (
	finishGrace = 10 * time.Second // then batches start no further operations
	giveUpGrace = 16 * time.Second // then connections are closed
)

// Run serves handler on listener until ctx is done, and then waits for active requests. It
// returns an error if one does not finish in time.
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

		DisableGeneralOptionsHandler: true, // every response requires the token
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
		return fmt.Errorf("cannot serve on %s: %w", listener.Addr(), err)
	}
	return <-stopped
}

// stop waits for active requests, cancels them after finish, and closes their connections
// after giveUp.
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
	return errors.New("stopped with unfinished requests")
}
