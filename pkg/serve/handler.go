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

// Options is what a handler serves, and to whom.
type Options struct {
	Secrets   secrets.Client
	Namespace string      // of requests that name none
	Token     string      // what every request has to bring; the empty one lets nobody in
	Host      string      // a name that requests may be for, beside the loopback's; may be empty
	Log       *log.Logger // gets a line for each request, without values
}

// New returns the handler of the API.
func New(o Options) http.Handler {
	a := &api{secrets: o.Secrets, namespace: o.Namespace, parsing: make(chan struct{}, parsers)}
	mux := http.NewServeMux()
	mux.HandleFunc("/", notFound)
	// Each path with and without its last slash: a redirect would lose the body.
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
		refuse(w, http.StatusNotFound, "the path names no Secret: no Secret can have this name")
		return
	}
	entry, err := secrets.Get(r.Context(), a.secrets, namespace, name)
	if err != nil {
		refuseFor(w, r, err)
		return
	}
	respond(w, http.StatusOK, entry)
}

// namespaceOf returns the namespace that a request is for. What it can't read
// is refused, because the default would be another namespace than was meant.
func (a *api) namespaceOf(w http.ResponseWriter, r *http.Request) (string, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return "", errors.New("the query is malformed: want ?namespace=NAME")
	}
	given := query["namespace"]
	namespace := a.namespace
	switch {
	case len(given) > 1:
		return "", errors.New("namespace: is there more than once")
	case len(given) == 1 && given[0] != "":
		namespace = given[0]
	}
	if len(validation.IsDNS1123Label(namespace)) > 0 {
		return "", errors.New(`namespace: is no name of a namespace: want at most 63 lower-case letters, digits and "-"`)
	}
	recordOf(w).namespace = namespace
	return namespace, nil
}

// cleanPath answers for paths that the mux would redirect, such as //secrets/.
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
	refuse(w, http.StatusNotFound, "nothing is at this path: want /secrets/ or /secrets/NAME/")
}

func notAllowed(allow string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", allow)
		refuse(w, http.StatusMethodNotAllowed, "this method is of no use here: want "+allow)
	}
}
