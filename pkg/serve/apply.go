package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// MaxBody bounds the payload of one request, in bytes.
const MaxBody = 4 << 20

// apply carries out a payload as `secrets apply` does: it writes nothing if the
// payload is malformed, and otherwise every operation has its own status. A
// client that leaves is a Ctrl-C: what has not begun is not attempted.
func (a *api) apply(w http.ResponseWriter, r *http.Request) {
	namespace, err := a.namespaceOf(w, r)
	if err != nil {
		refuseBatch(w, http.StatusBadRequest, err.Error(), nil)
		return
	}
	data, status, err := readBody(w, r)
	if err != nil {
		refuseBatch(w, status, err.Error(), nil)
		return
	}
	operations, err := a.parse(r.Context(), data)
	if err != nil {
		refusePayload(w, err)
		return
	}
	recordOf(w).operations = len(operations)
	report, err := secrets.NewBatch(a.secrets, namespace, operations).Run(r.Context())
	if err != nil {
		status, words := explain(r, err)
		refuseBatch(w, status, "nothing was written: "+words, nil)
		return
	}
	if !report.OK() {
		respond(w, http.StatusBadRequest, report)
		return
	}
	respond(w, http.StatusOK, report)
}

// readBody returns the body, or the status of what is wrong with it.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, int, error) {
	errTooLarge := errors.New("the payload is larger than 4 MiB: split it")
	if r.ContentLength > MaxBody { // before curl asks whether it may send it
		w.Header().Set("Connection", "close")
		return nil, http.StatusRequestEntityTooLarge, errTooLarge
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	switch {
	case err == nil:
		return data, 0, nil
	case errors.As(err, new(*http.MaxBytesError)):
		w.Header().Set("Connection", "close")
		return nil, http.StatusRequestEntityTooLarge, errTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.Header().Set("Connection", "close")
		return nil, http.StatusRequestTimeout, errors.New("the payload took too long to arrive")
	}
	return nil, http.StatusBadRequest, errors.New("the payload broke off")
}

// parsers bounds how many payloads are parsed at a time, each of which takes up
// to 150 MB for a moment.
const parsers = 4

// parse returns the operations of a body. It ends early once the client has
// left.
func (a *api) parse(ctx context.Context, data []byte) ([]secrets.Operation, error) {
	select {
	case a.parsing <- struct{}{}:
		defer func() { <-a.parsing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	doc, err := source.ParseContext(ctx, "body", data)
	if err != nil {
		return nil, err
	}
	check := referenceCheck{file: doc.Name}
	check.visit(doc.Root)
	if err := errors.Join(ctx.Err(), check.problems.Err()); err != nil {
		return nil, err
	}
	return secrets.Parse(doc)
}

// referenceCheck adds a fault for each value that stands elsewhere. It doesn't
// leave that to what pkg/secrets makes of them: a payload file may name files of
// its user, a client on the network not those of the server. A key of that name
// with plain text is a key like any other.
type referenceCheck struct {
	file     string
	path     []string // to the value being visited, as shown
	problems source.Collector
}

func (c *referenceCheck) visit(n *source.Node) {
	for _, m := range n.Members {
		c.path = append(c.path, shown(m.Key))
		switch {
		case m.Key != "valueFrom" || m.Value.Kind == source.String:
			c.visit(m.Value)
		case !c.problems.Skip():
			c.problems.Add(&source.Error{File: c.file, Pos: m.KeyPos, Pointer: source.Pointer(c.path...), Message: "is a value by reference, which a request can't have: put the value itself"})
		}
		c.path = c.path[:len(c.path)-1]
	}
	for i, item := range n.Items {
		c.path = append(c.path, strconv.Itoa(i))
		c.visit(item)
		c.path = c.path[:len(c.path)-1]
	}
}

// shown returns what the pointer of a fault has for a key. What doesn't read as
// a name may be a value in a key's place.
func shown(key string) string {
	if source.IsName(key) {
		return key
	}
	return redact.Mask
}

// refusePayload answers with the first faults of a payload, where they stand,
// and how many there are.
func refusePayload(w http.ResponseWriter, err error) {
	var errs source.Errors
	if !errors.As(err, &errs) {
		refuseBatch(w, http.StatusServiceUnavailable, "the request was given up before the payload was read", nil)
		return
	}
	var problems []payloadError
	for _, e := range errs {
		if e.Omitted == 0 {
			problems = append(problems, payloadError{e.Pos.Line, e.Pos.Column, e.Pointer, e.Message, e.Hint})
		}
	}
	first := *errs[0]
	first.Hint = "" // which is in the list
	detail := "the payload is malformed"
	if total := errs.Total(); total > len(problems) {
		detail += fmt.Sprintf(" (%d errors, of which %d are listed)", total, len(problems))
	}
	refuseBatch(w, http.StatusBadRequest, detail+", first: "+first.Error(), problems)
}
