package secrets

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

func compilePayloadSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	decoded, err := jsonschema.UnmarshalJSON(bytes.NewReader(PayloadSchema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("payload.schema.json", decoded); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("payload.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// verdicts are those of Parse and of the schema, each nil where it accepts.
func results(t *testing.T, schema *jsonschema.Schema, name string, text []byte) (parse, valid error) {
	t.Helper()
	doc, err := source.Parse(name, text)
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(doc.Root)
	if err != nil {
		t.Fatal(err)
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	_, parse = Parse(doc)
	return parse, schema.Validate(instance)
}

func TestSchemaAgreesOnPayloads(t *testing.T) {
	t.Parallel()
	schema := compilePayloadSchema(t)
	files, err := filepath.Glob("../../testdata/payloads/*.*")
	if err != nil || len(files) == 0 {
		t.Fatal("no payloads", err)
	}
	good, bad := 0, 0
	for _, file := range files {
		if filepath.Ext(file) == ".err" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parse, valid := results(t, schema, file, text)
		if (parse == nil) != (valid == nil) {
			t.Errorf("%s: Parse says %v, the schema %v", file, parse, valid)
		}
		if parse == nil {
			good++
		} else {
			bad++
		}
	}
	if good < 5 || bad < 2 {
		t.Errorf("%d good payloads and %d bad ones are too few to compare", good, bad)
	}
}

// mutations change one thing each. Those of accepted stay payloads.
func mutations() (accepted, refused []string) {
	const (
		op  = `"name":"a","action":"create","type":"opaque"`
		reg = `"name":"a","action":"create","type":"container_registry"`
	)
	opaque := func(data string) string { return `{` + op + `,"data":` + data + `}` }
	registry := func(data string) string { return `{` + reg + `,"data":` + data + `}` }
	server := func(s string) string {
		return registry(`{"registry_server":` + s + `,"username":"u","password":"p"}`)
	}
	const one = `{"registry_server":"nvcr.io","username":"u","password":"p"}`
	accepted = []string{
		opaque(`{"k":"v"}`), opaque(`{"k":""}`), opaque(`{".k":"v"}`), opaque(`{"registries":"v"}`), opaque(`{"valueFrom":"v"}`),
		opaque(`{"k":{"valueFrom":{"env":"A"}}}`), opaque(`{"k":{"valueFrom":{"file":"a"}}}`),
		opaque(`{"k":{"valueFrom":{"stdin":true}}}`), opaque(`{"k":{"valueFrom":{"prompt":"a"}}}`),
		`[` + opaque(`{"k":"v"}`) + `]`, `{"secrets_payload":[` + opaque(`{"k":"v"}`) + `]}`,
		`{"name":"a","action":"delete"}`, `{"name":"a","action":"delete","type":"opaque"}`, `{"name":"a","action":"delete","merge":false}`,
		`{"name":"a","action":"apply","type":"opaque","merge":true,"data":{"k":"v"}}`,
		`{"name":"a","action":"update","type":"opaque","merge":true,"data":{"k":"v"}}`,
		registry(one), registry(`{"registries":[` + one + `]}`),
		registry(`{"registry_server":"nvcr.io","username":{"valueFrom":{"env":"U"}},"password":"a:b","email":"e"}`),
		server(`"localhost"`), server(`" NVCR.io "`), server(`"https://nvcr.io/v2/"`), server(`"OCI://a.b/c"`), server(`"registry:5000"`), server(`"[::1]:5000"`),
		server(`"*.dkr.example.com"`),
	}
	refused = []string{
		`[]`, `{}`, `"a"`, `null`, `{"secrets_payload":[]}`, `{"secrets_payload":{}}`, `{"secrets_payload":null}`, `[null]`,
		`{"secrets_payload":[{"name":"a","action":"delete"}],"more":1}`, `{"recipe_mode":"job"}`,
		`{"secrets_payload":[{"name":"a","action":"delete"}],"name":"a","action":"delete"}`,
		`{` + op + `}`, `{` + op + `,"data":{"k":"v"},"more":1}`, `{` + op + `,"merge":true,"data":{"k":"v"}}`, `{` + op + `,"merge":"true","data":{"k":"v"}}`,
		`{"action":"delete"}`, `{"name":"a"}`, `{"name":"a","action":"upsert","type":"opaque","data":{"k":"v"}}`,
		`{"name":"A","action":"delete"}`, `{"name":"","action":"delete"}`, `{"name":1,"action":"delete"}`, `{"name":"a.-b","action":"delete"}`,
		`{"name":"a","action":"delete","data":{}}`, `{"name":"a","action":"delete","type":"Opaque"}`, `{"name":"a","action":"delete","merge":true}`,
		`{"name":"a","action":"create","data":{"k":"v"}}`, `{"name":"a","action":"create","type":"tls","data":{"k":"v"}}`,
		opaque(`{}`), opaque(`[]`), opaque(`null`), opaque(`{"":"v"}`), opaque(`{".":"v"}`), opaque(`{"..":"v"}`), opaque(`{"..a":"v"}`), opaque(`{"a b":"v"}`),
		opaque(`{"k":1}`), opaque(`{"k":true}`), opaque(`{"k":null}`), opaque(`{"k":["v"]}`), opaque(`{"k":{}}`),
		opaque(`{"k":{"valueFrom":{}}}`), opaque(`{"k":{"valueFrom":"A"}}`), opaque(`{"k":{"valueFrom":{"env":"A"},"more":1}}`),
		opaque(`{"k":{"valueFrom":{"env":"A","file":"a"}}}`), opaque(`{"k":{"valueFrom":{"url":"A"}}}`), opaque(`{"k":{"valueFrom":{"env":""}}}`),
		opaque(`{"k":{"valueFrom":{"env":1}}}`), opaque(`{"k":{"valueFrom":{"stdin":false}}}`), opaque(`{"k":{"valueFrom":{"stdin":"true"}}}`),
		registry(`{}`), registry(`{"registries":[]}`), registry(`{"registries":{}}`), registry(`{"registries":[1]}`), registry(`{"registries":[{}]}`),
		registry(`{"registries":[` + one + `],"username":"u"}`), registry(`{"registries":[{"registries":[` + one + `]}]}`),
		registry(`{"registry_server":"nvcr.io","username":"u"}`), registry(`{"registry_server":"nvcr.io","username":"u","password":" "}`),
		registry(`{"registry_server":"nvcr.io","username":"u:p","password":"p"}`), registry(`{"registry_server":"nvcr.io","username":"u","password":"p","auth":"a"}`),
		registry(`{"registry_server":"nvcr.io","username":"u","password":"p","email":""}`),
		server(`""`), server(`"nvcr"`), server(`"ftp://nvcr.io"`), server(`"u:p@nvcr.io"`), server(`"a b.c"`), server(`{"valueFrom":{"env":"A"}}`),
		server(`"nvcr.io/a:tag"`), server(`"nvcr.io:port"`), server(`"a.b?c"`),
	}
	return accepted, refused
}

func TestSchemaAgreesOnMutations(t *testing.T) {
	t.Parallel()
	schema := compilePayloadSchema(t)
	accepted, refused := mutations()
	for _, text := range accepted {
		if parse, valid := results(t, schema, "payload", []byte(text)); parse != nil || valid != nil {
			t.Errorf("%s:\nParse says %v\nthe schema %v", text, parse, valid)
		}
	}
	for _, text := range refused {
		if parse, valid := results(t, schema, "payload", []byte(text)); parse == nil || valid == nil {
			t.Errorf("%s is accepted:\nParse says %v\nthe schema %v", text, parse, valid)
		}
	}
}

// TestSchemaExamples holds the examples of operations and payloads to Parse.
func TestSchemaExamples(t *testing.T) {
	t.Parallel()
	doc, err := source.Parse("payload.schema.json", PayloadSchema())
	if err != nil {
		t.Fatal(err)
	}
	schema := compilePayloadSchema(t)
	for _, pointer := range []string{"/examples", "/$defs/operations/examples"} {
		examples := doc.Root.Find(pointer)
		if examples == nil || len(examples.Items) == 0 {
			t.Fatalf("%s has no examples", pointer)
		}
		for _, example := range examples.Items {
			text, err := json.Marshal(example)
			if err != nil {
				t.Fatal(err)
			}
			if parse, valid := results(t, schema, "example", text); parse != nil || valid != nil {
				t.Errorf("%s:\nParse says %v\nthe schema %v", text, parse, valid)
			}
		}
	}
}
