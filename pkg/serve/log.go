package serve

import (
	"fmt"
	"log"
	"net/http"
	"strings"
	"time"
)

// maxLogged limits the length of a method and path in the log.
const maxLogged = 300

// record is a ResponseWriter that keeps the data for the log.
type record struct {
	http.ResponseWriter
	status     int
	namespace  string
	operations int
}

// Unwrap supports http.ResponseController.
func (r *record) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// WriteHeader keeps the status.
func (r *record) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// recordOf returns w as a record.
func recordOf(w http.ResponseWriter) *record {
	if r, ok := w.(*record); ok {
		return r
	}
	return &record{ResponseWriter: w} // not logged
}

// logged writes one line per request after the response. Of headers, body and query it
// logs only the namespace.
func logged(logger *log.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, rec := time.Now(), &record{ResponseWriter: w}
		defer func() { logger.Print(rec.line(r, time.Since(start))) }()
		next.ServeHTTP(rec, r)
	})
}

func (r *record) line(request *http.Request, took time.Duration) string {
	var b strings.Builder
	what := request.Method + " " + request.URL.EscapedPath() // neither contains spaces or control characters
	fmt.Fprintf(&b, "%.*s %d %s", maxLogged, what, r.status, took.Round(10*time.Microsecond))
	if r.namespace != "" {
		b.WriteString(" namespace=" + r.namespace)
	}
	if r.operations > 0 {
		fmt.Fprintf(&b, " operations=%d", r.operations)
	}
	if request.Context().Err() != nil {
		b.WriteString(" canceled")
	}
	return b.String()
}
