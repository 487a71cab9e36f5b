package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

const (
	fetchTimeout   = 30 * time.Second
	fetchRedirects = 10
)

func isURL(name string) bool {
	return strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://")
}

// fetchDocument gets and decodes what is at a URL. The document's name, and
// every error, is without the parts of the URL that may be credentials.
func fetchDocument(ctx context.Context, rawURL string) (*source.Document, error) {
	at, err := url.Parse(rawURL)
	if err != nil || at.Host == "" {
		return nil, errors.New("the URL after -f can't be read: want https://HOST/PATH")
	}
	name := (&url.URL{Scheme: at.Scheme, Host: at.Host, Path: at.Path}).String()
	data, err := fetch(ctx, at)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return source.Parse(name, data)
}

func fetch(ctx context.Context, at *url.URL) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, errors.New("is no URL to read from")
	}
	client := &http.Client{CheckRedirect: mayFollow}
	response, err := client.Do(request)
	if err != nil {
		return nil, withoutURL(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answered %d %s", response.StatusCode, http.StatusText(response.StatusCode))
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, source.MaxBytes+1))
	return data, withoutURL(err)
}

// mayFollow lets a redirect lead to no other protocol than was asked for.
func mayFollow(next *http.Request, before []*http.Request) error {
	switch scheme := before[0].URL.Scheme; {
	case next.URL.Scheme != scheme:
		return fmt.Errorf("redirects from %s to another protocol: give the URL that it leads to", scheme)
	case len(before) > fetchRedirects:
		return errors.New("redirects without an end")
	}
	return nil
}

// withoutURL returns err without the URL that the client puts into it, with all
// of its query.
func withoutURL(err error) error {
	var quoting *url.Error
	if errors.As(err, &quoting) {
		return quoting.Err
	}
	return err
}
