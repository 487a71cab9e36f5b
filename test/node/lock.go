package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"
)

// lockName is that of a socket in a directory of the kernel's own. It goes with
// the process, however that ends.
const lockName = "@kubectl-blueprint/test/node"

// lockMachine waits until no other node is here. There is one set of addresses,
// links and control groups.
func lockMachine(ctx context.Context) (net.Listener, error) {
	for told := false; ; told = true {
		lock, err := net.Listen("unix", lockName)
		if !errors.Is(err, syscall.EADDRINUSE) {
			return lock, err
		}
		if !told {
			fmt.Fprintln(os.Stderr, "node: waiting for another one on this machine to end")
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
