package source

import (
	"encoding/json"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

func TestPrintable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"größe 模型 🙂":                         "größe 模型 🙂",
		"a\x1b[31m\r\n\u009b\u202eb\u2028":   `a\x1b[31m\r\n\u009b\u202eb\u2028`,
		"\u115f\u3164\ufe0f\U000e0100\u200d": `\u115f\u3164\ufe0f\U000e0100\u200d`,
	} {
		if got := Printable(text); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	problem := &Error{File: "a\n.json", Pointer: "/k\x1b[2J", Message: "is\u202e wrong"}
	if got := problem.Error(); got != `a\n.json: /k\x1b[2J: is\u202e wrong` {
		t.Errorf("got %q", got)
	}
}

// hostileTexts act on a terminal, are not seen on it, or are hard to quote.
func hostileTexts() []string {
	return []string{
		"plain", "größe 🙂", "\x1b[2J\x07\r", "\u009b31m\u0085\u0080", "\x7f", "\u202egnp\u2066", "\u200b\u200d\ufeff",
		"\u2028\u2029", "\ufe0f\u3164", "\U000e0041\U000e0100", "a\u202e\nb: [\"c\\\"]\n", "hidden0_ \u202e", "- \u00a0'x'", "\U0001f600\u202e",
	}
}

var unseen = regexp.MustCompile(`[\x00-\x09\x0b-\x1f\x7f\x{80}-\x{a0}\p{Cf}\p{Zl}\p{Zp}\x{fe00}-\x{fe0f}\x{3164}\x{e0100}]`)

func TestPrintableEncodings(t *testing.T) {
	t.Parallel()
	value := map[string]any{"number": "1", "list": []any{}}
	for _, text := range hostileTexts() {
		value[text] = text
		value["list"] = append(value["list"].([]any), text, map[string]any{"in\u202e": text + "\n"})
	}
	plain, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	block, err := PrintableYAML(value)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		encoded []byte
		decode  func([]byte, any) error
	}{
		{PrintableJSON(plain), json.Unmarshal},
		{block, func(text []byte, to any) error { return yaml.Unmarshal(text, to) }},
	} {
		encoded := tt.encoded
		if at := unseen.FindIndex(encoded); at != nil {
			t.Errorf("%q is left in\n%s", encoded[at[0]:at[1]], encoded)
		}
		var decoded map[string]any
		if err := tt.decode(encoded, &decoded); err != nil {
			t.Fatalf("%v\n%s", err, encoded)
		}
		if diff := cmp.Diff(value, decoded); diff != "" {
			t.Errorf("decodes to another value:\n%s", diff)
		}
	}
	want, err := yaml.Marshal(map[string]any{"b": "größe", "a": []string{"x\ty\n"}})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := PrintableYAML(map[string]any{"b": "größe", "a": []string{"x\ty\n"}}); err != nil || string(got) != string(want) {
		t.Errorf("harmless text: got %q, want %q, %v", got, want, err)
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	if got := Count(0, "pod") + Count(1, "pod") + Count(int64(2), "pod"); got != "0 pods1 pod2 pods" {
		t.Errorf("got %s", got)
	}
}
