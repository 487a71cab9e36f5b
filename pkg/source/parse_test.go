package source

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

func TestParseFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, text, want string }{
		{"empty", "a.json", "", "a.json: must be a JSON or YAML document, got an empty file"},
		{"blank", "a.json", " \n\t", "a.json: must be a JSON or YAML document, got an empty file"},
		{"only comments", "a.yaml", "# nothing\n", "a.yaml: must be a JSON or YAML document, got an empty file"},
		{"cut off", "a.json", "{\n  \"a\": [1, 2", "a.json:2:13: invalid JSON: unexpected end of file"},
		{"cut off in a string", "a.json", `{"a": "hunter2`, "a.json:1:15: invalid JSON: unexpected end of file"},
		{"trailing comma", "a.json", "{\n  \"a\": 1,\n}", "a.json:2:9: invalid JSON: trailing comma\nhint: remove the comma before the closing bracket"},
		{"single quotes", "a.json", "{'a': 1}", "a.json:1:2: invalid JSON: strings must be in double quotes"},
		{"comment", "a.json", "{\n// no\n}", "a.json:2:1: invalid JSON: comments are not allowed\nhint: remove the comment, or use YAML"},
		{"bare word", "a.json", `{"a": hunter2}`, "a.json:1:7: invalid JSON: missing or misplaced quote, comma, colon or bracket"},
		{"two documents", "a.json", "{}\n{}", "a.json:2:1: invalid JSON: missing or misplaced quote, comma, colon or bracket"},
		{"no JSON at all", "a.json", "\n hunter2", "a.json:2:2: invalid JSON: must start with { or ["},
		{"duplicate key", "a.json", "{\"a\": 1,\n \"a\": 2}", "a.json:2:2: duplicate key \"a\" (first defined at 1:2)\nhint: remove one of them"},
		{"duplicate value in a key's place", "a.json", `{"hunter2": 1, "hunter2": 2}`, "a.json:1:16: duplicate key (first defined at 1:2)\nhint: remove one of them"},
		{"unpaired surrogate in a key", "a.json", `{"\ud83d": 1}`, `a.json:1:2: invalid JSON: unpaired \u surrogate in a string`},
		{"unpaired surrogate", "a.json", `["\ud83d"]`, `a.json:1:2: invalid JSON: unpaired \u surrogate in a string`},
		{"surrogate, escaped backslash", "a.json", `["\\ud83d"]`, ""},
		{"surrogate pair", "a.json", `["\ud83d\ude00"]`, ""},
		{"not UTF-8", "a.json", "{\"ä\": \"\xff\"}", "a.json:1:8: invalid UTF-8\nhint: save the file as UTF-8"},
		{"zero byte", "a.json", "{\x00}", "a.json:1:2: invalid UTF-8\nhint: save the file as UTF-8"},
		{"UTF-16", "a.json", "\xff\xfe{\x00}\x00", "a.json:1:1: must be UTF-8, got UTF-16\nhint: save the file as UTF-8"},
		{"byte order mark", "a.json", "\xef\xbb\xbf{}", ""},
		{"YAML duplicate key", "a.yaml", "a: 1\na: 2\n", "a.yaml:2:1: duplicate key \"a\" (first defined at 1:1)\nhint: remove one of them"},
		{"YAML alias", "a.yaml", "a: &x hunter2\nb: *x\n", "a.yaml:1:4: YAML anchors and aliases are not supported\nhint: repeat the value"},
		{"infinity", "a.yaml", "a: -.Inf\n", "a.yaml:1:4: must be a finite number\nhint: put it in quotes to make it a string"},
		{"not a number", "a.yaml", "- .nan\n", "a.yaml:1:3: must be a finite number\nhint: put it in quotes to make it a string"},
		{"YAML tag", "a.yaml", "a: !!binary aHVudGVyMg==\n", "a.yaml:1:4: YAML tags are not supported\nhint: remove the tag"},
		{"YAML number as key", "a.yaml", "1: a\n", "a.yaml:1:1: YAML key must be a string\nhint: put the key in quotes"},
		{"YAML syntax", "a.yaml", "a: \"hunter2\n", "a.yaml:2:1: invalid YAML\nhint: check indentation, colons and quotes"},
		{"second YAML document", "a.yaml", "a: 1\n---\nb: 2\n", "a.yaml:2:1: file must contain a single YAML document\nhint: put each document in its own file"},
		{"braces in a YAML file", "a.yaml", "{a: 1}", ""},
		{"YAML on standard input", "-", "a: 1\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(c.file, []byte(c.text))
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestParseTooLarge(t *testing.T) {
	t.Parallel()
	if _, err := Parse("a.json", make([]byte, MaxBytes+1)); err == nil || !strings.Contains(err.Error(), "must be at most 64 MiB") {
		t.Errorf("got %v", err)
	}
}

// TestPositions asks for the place of values in JSON and in YAML, multi-byte
// characters and tabs before them included.
func TestPositions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file, text, pointer string
		want                Position
	}{
		{"a.json", "{\n  \"a\": {\"b\": [10, 20]}\n}", "/a/b/1", Position{2, 19}},
		{"a.json", "{\"äöü\": 1}", "/äöü", Position{1, 9}},
		{"a.json", "{\n\t\"a\" :\n\t\ttrue}", "/a", Position{3, 3}},
		{"a.json", "{\"a/b\": {\"~\": null}}", "/a~1b/~0", Position{1, 15}},
		{"a.yaml", "a:\n  b:\n    - 10\n    - 20\n", "/a/b/1", Position{4, 7}},
	} {
		doc, err := Parse(c.file, []byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		node := doc.Root.Find(c.pointer)
		if node == nil || node.Pos != c.want {
			t.Errorf("%q %s: got %v, want %v", c.text, c.pointer, node, c.want)
		}
	}
}

// TestYAMLScalars holds plain scalars to what sigs.k8s.io/yaml, and so kubectl
// and helm, make of them.
func TestYAMLScalars(t *testing.T) {
	t.Parallel()
	for _, scalar := range []string{
		"yes", "no", "on", "True", "~", "null", "", "0644", "0o644", "0x1F", "1e3", "1_000", "12", "-7", "3.50",
		"1000000", "1e400", "0x1p4", "0o9", "190:20:30", "hello world", "a:b", "2001-01-01", ".inf", "'12'", `"12"`, `"\ud83d"`,
	} {
		text := []byte("a: " + scalar + "\n")
		want, err := yaml.YAMLToJSON(text)
		if err != nil {
			continue // what kubectl can't read, nobody misses
		}
		doc, err := Parse("a.yaml", text)
		if err != nil {
			t.Errorf("%s: %v", scalar, err)
			continue
		}
		got, _ := json.Marshal(doc.Root)
		var g, w any
		if json.Unmarshal(got, &g) != nil || json.Unmarshal(want, &w) != nil || !cmp.Equal(g, w) {
			t.Errorf("%s: got %s, want %s", scalar, got, want)
		}
	}
}

func TestNumbersKeepEveryDigit(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"a.json", "a.yaml"} {
		doc, err := Parse(file, []byte("[12345678901234567890123, 0.10]"))
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := json.Marshal(doc.Root); string(got) != "[12345678901234567890123,0.10]" {
			t.Errorf("%s: got %s", file, got)
		}
	}
}

func TestRespelledNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"0": false, "-7": false, "1000000": false, "9007199254740993": false,
		"1.0": true, "1e3": true, "-0": true, "0.5": true, "99999999999999999999": true,
		"010": true, "0o17": true, "0x10": true, "1_000": true, "+5": true, "089": true,
		`"010"`: false, "yes": false, "a": false, ".": false,
	} {
		doc, err := Parse("a.yaml", []byte("a: "+text))
		if err != nil {
			t.Fatal(err)
		}
		if got := doc.Root.Member("a").Respelled(); got != want {
			t.Errorf("%s: got %t", text, got)
		}
	}
}

func TestNodeDoesNotPrintItsText(t *testing.T) {
	t.Parallel()
	doc, err := Parse("a.json", []byte(`{"a": "hunter2"}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if got := fmt.Sprintf(verb, doc.Root.Member("a")); got != "string at 1:7" {
			t.Errorf("%s: %s", verb, got)
		}
	}
}

func TestErrorsAreSortedByPlace(t *testing.T) {
	t.Parallel()
	doc, err := Parse("a.json", []byte("{\"a\": 1,\n\"b\": 2}"))
	if err != nil {
		t.Fatal(err)
	}
	err = Errors{doc.ErrorAt("/b", "second"), doc.ErrorAtKey("", "a", "first").WithRule("rule"), doc.ErrorAt("/a/gone/far", "near"), doc.ErrorAt("/gone", "root")}.Sorted()
	want := "a.json:1:1: /gone: root\na.json:1:2: /a: first [rule]\na.json:1:7: /a/gone/far: near\na.json:2:6: /b: second"
	if err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	if (Errors{}).Sorted() != nil {
		t.Error("no fault is an error")
	}
}

// FuzzParse holds that no input panics, that what parses as JSON is what
// encoding/json reads, and that errors never quote the text.
func FuzzParse(f *testing.F) {
	const canary = "hunter2"
	for _, seed := range []string{
		`{"a": "hunter2", "b": [1, true, null, {}]}`, "a: hunter2\nb:\n  - 1\n", `{"a": hunter2}`, `{"hunter2`, `["\ud83d"]`, "a: &b hunter2", "- !!x hunter2",
	} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, text string, isJSON bool) {
		name := "a.yaml"
		if isJSON {
			name = "a.json"
		}
		doc, err := Parse(name, []byte(text))
		if err != nil {
			if strings.Contains(err.Error(), canary) {
				t.Errorf("quotes its input: %v", err)
			}
			return
		}
		got, _ := json.Marshal(doc.Root)
		var g, w any
		if err := json.Unmarshal(got, &g); err != nil {
			t.Fatalf("marshals to no JSON: %v", err)
		}
		if isJSON {
			if err := json.Unmarshal([]byte(strings.TrimPrefix(text, "\ufeff")), &w); err != nil {
				t.Fatalf("encoding/json refuses it: %v", err)
			}
			if !cmp.Equal(g, w) {
				t.Errorf("got %v, want %v", g, w)
			}
		}
	})
}
