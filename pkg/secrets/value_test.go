package secrets

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// traces are the ways in which package fmt, JSON and a log of requests could
// show the canary.
func traces() []string {
	all := []string{
		canary,
		fmt.Sprintf("%x", canary),
		fmt.Sprintf("%X", canary),
		strings.Trim(fmt.Sprintf("%d", []byte(canary)), "[]"),
		strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", []byte(canary)), "[]byte{"), "}"),
	}
	for shift := range 3 { // in base64 it depends on what stands before
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("-", shift) + canary))
		all = append(all, text[(8*shift+5)/6:8*(shift+len(canary))/6])
	}
	return all
}

// wantNoCanary fails t where text has a trace of the canary.
func wantNoCanary(t testing.TB, where, text string) {
	t.Helper()
	for _, trace := range traces() {
		if strings.Contains(text, trace) {
			t.Errorf("%s shows the canary as %q: %s", where, trace, text)
		}
	}
}

func TestTracesFindTheCanary(t *testing.T) {
	t.Parallel()
	texts := []string{fmt.Sprintf("%d", []byte(canary)), fmt.Sprintf("%#v", []byte(canary))}
	for _, format := range []string{"%v", "%q", "%x", "%X"} {
		texts = append(texts, fmt.Sprintf(format, canary))
	}
	for _, before := range []string{"", "a", "ab", "abc", "hf_"} {
		texts = append(texts, base64.StdEncoding.EncodeToString([]byte(before+canary+"-1")))
	}
	for _, text := range texts {
		found := false
		for _, trace := range traces() {
			found = found || strings.Contains(text, trace)
		}
		if !found {
			t.Errorf("no trace finds the canary in %s", text)
		}
	}
}

func TestValuePrintsMasked(t *testing.T) {
	t.Parallel()
	type nested struct {
		Exported Value
		hidden   Value
		inMap    map[string]Value
		pointer  *Value
	}
	v := newValue(canary)
	subjects := map[string]any{
		"value":     v,
		"pointer":   &v,
		"slice":     []Value{v},
		"map":       map[string]Value{"k": v},
		"nested":    nested{v, v, map[string]Value{"k": v}, &v},
		"operation": Operation{Name: "n", Data: map[string]Value{"k": v}},
		"batch":     &Batch{ops: []Operation{{Data: map[string]Value{"k": v}}}},
		"error":     fmt.Errorf("with %v: %w", v, errors.New("cause")),
	}
	for name, subject := range subjects {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%e", "%U", "%c", "%100v"} {
			wantNoCanary(t, name+" "+verb, fmt.Sprintf(verb, subject))
		}
		asJSON, _ := json.Marshal(subject)
		wantNoCanary(t, name+" JSON", string(asJSON))
		asYAML, _ := yaml.Marshal(subject)
		wantNoCanary(t, name+" YAML", string(asYAML))
		wantNoCanary(t, name+" cmp", cmp.Diff(subject, nil))
		for _, log := range slogOutputs(subject) {
			wantNoCanary(t, name+" slog", log)
		}
	}
}

func slogOutputs(subject any) []string {
	var text, inJSON bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("m", "subject", subject)
	slog.New(slog.NewJSONHandler(&inJSON, nil)).Info("m", "subject", subject)
	return []string{text.String(), inJSON.String()}
}

func TestValueMask(t *testing.T) {
	t.Parallel()
	v := newValue(canary)
	marshalled, err := v.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(map[string]Value{"k": v})
	if err != nil {
		t.Fatal(err)
	}
	for what, got := range map[string]string{
		"String":      v.String(),
		"GoString":    v.GoString(),
		"%d":          fmt.Sprintf("%d", v),
		"%#v":         fmt.Sprintf("%#v", v),
		"MarshalText": string(marshalled),
		"LogValue":    v.LogValue().String(),
	} {
		if got != "***" {
			t.Errorf("%s gives %q, want ***", what, got)
		}
	}
	if got, want := string(asJSON), `{"k":"***"}`; got != want {
		t.Errorf("JSON is %s, want %s", got, want)
	}
	if got := string(v.bytes()); got != canary {
		t.Errorf("bytes are %q, want the value", got)
	}
	if got := (Value{}).bytes(); got != nil {
		t.Errorf("bytes of the zero Value are %q, want nil", got)
	}
}
