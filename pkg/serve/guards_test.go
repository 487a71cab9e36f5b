package serve

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestServeWantsTheToken(t *testing.T) {
	t.Parallel()
	h, _ := newHandler(t)
	for name, headers := range map[string][]string{
		"none":         nil,
		"empty":        {""},
		"no scheme":    {testToken},
		"other scheme": {"Bearer " + testToken},
		"no token":     {"Token "},
		"wrong":        {"Token " + strings.Repeat("x", len(testToken))},
		"beginning":    {"Token " + testToken[:16]},
		"longer":       {"Token " + testToken + "0"},
		"two":          {"Token " + testToken, "Token " + testToken},
	} {
		for _, path := range []string{"/secrets/", "/secrets/x/", "/", "/nowhere", "//secrets/"} {
			r := request("GET", path, "")
			r.Header["Authorization"] = headers
			response, body := answer(t, h, r)
			if response.StatusCode != http.StatusUnauthorized || response.Header.Get("WWW-Authenticate") != "Token" {
				t.Errorf("%s: %s is answered with %d %v", name, path, response.StatusCode, response.Header)
			}
			if detail, _ := body["detail"].(string); !strings.Contains(detail, "Authorization: Token") {
				t.Errorf("%s: body is %v", name, body)
			}
		}
	}
	for _, good := range []string{"Token " + testToken, "token " + testToken, "Token  " + testToken + " "} {
		r := request("GET", "/nowhere", "")
		r.Header.Set("Authorization", good)
		wantStatus(t, h, r, http.StatusNotFound)
	}
}

func TestServeWithoutATokenLetsNobodyIn(t *testing.T) {
	t.Parallel()
	h := authorized("", http.NotFoundHandler())
	for _, given := range []string{"Token ", "Token", "", "Token x"} {
		r := request("GET", "/secrets/", "")
		r.Header.Set("Authorization", given)
		wantStatusOnly(t, h, r, http.StatusUnauthorized)
	}
}

func TestServeRefusesOtherHosts(t *testing.T) {
	t.Parallel()
	passed := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	local := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 8640}
	for _, tt := range []struct {
		name  string // of --address
		host  string
		local net.Addr
		want  int
	}{
		{"127.0.0.1", "127.0.0.1:8640", nil, 204},
		{"127.0.0.1", "127.0.0.1", nil, 204},
		{"127.0.0.1", "127.8.0.1:1", nil, 204},
		{"127.0.0.1", "LOCALHOST:8640", nil, 204},
		{"127.0.0.1", "[::1]:8640", nil, 204},
		{"127.0.0.1", "[::1]", nil, 204},
		{"127.0.0.1", "[::ffff:127.0.0.1]:8640", nil, 204},
		{"127.0.0.1", "", nil, 403},
		{"127.0.0.1", "evil.example", nil, 403},
		{"127.0.0.1", "evil.example:8640", nil, 403},
		{"127.0.0.1", "127.0.0.1.evil.example:8640", nil, 403},
		{"127.0.0.1", "localhost.evil.example", nil, 403},
		{"127.0.0.1", "localhost@evil.example", nil, 403},
		{"127.0.0.1", "0.0.0.0:8640", nil, 403},
		{"127.0.0.1", "[::]:8640", nil, 403},
		{"127.0.0.1", "2130706433:8640", nil, 403},
		{"127.0.0.1", "192.0.2.7:8640", nil, 403},
		{"", "evil.example", local, 403},
		{"", "192.0.2.7:8640", local, 204},
		{"", "192.0.2.8:8640", local, 403},
		{"0.0.0.0", "0.0.0.0:8640", local, 403},
		{"0.0.0.0", "192.0.2.7", local, 204},
		{"::", "[::]:8640", local, 403},
		{"gpu-box.example", "GPU-box.example:8640", local, 204},
		{"gpu-box.example", "box.example:8640", local, 403},
	} {
		r := request("GET", "/secrets/", "")
		r.Host = tt.host
		if tt.local != nil {
			r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, tt.local))
		}
		t.Logf("%+v", tt)
		wantStatusOnly(t, forThisHost(tt.name, passed), r, tt.want)
	}
}

func TestServeRefusesOtherOrigins(t *testing.T) {
	t.Parallel()
	h, _ := newHandler(t)
	for origin, want := range map[string]int{
		"http://127.0.0.1:8640":      404,
		"http://localhost:8640":      403, // another origin than that of the Host
		"http://127.0.0.1":           403,
		"http://127.0.0.1:3000":      403,
		"https://127.0.0.1:8640":     403,
		"http://evil.example":        403,
		"http://127.0.0.1:8640.evil": 403,
		"null":                       403,
		"":                           403,
	} {
		r := request("GET", "/nowhere", "")
		r.Header["Origin"] = []string{origin}
		wantStatus(t, h, r, want)
	}
	r := request("GET", "/nowhere", "")
	r.Header["Origin"] = []string{"http://127.0.0.1:8640", "http://evil.example"}
	wantStatus(t, h, r, http.StatusForbidden)

	// What a browser asks before a request across origins.
	r = request("OPTIONS", "/secrets/", "")
	r.Header.Del("Authorization")
	r.Header.Set("Origin", "http://evil.example")
	r.Header.Set("Access-Control-Request-Method", "POST")
	wantStatus(t, h, r, http.StatusForbidden)
}

func TestReadToken(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "token")
	if _, err := ReadToken(t.Context(), file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	for text, want := range map[string]string{
		testToken:                     testToken,
		testToken + "\n":              testToken,
		testToken + "\r\n":            testToken,
		"":                            "",
		"\n":                          "",
		"short":                       "",
		testToken + "\nand more":      "",
		testToken + " ":               "",
		"\ufeff" + testToken:          "",
		"päßword-that-is-long-enough": "",
		testToken[:minToken]:          testToken[:minToken],
		testToken[:minToken-1]:        "",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := ReadToken(t.Context(), file)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
		if err != nil && (!strings.HasPrefix(err.Error(), file+": ") || strings.Contains(err.Error(), testToken[:8])) {
			t.Errorf("%q: got %v", text, err)
		}
	}
	if a, b := NewToken(), NewToken(); a == b || len(a) != 64 {
		t.Errorf("new tokens are %s and %s", a, b)
	} else if got, err := parseToken([]byte(a)); got != a || err != nil {
		t.Errorf("a new token parses as %q, %v", got, err)
	}
}

// TestLocalURL names an address that clients can connect to.
func TestLocalURL(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"127.0.0.1:8640": "http://127.0.0.1:8640/secrets/",
		"[::1]:8640":     "http://[::1]:8640/secrets/",
		"10.0.0.1:80":    "http://10.0.0.1:80/secrets/",
		"0.0.0.0:8640":   "http://127.0.0.1:8640/secrets/",
		"[::]:8640":      "http://127.0.0.1:8640/secrets/",
	} {
		if got := LocalURL(netip.MustParseAddrPort(address)); got != want {
			t.Errorf("%s: got %s", address, got)
		}
	}
}
