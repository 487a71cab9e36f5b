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

// refusal is the body of every answer that isn't the one asked for.
type refusal struct {
	Detail string `json:"detail"`
}

// batchRefusal is the body for a payload of which nothing was attempted: a
// report, and why.
type batchRefusal struct {
	secrets.Report
	Detail string         `json:"detail"`
	Errors []payloadError `json:"errors,omitempty"`
}

// payloadError is something that is wrong in a payload.
type payloadError struct {
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Pointer string `json:"pointer,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// respond writes body as JSON, as -o json does. The client has some time to
// take it, from now on and however long the cluster took.
func respond(w http.ResponseWriter, status int, body any) {
	text, err := json.MarshalIndent(body, "", "    ")
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"detail": "the answer could not be written as JSON"}`)
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTimeout)) // a test's recorder has none
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(source.PrintableJSON(text), '\n')) // fails where the client has left
}

func refuse(w http.ResponseWriter, status int, detail string) {
	respond(w, status, refusal{detail})
}

func refuseBatch(w http.ResponseWriter, status int, detail string, problems []payloadError) {
	none := secrets.Report{Results: []secrets.Result{}} // a list in JSON, never null
	respond(w, status, batchRefusal{none, detail, problems})
}

// refuseFor answers a read that failed.
func refuseFor(w http.ResponseWriter, r *http.Request, err error) {
	status, words := explain(r, err)
	refuse(w, status, words)
}

// explain returns the status for a failed request to the cluster. It passes on that a
// Secret is missing or forbidden; all other errors mean that this server cannot work.
func explain(r *http.Request, err error) (status int, words string) {
	var answer apierrors.APIStatus
	switch {
	case apierrors.IsNotFound(err):
		return http.StatusNotFound, err.Error()
	case apierrors.IsForbidden(err):
		return http.StatusForbidden, err.Error()
	case r.Context().Err() != nil:
		return http.StatusServiceUnavailable, "the request was given up before the cluster answered"
	case apierrors.IsUnauthorized(err):
		return http.StatusBadGateway, "the cluster doesn't know the user of the server's kubeconfig: " + err.Error()
	case errors.As(err, &answer):
		return http.StatusBadGateway, "the cluster can't answer: " + err.Error()
	}
	return http.StatusBadGateway, "the cluster can't be reached: " + err.Error()
}
