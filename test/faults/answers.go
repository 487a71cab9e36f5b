package faults

import (
	"encoding/json"
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// answer is an error in the API server's form, with its words.
func answer(w http.ResponseWriter, code int) {
	status := metav1.Status{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"},
		Status:   metav1.StatusFailure,
		Code:     int32(code),
		Message:  http.StatusText(code),
	}
	switch code {
	case http.StatusConflict:
		status.Reason = metav1.StatusReasonConflict
		status.Message = `Operation cannot be fulfilled on things "x": the object has been modified; please apply your changes to the latest version and try again`
	case http.StatusForbidden:
		status.Reason = metav1.StatusReasonForbidden
		status.Message = `things "x" is forbidden: User "y" cannot do this with resource "things" in API group "" in the namespace "z"`
	case http.StatusTooManyRequests:
		status.Reason = metav1.StatusReasonTooManyRequests
		status.Message = "the server has received too many requests and has asked us to try again later"
		w.Header().Set("Retry-After", "1")
	case http.StatusGone:
		status.Reason = metav1.StatusReasonExpired
		status.Message = "The resourceVersion for the provided watch is too old."
	case http.StatusServiceUnavailable:
		status.Reason = metav1.StatusReasonServiceUnavailable
		status.Message = "the server is currently unable to handle the request"
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(status)
}

// discard takes an answer that nobody gets.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}
