package release

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"helm.sh/helm/v3/pkg/storage/driver"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// ErrNotFound says that there is no release of that name.
var ErrNotFound = errors.New("release not found")

// ErrBusy says that another run is at work on the release.
var ErrBusy = errors.New("another run is at work on it")

// notFound is err, or ErrNotFound where it is Helm's word for that.
func (c *Client) notFound(name string, err error) error {
	if errors.Is(err, driver.ErrReleaseNotFound) {
		return fmt.Errorf("%w: %q in namespace %q", ErrNotFound, name, c.namespace)
	}
	return fmt.Errorf("reading release %q: %w", name, err)
}

// explain finds in Helm's words that another run was faster. Of two runs that
// make the same revision the storage lets one through; Helm has no error for
// the others that could be told from its text.
func explain(err error) error {
	text := err.Error()
	for _, busy := range []string{"another operation (install/upgrade/rollback) is in progress", "cannot re-use a name that is still in use"} {
		if strings.Contains(text, busy) {
			return errLost
		}
	}
	if errors.Is(err, driver.ErrReleaseExists) {
		return errLost
	}
	return err
}

var errLost = fmt.Errorf("%w and was first: see how it ends with 'kubectl blueprint status', then deploy again if need be", ErrBusy)

const (
	// patience is how long an operation is tried again while the server is away.
	patience = time.Minute
	// pause is how long one waits before it is tried again.
	pause = time.Second
)

// persist runs an operation, again and again while the server can't be reached
// or asks to come back later: it may be starting anew.
func (c *Client) persist(ctx context.Context, run func() error) error {
	end := time.Now().Add(patience)
	for told := false; ; told = true {
		err := run()
		if err == nil || !away(err) || time.Now().After(end) {
			return err
		}
		if !told {
			c.Say("the server is away, trying again for a minute: %v", err)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// away reports whether err is of a server that may be back soon, or of an object
// that is still on its way out.
func away(err error) bool {
	var network net.Error
	return utilnet.IsConnectionRefused(err) || utilnet.IsConnectionReset(err) || utilnet.IsProbableEOF(err) ||
		errors.As(err, &network) && network.Timeout() || utilnet.IsHTTP2ConnectionLost(err) ||
		apierrors.IsServiceUnavailable(err) || apierrors.IsTooManyRequests(err) || apierrors.IsServerTimeout(err) ||
		apierrors.IsConflict(err) || apierrors.IsAlreadyExists(err) && strings.Contains(err.Error(), "object is being deleted")
}
