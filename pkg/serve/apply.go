package serve

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"

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
	operations, err := parse(data)
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

func parse(data []byte) ([]secrets.Operation, error) {
	doc, err := source.Parse("body", data)
	if err != nil {
		return nil, err
	}
	var faults source.Errors
	refuseReferences(doc, doc.Root, "", &faults)
	if err := faults.Sorted(); err != nil {
		return nil, err
	}
	return secrets.Parse(doc)
}

// refuseReferences adds a fault for each value that stands elsewhere. It
// doesn't leave that to what pkg/secrets makes of them: a payload file may name
// files of its user, a client on the network not those of the server. A key of
// that name with plain text is a key like any other.
func refuseReferences(doc *source.Document, n *source.Node, at string, faults *source.Errors) {
	for _, m := range n.Members {
		if m.Key == "valueFrom" && m.Value.Kind != source.String {
			*faults = append(*faults, doc.AtKey(at, m.Key, "is a value by reference, which a request can't have: put the value itself"))
			continue
		}
		refuseReferences(doc, m.Value, at+source.Pointer(m.Key), faults)
	}
	for i, item := range n.Items {
		refuseReferences(doc, item, at+"/"+strconv.Itoa(i), faults)
	}
}

// refusePayload answers with every fault of a payload and where it stands.
func refusePayload(w http.ResponseWriter, err error) {
	var errs source.Errors
	if !errors.As(err, &errs) {
		refuseBatch(w, http.StatusBadRequest, "the payload is malformed", nil)
		return
	}
	faults := make([]fault, len(errs))
	for i, e := range errs {
		faults[i] = fault{e.Pos.Line, e.Pos.Column, e.Pointer, e.Message}
	}
	refuseBatch(w, http.StatusBadRequest, "the payload is malformed, first: "+errs[0].Error(), faults)
}
