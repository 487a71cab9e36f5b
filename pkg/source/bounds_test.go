package source

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// TestBounds refuses documents that would cost many times their size.
func TestBounds(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("k", maxPath+1)
	for name, c := range map[string]struct{ file, text, want string }{
		"values in JSON":    {"a.json", "[" + strings.Repeat("[],", MaxValues) + "0]", "a.json:1:1499999: must have at most 500000 values\nhint: split the file"},
		"values in YAML":    {"a.yaml", strings.Repeat("- 0\n", MaxValues+1), "a.yaml: must have at most 500000 values\nhint: split the file"},
		"values in a flow":  {"a.yaml", "[" + strings.Repeat("0,", MaxValues+1) + "]", "a.yaml: must have at most 500000 values\nhint: split the file"},
		"depth of JSON":     {"a.json", strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1), "a.json:1:101: must be nested at most 100 levels deep, with at most 4096 bytes of keys on each path"},
		"depth of objects":  {"a.json", strings.Repeat(`{"a":`, maxDepth+1) + "0" + strings.Repeat("}", maxDepth+1), "a.json:1:502: must be nested at most 100 levels deep, with at most 4096 bytes of keys on each path"},
		"depth of YAML":     {"a.yaml", strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1), "a.yaml:1:101: must be nested at most 100 levels deep, with at most 4096 bytes of keys on each path"},
		"depth of a parser": {"a.json", strings.Repeat("[", 20_000), "a.json:1:10001: must be nested at most 100 levels deep, with at most 4096 bytes of keys on each path"},
		"key in JSON":       {"a.json", `{"` + long + `": 1}`, "a.json:1:2: must be nested at most 100 levels deep, with at most 4096 bytes of keys on each path"},
		"key in YAML":       {"a.yaml", "{" + long[:1000] + ": {? " + long[1000:] + ": 1}}", "a.yaml:1:1007: must be nested at most 100 levels deep, with at most 4096 bytes of keys on each path"},
	} {
		_, err := Parse(c.file, []byte(c.text))
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
	for _, text := range []string{
		"[" + strings.Repeat("0,", MaxValues-2) + "0]",
		strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth),
		`{"` + long[1:] + `": 1}`,
	} {
		if _, err := Parse("a.json", []byte(text)); err != nil {
			t.Errorf("%.20s is refused: %v", text, err)
		}
	}
}

// TestYAMLValuesIsABound holds the estimate to never being below the number of
// values, which is what keeps the library from reading too many.
func TestYAMLValuesIsABound(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"a", "a: 1", "a:\n- 1\n-\n- - - 4\n", "[]", "[a, b]", "{a, b: c, \"d\":e}", "? a\n? b\n", "? a\n: b\n", "- a: [1, {b: 2}]\n  c:\n  - d\n", "- |\n  text\n- >\n  text\n",
	} {
		doc, err := Parse("a.yaml", []byte(text))
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if bound, count := yamlValues([]byte(text)), countValues(doc.Root); bound < count {
			t.Errorf("%q: bound %d for %d values", text, bound, count)
		}
	}
}

func countValues(n *Node) int {
	count := 1
	for _, m := range n.Members {
		count += countValues(m.Value)
	}
	for _, item := range n.Items {
		count += countValues(item)
	}
	return count
}

// TestParseEndsWithItsContext stops in the middle of both languages.
func TestParseEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for file, text := range map[string]string{
		"a.json": "[" + strings.Repeat("0,", 2000) + "0]",
		"a.yaml": strings.Repeat("- 0\n", 2000),
	} {
		if _, err := ParseContext(ctx, file, []byte(text)); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", file, err)
		}
	}
}

// TestMembersAreFoundByIndex has every member of a large object found without
// a walk, and the first of two with the same key named.
func TestMembersAreFoundByIndex(t *testing.T) {
	t.Parallel()
	for _, count := range []int{1, indexedFrom - 1, indexedFrom, 1000} {
		for file, text := range map[string]string{"a.json": manyMembers(count), "a.yaml": manyMembers(count)} {
			doc, err := Parse(file, []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if count >= indexedFrom && len(doc.Root.index) != count {
				t.Errorf("%d members, but %d in the index", count, len(doc.Root.index))
			}
			for i := range count {
				key := fmt.Sprintf("k%d", i)
				if n := doc.Root.Member(key); n == nil || n.Text() != fmt.Sprint(i) {
					t.Errorf("%s of %d is %v", key, count, n)
				}
				if got := doc.ErrorAtKey("", key, "here").Pos; got != doc.Root.Members[i].KeyPos {
					t.Errorf("%s of %d stands at %v", key, count, got)
				}
			}
			if doc.Root.Member("k") != nil {
				t.Error("there is no k")
			}
			again := strings.TrimSuffix(text, "}") + `, "k0": 1}`
			if _, err := Parse(file, []byte(again)); err == nil || !strings.Contains(err.Error(), "first defined at 1:2") {
				t.Errorf("duplicate of %d: %v", count, err)
			}
		}
	}
}

func manyMembers(count int) string {
	var b strings.Builder
	for i := range count {
		fmt.Fprintf(&b, `, "k%d": %d`, i, i)
	}
	return "{" + strings.TrimPrefix(b.String(), ", ") + "}"
}

// TestCollector keeps the first errors, counts the others, and puts the number
// of those at the end of the file.
func TestCollector(t *testing.T) {
	t.Parallel()
	var c Collector
	if c.Err() != nil || c.Len() != 0 || len(c.Errors()) != 0 {
		t.Error("an empty Collector has errors")
	}
	for line := MaxErrors; line > 0; line-- {
		c.Add(&Error{File: "a.json", Pos: Position{line, 1}, Message: "is wrong"})
	}
	if len(c.Errors()) != MaxErrors || c.Skip() == false {
		t.Errorf("%d errors before the list is full", len(c.Errors()))
	}
	c.Add(&Error{File: "a.json", Message: "is one too many"})
	all := c.Errors()
	if len(all) != MaxErrors+1 || all[0].Pos.Line != 1 || all[MaxErrors].Omitted != 2 || all[MaxErrors].Message != "and 2 more errors" {
		t.Errorf("errors are\n%v", all)
	}
	if c.Len() != MaxErrors+2 || all.Total() != c.Len() {
		t.Errorf("%d and %d errors in all", c.Len(), all.Total())
	}
	lines := strings.Split(append(all, &Error{File: "b.json", Message: "is wrong"}).Sorted().Error(), "\n")
	if len(lines) != maxShown+2 || lines[maxShown] != fmt.Sprintf("a.json: and %d more errors", MaxErrors+2-maxShown) || lines[maxShown+1] != "b.json: is wrong" {
		t.Errorf("text is\n%s", strings.Join(lines, "\n"))
	}
}

// TestIsName quotes names, and nothing that may be a token or a password.
func TestIsName(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]bool{
		"HF_TOKEN": true, "tls.crt": true, ".dockerconfigjson": true, "registryServer": true, "api-key": true, "a": true,
		"": false, "p@ss w0rd-123456": false, "hunter2": false, "hf_c4n4ry": false, "api key": false, "a/b": false, "..": false,
		"hf_AbCdEfGhIjKlMnOpQrStUvWxYz": false, "correcthorsebatterystaple": false, "a_b_c_d_e_f_g_h_i_j_k_l_m_n_o_p_q_r_s_t_u": false, "größe": false,
	} {
		if IsName(key) != want {
			t.Errorf("IsName(%q) is %v", key, !want)
		}
	}
}

// TestParseIsLinear holds memory to growing as its input does: four times the
// values may take five times the bytes and allocations, no more.
func TestParseIsLinear(t *testing.T) {
	for _, file := range []string{"a.json", "a.yaml"} {
		work := func(count int) (allocations, bytes float64) {
			text := []byte(manyMembers(count))
			return measured(t, func() {
				if _, err := Parse(file, text); err != nil {
					t.Fatal(err)
				}
			})
		}
		smallAllocations, smallBytes := work(10_000)
		allocations, bytes := work(40_000)
		if allocations > 5*smallAllocations || bytes > 5*smallBytes {
			t.Errorf("%s: %.0f allocations and %.0f bytes for 10,000 values, %.0f and %.0f for 40,000", file, smallAllocations, smallBytes, allocations, bytes)
		}
	}
}

// measured returns what a call allocates.
func measured(t *testing.T, call func()) (allocations, bytes float64) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	call()
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs - before.Mallocs), float64(after.TotalAlloc - before.TotalAlloc)
}

func BenchmarkParse(b *testing.B) {
	for _, count := range []int{10_000, 20_000, 40_000} {
		for _, file := range []string{"a.json", "a.yaml"} {
			b.Run(fmt.Sprintf("%s/%d", file, count), func(b *testing.B) {
				text := []byte(manyMembers(count))
				for b.Loop() {
					if _, err := Parse(file, text); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
