package serve

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// refusal is the body of an error response.
type refusal struct {
	Detail string `json:"detail"`
}

// batchRefusal is the body of an error response to a payload: an empty report and the
// errors.
type batchRefusal struct {
	secrets.Report
	Detail string         `json:"detail"`
	Errors []payloadError `json:"errors,omitempty"`
}

// payloadError is one error in a payload.
type payloadError struct {
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Pointer string `json:"pointer,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// respond writes body as JSON, as -o json does. The write timeout starts now, regardless
// of how long the cluster took.
func respond(w http.ResponseWriter, status int, body any) {
	text, err := json.MarshalIndent(body, "", "    ")
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"detail": "cannot encode the response as JSON"}`)
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTimeout)) // the recorder of tests has no deadline
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(source.PrintableJSON(text), '\n')) // fails if the client has disconnected
}

func refuse(w http.ResponseWriter, status int, detail string) {
	respond(w, status, refusal{detail})
}

func refuseBatch(w http.ResponseWriter, status int, detail string, problems []payloadError) {
	none := secrets.Report{Results: []secrets.Result{}} // not nil, which is null in JSON
	respond(w, status, batchRefusal{none, detail, problems})
}

// refuseFor responds to a failed read.
func refuseFor(w http.ResponseWriter, r *http.Request, err error) {
	status, message := explain(r, err)
	refuse(w, status, message)
}

// explain returns the status and message for a failed request to the cluster. It forwards
// not found and forbidden; all other errors are problems of this server.
func explain(r *http.Request, err error) (status int, message string) {
	var answer apierrors.APIStatus
	switch {
	case apierrors.IsNotFound(err):
		return http.StatusNotFound, err.Error()
	case apierrors.IsForbidden(err):
		return http.StatusForbidden, err.Error()
	case r.Context().Err() != nil:
		return http.StatusServiceUnavailable, "request canceled before the cluster responded"
	case apierrors.IsUnauthorized(err):
		return http.StatusBadGateway, "the cluster rejected the credentials of the server's kubeconfig: " + err.Error()
	case errors.As(err, &answer):
		return http.StatusBadGateway, "the cluster returned an error: " + err.Error()
	}
	return http.StatusBadGateway, "the cluster is unreachable: " + err.Error()
}
