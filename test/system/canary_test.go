package system_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/canary"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// TestCanary runs every command, with success and with failure, at the highest
// verbosity, with marked secret values, and searches whatever was written: both
// streams, Helm's releases, every object's annotations and managed fields, and
// events. Only the data of the Secrets themselves may hold them.
func TestCanary(t *testing.T) {
	t.Parallel()
	s := plugin.NewSandbox(t)
	operation := func(action, name string) string {
		return fmt.Sprintf(`{"name": %q, "action": %q, "type": "opaque", "data": {"token": %q}}`, name, action, canaries[0])
	}
	create := s.Write("create.json", `{"secrets_payload": [`+operation("create", "ngc-api")+`,
		{"name": "ngc-pull", "action": "create", "type": "container_registry",
		 "data": {"registry_server": "nvcr.io", "username": "$oauthtoken", "password": "`+canaries[1]+`"}}]}`)
	rotate := s.Write("rotate.yaml", "name: ngc-api\naction: update\ntype: opaque\ndata:\n  token: "+canaries[2]+"\n  NGC_API_KEY: "+canaries[2]+"\n")
	wrongType := s.Write("wrong-type.json", `{"secrets_payload": [`+strings.Replace(operation("update", "ngc-pull"), "token", ".dockerconfigjson", 1)+`]}`)
	missing := s.Write("missing.json", `{"secrets_payload": [`+operation("update", "missing")+`]}`)
	truncated := s.Write("truncated.json", `{"secrets_payload": [{"name": "a", "data": {"x": "`+canaries[0]+`", "y": "`+canaries[1])
	mistaken := s.Write("mistaken.json", fmt.Sprintf(`{"secrets_payload": [{"name": %q, "action": %q, "type": %q, "data": {"a": {"b": %q}, "c": [%q]}}]}`,
		strings.ToUpper("x")+canaries[0], canaries[0], canaries[1], canaries[1], canaries[2]))
	badYAML := s.Write("bad.yaml", "data:\n  a: \""+canaries[0]+"\n b: ["+canaries[1])
	recipe, err := filepath.Abs("../../testdata/recipes/nim-service.json")
	if err != nil {
		t.Fatal(err)
	}

	host := plugin.NewRegistry(t)
	refused := s.Write("refused.json", `{"secrets_payload": [{"name": "refused", "action": "create", "type": "container_registry",
		"data": {"registry_server": "`+host+`", "username": "$oauthtoken", "password": "`+canaries[1]+`"}}]}`)
	pull := s.Write("pull.json", `{"recipe_mode": "job", "deployment_name": "pull", "recipe_image_uri": "`+host+`/team/app:1", "recipe_container_secret_name": "refused",
		"recipe_environment_secrets": [{"envvar_name": "A", "secret_name": "ngc-api", "secret_key": "tokne"}]}`)

	var written strings.Builder
	for _, c := range []struct {
		ok   bool
		args []string
	}{
		{true, []string{"secrets", "apply", "-f", create, "--dry-run=server"}},
		{true, []string{"secrets", "apply", "-f", create}},
		{false, []string{"secrets", "apply", "-f", create, "-o", "json"}},
		{false, []string{"secrets", "apply", "-f", create, "--all-or-nothing"}},
		{true, []string{"secrets", "apply", "-f", rotate, "-o", "yaml"}},
		{true, []string{"secrets", "apply", "-f", rotate, "--all-or-nothing"}},
		{false, []string{"secrets", "apply", "-f", wrongType}},
		{false, []string{"secrets", "apply", "-f", missing}},
		{false, []string{"secrets", "apply", "-f", truncated}},
		{false, []string{"secrets", "apply", "-f", mistaken}},
		{false, []string{"secrets", "apply", "-f", badYAML}},
		{false, []string{"secrets", "apply", "-f", rotate, "--as=nobody"}},
		{false, []string{"secrets", "apply", "-f", rotate, "-n", "no-such-namespace"}},
		{false, []string{"secrets", "apply", "-f", rotate, "--server=https://127.0.0.1:1"}},
		{true, []string{"secrets", "list"}},
		{true, []string{"secrets", "list", "-o", "json"}},
		{true, []string{"secrets", "get", "ngc-api", "-o", "yaml"}},
		{true, []string{"deploy", recipe, "--dry-run=server"}},
		{true, []string{"deploy", recipe, "--timeout=60s"}},
		{true, []string{"secrets", "apply", "-f", refused}},
		{false, []string{"deploy", pull}},
		{true, []string{"deploy", pull, "--preflight=warn", "--wait=false"}},
		{true, []string{"list", "-o", "yaml"}},
		{false, []string{"render", create}},
		{false, []string{"deploy", create}},
	} {
		out, err := s.Command(append(c.args, "-v=9")...).CombinedOutput()
		if (err == nil) != c.ok {
			t.Errorf("%v: %v\n%.2000s", c.args, err, out)
		}
		fmt.Fprintf(&written, "\n== %v\n%s", c.args, out)
	}
	if !strings.Contains(written.String(), `"Request" verb="POST"`) {
		t.Error("the requests were not logged: the search would find nothing")
	}
	if !strings.Contains(written.String(), "wrong user name or password") {
		t.Error("the registry was not asked with a marked password")
	}
	fmt.Fprintf(&written, "\n== cluster\n%s", everything(t, s.Namespace))
	canary.Search(t, written.String(), canaries...)
}

// everything returns each object of the namespace as JSON, of whatever kind,
// with Helm's releases unpacked, and without the data of other Secrets.
func everything(t *testing.T, namespace string) string {
	t.Helper()
	config := kubetest.Config(t)
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	_, lists, err := discovery.NewDiscoveryClientForConfigOrDie(config).ServerGroupsAndResources()
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	releases := 0
	for _, list := range lists {
		gv, _ := schema.ParseGroupVersion(list.GroupVersion)
		for _, r := range list.APIResources {
			if !r.Namespaced || !strings.Contains(strings.Join(r.Verbs, " "), "list") {
				continue
			}
			found, err := client.Resource(gv.WithResource(r.Name)).Namespace(namespace).List(context.Background(), metav1.ListOptions{})
			if err != nil {
				continue // not every resource can be listed by everybody
			}
			for _, o := range found.Items {
				if r.Name == "secrets" && gv.Group == "" {
					data, _ := o.Object["data"].(map[string]any)
					if packed, ok := data["release"].(string); ok {
						all.Write(unpack(t, packed))
						releases++
					}
					delete(o.Object, "data")
				}
				text, _ := json.Marshal(o.Object)
				all.Write(text)
			}
		}
	}
	if releases == 0 {
		t.Error("no Helm release found to search")
	}
	return all.String()
}

// unpack undoes what the Secret and then Helm do to a release.
func unpack(t *testing.T, packed string) []byte {
	t.Helper()
	once, err := base64.StdEncoding.DecodeString(packed)
	if err != nil {
		t.Fatal(err)
	}
	zipped, err := base64.StdEncoding.DecodeString(string(once))
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
