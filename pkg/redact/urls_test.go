package redact

import "testing"

func TestURLs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`Get "http://host/x?sig=TOKEN": EOF`:                            `Get "http://host/x": EOF`,
		`Post "https://user:pass@host:6443/api/v1?a=b&c=d#e": refused`:  `Post "https://host:6443/api/v1": refused`,
		`https://TOKEN@host and HTTPS://user:@host/?x`:                  `https://host and HTTPS://host/`,
		`at oci://u:p@[::1]:5000/v2/?token=T, then s3://k@bucket/a`:     `at oci://[::1]:5000/v2/ then s3://bucket/a`,
		`https://host/a@b/c: what? 100%`:                                `https://host/a@b/c: what? 100%`,
		`no URL: user@host/path?query`:                                  `no URL: user@host/path?query`,
		`http://h?a=https://u:p@i/ http://j`:                            `http://h http://j`,
		`parse "http://u:p w@host/": invalid userinfo, http://x/#t=TOK`: `parse "http://u:p w@host/": invalid userinfo, http://x/`,
	} {
		if got := URLs(text); got != want {
			t.Errorf("URLs(%q) = %q, want %q", text, got, want)
		}
	}
}
