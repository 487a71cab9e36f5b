package release

import (
	"errors"
	"fmt"

	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// ErrNotFound says that a release does not exist.
var ErrNotFound = errors.New("release not found")

func (c *Client) notFound(name string) error {
	return fmt.Errorf("%w: %q in namespace %q", ErrNotFound, name, c.namespace)
}

// isNotFound reports whether err says that a record does not exist.
func isNotFound(err error) bool { return errors.Is(err, driver.ErrReleaseNotFound) }

// ErrBusy says that another run changes the release, or has just changed it. This run
// has changed nothing.
var ErrBusy = errors.New("another operation is in progress")

// errBusy returns ErrBusy for the revision of the other run, or 0 if unknown.
func (r *run) errBusy(revision int) error {
	which := ""
	if revision > 0 {
		which = fmt.Sprintf(", revision %d", revision)
	}
	err := fmt.Errorf("%w on release %q in namespace %q%s; nothing was changed", ErrBusy, r.name, r.namespace, which)
	return hint.Run(err, "wait for it to finish and retry; show its revisions", r.historyCommand())
}

// historyCommand returns the command that shows the revisions of the release.
func (r *run) historyCommand() hint.Command {
	return hint.Blueprint("history", "-n", r.namespace, r.name)
}

// errHelms returns ErrBusy for a run of the helm command. Helm renews no lease, so that
// a killed run cannot be distinguished from one that is waiting for objects.
func (r *run) errHelms(last *release.Release) error {
	err := fmt.Errorf("%w, or was killed: helm set release %q in namespace %q to %s at %s",
		ErrBusy, r.name, r.namespace, last.Info.Status, last.Info.LastDeployed.UTC().Format("2006-01-02 15:04:05Z"))
	return hint.Add(err, hint.Hint{Text: "wait for it to finish and retry"},
		hint.Hint{Text: "if helm was killed, recover the release", Command: hint.Blueprint("rollback", "-n", r.namespace, r.name)},
		hint.Hint{Text: "or remove it", Command: hint.Blueprint("undeploy", "-n", r.namespace, r.name)})
}

// ErrLost says that another run took over the release, because this one did not renew
// its lease in time, for example during system sleep.
var ErrLost = errors.New("lost the lease")

func (r *run) errLost() error {
	err := fmt.Errorf("%w: another process took over release %q in namespace %q", ErrLost, r.name, r.namespace)
	return hint.Run(err, "check which revision is deployed", r.historyCommand())
}

// markLost marks the lease as lost and returns ErrLost.
func (r *run) markLost() error {
	if r.lease != nil {
		r.lease.lost.Store(true)
	}
	return r.errLost()
}

// asBusy returns ErrBusy for Helm's errors about a concurrent run, which can only be
// recognized by their text, and err otherwise.
func (r *run) asBusy(err error) error {
	if err == nil || errors.Is(err, ErrBusy) || errors.Is(err, ErrLost) {
		return err
	}
	if errors.Is(err, driver.ErrReleaseExists) || mentions(err,
		"cannot re-use a name that is still in use", "another operation (install/upgrade/rollback) is in progress") {
		return r.errBusy(0)
	}
	return err
}

// redactError removes secret values from the text of err.
func (c *Client) redactError(err error) error { return redact.Reworded(err, c.Redact(err.Error())) }
