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

// MaxBody is the maximum size of a request's payload in bytes.
const MaxBody = 4 << 20

// apply applies a payload as `secrets apply` does: a malformed payload writes nothing, and
// otherwise every operation has its own status. If the client disconnects, no further
// operations are started.
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
		status, message := explain(r, err)
		refuseBatch(w, status, "nothing was written: "+message, nil)
		return
	}
	if !report.OK() {
		respond(w, http.StatusBadRequest, report)
		return
	}
	respond(w, http.StatusOK, report)
}

// readBody returns the body, or an error and its HTTP status.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, int, error) {
	errTooLarge := errors.New("payload must be at most 4 MiB; split it")
	if r.ContentLength > MaxBody { // reject it before the client sends it
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
		return nil, http.StatusRequestTimeout, errors.New("timeout while reading the request body")
	}
	return nil, http.StatusBadRequest, errors.New("request body ended unexpectedly")
}

// parsers limits the number of payloads that are parsed in parallel. Each takes up to
// 150 MB of memory.
const parsers = 4

// parse returns the operations of a body. It stops if the client disconnects.
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

// referenceCheck adds an error for each reference. A payload file may refer to files of its
// user, but a client must not read files of the server. It does not rely on pkg/secrets
// for that. A key valueFrom with a string is an ordinary key.
type referenceCheck struct {
	file     string
	path     []string // to the current value, with masked keys
	problems source.Collector
}

func (c *referenceCheck) visit(n *source.Node) {
	for _, m := range n.Members {
		c.path = append(c.path, shown(m.Key))
		switch {
		case m.Key != "valueFrom" || m.Value.Kind == source.String:
			c.visit(m.Value)
		case !c.problems.Skip():
			c.problems.Add(&source.Error{File: c.file, Pos: m.KeyPos, Pointer: source.Pointer(c.path...), Message: "valueFrom is not allowed over HTTP", Hint: "send the value itself"})
		}
		c.path = c.path[:len(c.path)-1]
	}
	for i, item := range n.Items {
		c.path = append(c.path, strconv.Itoa(i))
		c.visit(item)
		c.path = c.path[:len(c.path)-1]
	}
}

// shown returns a key for the pointer of an error. It masks keys that do not read as names,
// because they may be misplaced values.
func shown(key string) string {
	if source.IsName(key) {
		return key
	}
	return redact.Mask
}

// refusePayload responds with the first errors of a payload, their positions and their
// total number.
func refusePayload(w http.ResponseWriter, err error) {
	var errs source.Errors
	if !errors.As(err, &errs) {
		refuseBatch(w, http.StatusServiceUnavailable, "request canceled before the payload was read", nil)
		return
	}
	var problems []payloadError
	for _, e := range errs {
		if e.Omitted == 0 {
			problems = append(problems, payloadError{e.Pos.Line, e.Pos.Column, e.Pointer, e.Message, e.Hint})
		}
	}
	first := *errs[0]
	first.Hint = "" // included in the list
	detail := "malformed payload"
	if total := errs.Total(); total > len(problems) {
		detail += fmt.Sprintf(" (%d errors, %d listed)", total, len(problems))
	}
	refuseBatch(w, http.StatusBadRequest, detail+", first: "+first.Error(), problems)
}
