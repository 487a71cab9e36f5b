package kube

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
)

// ErrUnexpectedAnswer says that an answer cannot come from an API server.
var ErrUnexpectedAnswer = errors.New("unexpected response from the server")

// unexpected returns ErrUnexpectedAnswer with what the answer is instead.
func unexpected(answer string) error {
	return hint.Text(fmt.Errorf("%w: %s", ErrUnexpectedAnswer, answer),
		"check that the kubeconfig's server is the address of an API server, not of a proxy's login page")
}

// The paths of an API server that answer with objects, those that may answer with
// something else, and those of the lists of Secrets and releases.
var (
	objectsPath = regexp.MustCompile(`^/(api/v1|apis/[^/]+/[^/]+)/`)
	streamPath  = regexp.MustCompile(`/(pods|services|nodes)/[^/]+/(log|proxy|exec|attach|portforward)(/|$)`)
	recordsPath = regexp.MustCompile(`^/api/v1(/namespaces/[^/]+)?/(secrets|configmaps)$`)
)

// onlyAPI refuses answers of proxies and login pages in place of the API server.
// client-go would decode them into empty objects and lists.
type onlyAPI struct {
	http.RoundTripper
	root string // the path of the API server's address
}

func newOnlyAPI(inner http.RoundTripper, host string) onlyAPI {
	t := onlyAPI{RoundTripper: inner}
	if at, err := url.Parse(host); err == nil && at.Host != "" {
		t.root = strings.TrimSuffix(at.Path, "/")
	}
	return t
}

// RoundTrip sends one request. It follows no redirect: an API server sends none, the
// credentials of the request would go to its target, and its URL, which may contain
// a token, into error messages.
func (t onlyAPI) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := t.RoundTripper.RoundTrip(request)
	if err == nil && isRedirect(answer) {
		_ = answer.Body.Close()
		return nil, redirected(answer)
	}
	path := strings.TrimPrefix(request.URL.Path, t.root)
	if err != nil || answer.StatusCode < http.StatusOK || answer.StatusCode > http.StatusAccepted ||
		!objectsPath.MatchString(path) || streamPath.MatchString(path) || request.URL.Query().Has("watch") {
		return answer, err
	}
	body := bufio.NewReaderSize(answer.Body, peeked)
	start, err := body.Peek(peeked)
	whole := errors.Is(err, io.EOF)
	readable := err == nil || whole // otherwise whoever reads the body gets the error
	if readable && !isObject(request.Method, path, answer.Header.Get("Content-Type"), start, whole) {
		_ = answer.Body.Close()
		return nil, unexpected("not a Kubernetes object")
	}
	answer.Body = readCloser{body, answer.Body}
	return answer, nil
}

// isRedirect reports whether an answer leads to another URL.
func isRedirect(answer *http.Response) bool {
	switch answer.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// redirected names the target of a redirect, without possible credentials.
func redirected(answer *http.Response) error {
	to, err := answer.Location()
	if err != nil { // which quotes the header
		return unexpected("a redirect")
	}
	return unexpected(fmt.Sprintf("a redirect to %s://%s", to.Scheme, to.Host))
}

// peeked is how many bytes of an answer are checked: all of a proxy's error page,
// and the start of anything larger.
const peeked = 4 << 10

// isObject reports whether an answer may be the API server's. start is the start of
// its body, or all of it.
func isObject(method, path, contentType string, start []byte, whole bool) bool {
	if media, _, _ := mime.ParseMediaType(contentType); strings.HasSuffix(media, "protobuf") || strings.HasSuffix(media, "cbor") {
		return true
	}
	if !whole {
		return bytes.HasPrefix(bytes.TrimSpace(start), []byte("{"))
	}
	var object struct {
		metav1.TypeMeta `json:",inline"`
		Metadata        metav1.ListMeta `json:"metadata"`
	}
	if err := json.Unmarshal(start, &object); err != nil || object.Kind == "" || object.APIVersion == "" {
		return false
	}
	if method != http.MethodGet {
		return true
	}
	switch match := recordsPath.FindStringSubmatch(path); {
	case match == nil:
		return object.Kind != "Status"
	case match[2] == "secrets":
		return object.Kind == "SecretList" && object.Metadata.ResourceVersion != ""
	}
	return object.Kind == "ConfigMapList" && object.Metadata.ResourceVersion != ""
}

// readCloser reads from one stream and closes another.
type readCloser struct {
	io.Reader
	io.Closer
}

// WrappedRoundTripper lets client-go find the wrapped transport.
func (t onlyAPI) WrappedRoundTripper() http.RoundTripper { return t.RoundTripper }
