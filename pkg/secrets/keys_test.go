package secrets

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// TestErrorsQuoteNoKeyThatMayBeAValue puts a value in every place of a key: a
// comma for a colon, a value in a list of keys, a duplicate.
func TestErrorsQuoteNoKeyThatMayBeAValue(t *testing.T) {
	t.Parallel()
	const op = "name: a, action: create, type: opaque"
	const registry = "name: a, action: create, type: container_registry, data: {registry_server: nvcr.io, username: u, password: p"
	for _, value := range []string{
		`"p@ss w0rd-123456"`, "hunter2", "correcthorse", "hf_AbCdEfGhIjKlMnOpQrStUvWxYz012345", "nvapi-c4n4ry", "passwort", "datum", "123456",
	} {
		quoted := `"` + strings.Trim(value, `"`) + `"`
		for _, text := range []string{
			"{" + op + ", data: {token, " + quoted + "}}",
			"{" + op + ", data: {k: v}, " + quoted + "}",
			"{" + op + ", data: {k: {valueFrom: {env, " + quoted + "}}}}",
			"{" + op + ", data: {k: {valueFrom: {" + quoted + "}}}}",
			"{" + op + ", data: {k: {valueFrom: {env: A}, " + quoted + "}}}",
			"{" + op + ", data: {k: {" + quoted + "}}}",
			"{" + registry + ", " + quoted + "}}",
			"{name: a, action: create, type: container_registry, data: {registries: [], " + quoted + "}}",
			"{secrets_payload: [], " + quoted + "}",
			"{" + quoted + "}",
			"[{" + quoted + "}]",
		} {
			wantNoValue(t, text, strings.Trim(value, `"`))
		}
	}
	for _, value := range []string{"p@ss w0rd-123456", "hunter2", "hf_AbCdEfGhIjKlMnOpQrStUvWxYz012345", "nvapi-c4n4ry", "123456"} {
		quoted := `"` + value + `"`
		for _, text := range []string{
			"{" + op + ", data: {" + quoted + ": 1}}",
			"{" + op + ", data: {" + quoted + ": {}}}",
			"{" + op + ", data: {k: v}, " + quoted + ": x}",
			"{" + op + ", data: {k: {valueFrom: {" + quoted + ": x}}}}",
			"{" + op + ", data: {" + quoted + ": x, " + quoted + ": y}}",
			"{" + registry + ", " + quoted + ": x}}",
		} {
			wantNoValue(t, text, value)
		}
	}
}

// TestNameHints suggests names for what reads as a name, and not for a token.
func TestNameHints(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"HF_TOKEN": `use "hf-token"`, "MyCreds": `use "mycreds"`, "hf.token.": `use "hf.token"`, "hf token": "", "-a": `use "a"`, "Ngc": `use "ngc"`,
		"hf_AbCdEfGhIjKlMnOpQrStUvWxYz012345": "", "p@ss w0rd-123456": "", "Ab1Cd2Ef3": "", "": "", "größe": "",
	} {
		if got := nameHint(name); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

func wantNoValue(t *testing.T, text, value string) {
	t.Helper()
	doc, err := source.Parse("payload.yaml", []byte(text))
	if err == nil {
		_, err = Parse(doc)
	}
	if err == nil {
		t.Errorf("%s is accepted", text)
		return
	}
	for _, e := range source.AsErrors(err) {
		if e.Pos.Line == 0 {
			t.Errorf("%s: %v has no place", text, e)
		}
	}
	if got := err.Error(); strings.Contains(got, value) {
		t.Errorf("%s: the error quotes a value:\n%s", text, got)
	}
}

// TestWarningsQuoteNoKeyThatMayBeAValue does so for keys with proper values.
func TestWarningsQuoteNoKeyThatMayBeAValue(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"hf_AbCdEfGhIjKlMnOpQrStUvWxYz012345": "/0/data/***", "A1b2C3d4E5f6": "/0/data/***", "HF_TOKEN": "/0/data/HF_TOKEN", "s3.ca2": "/0/data/s3.ca2",
	} {
		text := list(opaque(ActionCreate, "a", key, "changeme"))
		doc, err := source.Parse("payload", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if found := Lint(doc, parse(t, text)); len(found) != 1 || found[0].Pointer != want || found[0].Pos.Line != 1 {
			t.Errorf("%s: %v", key, found)
		}
		ops := parse(t, list(from(key, `{"env":"MISSING"}`)))
		if err := Resolve(ops, places(new(int))); err == nil || !strings.Contains(err.Error(), want+"/valueFrom/env: ") {
			t.Errorf("%s: %v", key, err)
		}
	}
}

// manyErrors returns payloads in which as many things are wrong, each in another
// way.
func manyErrors(count int) map[string]string {
	repeat := func(before, each, after string) string {
		var b strings.Builder
		for i := range count {
			fmt.Fprintf(&b, each+",", i)
		}
		return before + strings.TrimSuffix(b.String(), ",") + after
	}
	const op = `{"name":"a","action":"create","type":"opaque"`
	return map[string]string{
		"unknown keys":       repeat(op+`,"data":{"k":"v"},`, `"x%d":1`, `}`),
		"invalid keys":       repeat(op+`,"data":{`, `"k %d":"v"`, `}}`),
		"numbers":            repeat(op+`,"data":{`, `"k%d":1`, `}}`),
		"empty operations":   repeat(`[`, `{"name":"n%d"}`, `]`),
		"arrays":             repeat(`[`, `[%d]`, `]`),
		"empty references":   repeat(op+`,"data":{`, `"k%d":{"valueFrom":{}}`, `}}`),
		"wrong registries":   repeat(`{"name":"a","action":"create","type":"container_registry","data":{"registries":[`, `{"registry_server":"%d"}`, `]}}`),
		"same registry":      repeat(`{"name":"a","action":"create","type":"container_registry","data":{"registries":[`, `{"registry_server":"a.b","username":"u%d","password":""}`, `]}}`),
		"warnings":           repeat(op+`,"data":{`, `"k%d":"changeme"`, `}}`),
		"missing references": repeat(op+`,"data":{`, `"k%d":{"valueFrom":{"env":"MISSING"}}`, `}}`),
	}
}

// judge does with a payload all that comes before the cluster.
func judge(t testing.TB, text string) error {
	t.Helper()
	doc, err := source.Parse("payload.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	ops, err := Parse(doc)
	if err != nil {
		return err
	}
	Lint(doc, ops)
	return Resolve(ops, Sources{Env: func(string) (string, bool) { return "", false }})
}

// TestManyErrorsAreLinear holds the work on a payload to growing as its size
// does, and the errors to a list that ends.
func TestManyErrorsAreLinear(t *testing.T) {
	small, large := manyErrors(5_000), manyErrors(20_000)
	for name := range small {
		work := func(text string) (allocations, bytes float64) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := judge(t, text)
			runtime.ReadMemStats(&after)
			errs := source.AsErrors(err)
			if name != "warnings" && (errs.Total() < 5_000 || len(errs) > source.MaxErrors+1) {
				t.Errorf("%s: %d errors, of which %d are listed", name, errs.Total(), len(errs))
			}
			return float64(after.Mallocs - before.Mallocs), float64(after.TotalAlloc - before.TotalAlloc)
		}
		smallAllocations, smallBytes := work(small[name])
		allocations, bytes := work(large[name])
		if allocations > 5*smallAllocations || bytes > 5*smallBytes {
			t.Errorf("%s: %.0f allocations and %.0f bytes for 5,000, %.0f and %.0f for 20,000", name, smallAllocations, smallBytes, allocations, bytes)
		}
	}
}

func BenchmarkParseErrors(b *testing.B) {
	for _, count := range []int{10_000, 20_000, 40_000} {
		for name, text := range manyErrors(count) {
			b.Run(fmt.Sprintf("%s/%d", name, count), func(b *testing.B) {
				for b.Loop() {
					_ = judge(b, text)
				}
			})
		}
	}
}
