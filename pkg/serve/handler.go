package serve

import (
	"errors"
	"log"
	"net/http"
	"net/url"
	"path"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

// Options configure the handler.
type Options struct {
	Secrets   secrets.Client
	Namespace string      // the default namespace
	Token     string      // required by every request; if empty, every request is rejected
	Host      string      // an additional name of the server; may be empty
	Log       *log.Logger // gets one line per request, without values
}

// New returns the handler of the API.
func New(o Options) http.Handler {
	a := &api{secrets: o.Secrets, namespace: o.Namespace, parsing: make(chan struct{}, parsers)}
	mux := http.NewServeMux()
	mux.HandleFunc("/", notFound)
	// Serve each path with and without its trailing slash, because redirects lose the body.
	for _, all := range []string{"/secrets", "/secrets/{$}"} {
		mux.HandleFunc("GET "+all, a.list)
		mux.HandleFunc("POST "+all, a.apply)
		mux.HandleFunc(all, notAllowed("GET, HEAD, POST"))
	}
	for _, one := range []string{"/secrets/{name}", "/secrets/{name}/{$}"} {
		mux.HandleFunc("GET "+one, a.get)
		mux.HandleFunc(one, notAllowed("GET, HEAD"))
	}
	return logged(o.Log, sealed(forThisHost(o.Host, sameOrigin(authorized(o.Token, cleanPath(mux))))))
}

type api struct {
	secrets   secrets.Client
	namespace string
	parsing   chan struct{} // holds one element for each payload being parsed
}

func (a *api) list(w http.ResponseWriter, r *http.Request) {
	namespace, err := a.namespaceOf(w, r)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	entries, err := secrets.List(r.Context(), a.secrets, namespace, "")
	if err != nil {
		refuseFor(w, r, err)
		return
	}
	respond(w, http.StatusOK, entries)
}

func (a *api) get(w http.ResponseWriter, r *http.Request) {
	namespace, err := a.namespaceOf(w, r)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	name := r.PathValue("name")
	if len(validation.IsDNS1123Subdomain(name)) > 0 {
		refuse(w, http.StatusNotFound, "invalid Secret name")
		return
	}
	entry, err := secrets.Get(r.Context(), a.secrets, namespace, name)
	if err != nil {
		refuseFor(w, r, err)
		return
	}
	respond(w, http.StatusOK, entry)
}

// namespaceOf returns the namespace of a request. It rejects a malformed query instead of
// using the default namespace.
func (a *api) namespaceOf(w http.ResponseWriter, r *http.Request) (string, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return "", errors.New("malformed query; use ?namespace=NAME")
	}
	given := query["namespace"]
	namespace := a.namespace
	switch {
	case len(given) > 1:
		return "", errors.New("namespace must be set only once")
	case len(given) == 1 && given[0] != "":
		namespace = given[0]
	}
	if len(validation.IsDNS1123Label(namespace)) > 0 {
		return "", errors.New(`invalid namespace: must be at most 63 lower-case letters, digits and "-"`)
	}
	recordOf(w).namespace = namespace
	return namespace, nil
}

// cleanPath returns 404 for paths that the mux would redirect, such as //secrets/.
func cleanPath(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given := r.URL.EscapedPath()
		clean := path.Clean("/" + given)
		if strings.HasSuffix(given, "/") && clean != "/" {
			clean += "/"
		}
		if given != clean {
			notFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func notFound(w http.ResponseWriter, _ *http.Request) {
	refuse(w, http.StatusNotFound, "not found; use /secrets/ or /secrets/NAME/")
}

func notAllowed(allow string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", allow)
		refuse(w, http.StatusMethodNotAllowed, "method not allowed; use "+allow)
	}
}
