package input

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

const (
	fetchTimeout   = 30 * time.Second
	fetchRedirects = 10
)

// IsURL reports whether a name is a URL instead of a path.
func IsURL(name string) bool {
	return strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://")
}

// fetch gets the text of a URL, and returns a name for it. The name, and every
// error, is without the parts of the URL that may be credentials.
func fetch(ctx context.Context, rawURL string) (name string, data []byte, err error) {
	at, err := url.Parse(rawURL)
	if err != nil || at.Host == "" {
		return "", nil, errors.New("invalid URL: must be https://HOST/PATH")
	}
	name = displayName(at)
	data, err = get(ctx, at)
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", name, err)
	}
	return name, data, nil
}

// displayName returns the host of a URL and the last element of its path. All else
// may be a credential: the user, the query, and directories such as the token of a
// pre-authenticated request in /p/TOKEN/n/….
func displayName(at *url.URL) string {
	dir, file := path.Split(at.EscapedPath())
	switch {
	case strings.HasSuffix(dir, "/p/"):
		dir, file = "/…/", "…"
	case dir != "/" && dir != "":
		dir = "/…/"
	}
	if decoded, err := url.PathUnescape(file); err == nil {
		file = decoded
	}
	return at.Scheme + "://" + at.Host + dir + file
}

func get(ctx context.Context, at *url.URL) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	for range fetchRedirects + 1 {
		response, err := getOnce(ctx, at)
		if err != nil {
			return nil, err
		}
		if !isRedirect(response) {
			defer response.Body.Close()
			return body(response)
		}
		response.Body.Close()
		next, err := response.Location()
		switch {
		case err != nil: // which quotes the whole header
			return nil, errors.New("the server redirects to an invalid URL")
		case next.Scheme != at.Scheme:
			return nil, fmt.Errorf("the server redirects from %s to another protocol; use the target URL", at.Scheme)
		}
		at = next
	}
	return nil, errors.New("too many redirects")
}

// getOnce sends one request. An http.Client would follow redirects, quote them in
// its errors and send this URL to the next host in a Referer.
func getOnce(ctx context.Context, at *url.URL) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, errors.New("invalid URL")
	}
	if user := at.User; user != nil {
		password, _ := user.Password()
		request.SetBasicAuth(user.Username(), password)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	return response, withoutURL(err)
}

func isRedirect(response *http.Response) bool {
	switch response.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

func body(response *http.Response) ([]byte, error) {
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answered %d %s", response.StatusCode, http.StatusText(response.StatusCode))
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, source.MaxBytes+1))
	return data, withoutURL(err)
}

// withoutURL returns err without the URL and its query, which the client adds.
func withoutURL(err error) error {
	var quoting *url.Error
	if errors.As(err, &quoting) {
		return quoting.Err
	}
	return err
}
