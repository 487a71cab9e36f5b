// Package canary has marked secret values for tests and the search for them in
// what was written. A test puts the values wherever secrets can be, collects all
// that the plugin wrote, and searches it. The package knows the forms in which a
// value may come out: plain, quoted, hexadecimal and base64 at any offset.
package canary

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// Values returns three marked values. None is a word that could be in a text for
// another reason.
func Values() []string {
	return []string{"canary-opaque-7f3a", "canary-password-91c2", "canary-rotated-5d1e"}
}

// Search fails t if one of the values is in text.
func Search(t *testing.T, text string, values ...string) {
	t.Helper()
	for _, value := range values {
		auth := base64.StdEncoding.EncodeToString([]byte("$oauthtoken:" + value))
		forms := []string{value, auth, fmt.Sprintf("%x", value)}
		for before := range 3 { // bytes of a longer text, of which base64 has three in a group
			encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, before), value...))
			forms = append(forms, encoded[(before*8+5)/6:(before+len(value))*8/6])
		}
		for _, form := range forms {
			if i := strings.Index(text, form); i >= 0 {
				t.Errorf("%s was written:\n…%s", value, text[max(0, i-300):min(len(text), i+100)])
			}
		}
	}
}
