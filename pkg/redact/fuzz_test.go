package redact_test

import (
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// FuzzText quotes a part of a value in one or two forms. At least eight bytes of
// it are there, so nothing of it may be left.
func FuzzText(f *testing.F) {
	for i, value := range secretsOfUsers {
		f.Add(value, uint(i), uint(2*i+1), uint(0), uint(i), "value ", " is not allowed")
		f.Add(value, uint(i), uint(len(forms)), uint(i), uint(0), "[", "]")
	}
	for i := range forms {
		f.Add("tok_Zx81-QQ/93+kLmN4", uint(i), uint(len(forms)), uint(0), uint(0), "", "")
		f.Add("tok_Zx81-QQ/93+kLmN4", uint(i), uint(3*i), uint(1), uint(2), "1 ", "=")
	}
	f.Fuzz(func(t *testing.T, value string, first, second, from, to uint, before, after string) {
		from, to = from%4, to%4
		if !usable(value) || len(value) < int(from+to)+20 || len(before)+len(after) > 200 {
			return
		}
		part := value[from : len(value)-int(to)]
		quoted := forms[first%uint(len(forms))].encode(part)
		name := forms[first%uint(len(forms))].name
		if second %= uint(len(forms)) + 1; second < uint(len(forms)) && len(quoted) >= 20 && twice(name, forms[second].name) {
			quoted = forms[second].encode(quoted)
			name += ", " + forms[second].name
		}
		r := redact.New([]byte(value))
		got := r.Text(before + quoted + after)
		if got == redact.Withheld {
			return
		}
		i := 0
		for i < len(got) && i < len(before) && got[i] == before[i] {
			i++
		}
		if !strings.Contains(got, redact.Mask) || strings.Contains(got, quoted) || len(got) > len(before)+len(after)+40 {
			t.Errorf("%s of %q in %q: got %q", name, value, before+quoted+after, got)
		}
	})
}

// usable reports whether value is one that a person could not tell from other
// text: ASCII with many different characters, without what is public.
func usable(value string) bool {
	seen := map[byte]bool{}
	for i := range len(value) {
		if value[i] <= ' ' || value[i] > '~' || strings.ContainsRune(`{[\`, rune(value[i])) {
			return false
		}
		seen[value[i]|0x20] = true
	}
	return len(seen) > 12 && len(value) < 200 && !strings.Contains(value, "://") && !strings.Contains(value, "--")
}

// twice reports whether one form may be around the other: what is cut, or has
// lost its case, can't be decoded.
func twice(inner, outer string) bool {
	for _, word := range []string{"case", "beginning", "end", "middle", "title", "base64 in lower", "lower", "upper"} {
		if strings.Contains(outer, word) {
			return false
		}
	}
	return !strings.Contains(inner, "twice") && !strings.Contains(outer, "twice") && !strings.Contains(inner, "of base64") && !strings.Contains(outer, "of base64")
}
