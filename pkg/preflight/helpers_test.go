package preflight_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	ggcr "github.com/google/go-containerregistry/pkg/registry"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/preflight"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// canary marks what no finding may hold.
const canary = "c4n4ry"

const (
	username = "robot-" + canary
	password = "p4ss-" + canary
)

// site is a namespace with a registry that has team/app:1. Everybody may pull
// public/app:1 from it, and team/app:1 who has the credentials.
type site struct {
	t         *testing.T
	client    kubernetes.Interface
	namespace string
	host      string
}

func newSite(t *testing.T) site {
	t.Helper()
	s := site{t: t, client: kubetest.Client(t), namespace: kubetest.Namespace(t)}
	images := ggcr.New(ggcr.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, pass, given := r.BasicAuth()
		public := strings.HasPrefix(r.URL.Path, "/v2/public/")
		if (given || !public) && (user != username || pass != password) {
			w.Header().Set("WWW-Authenticate", `Basic realm="r"`)
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprintf(w, `{"errors":[{"code":"UNAUTHORIZED","message":"no %s here"}]}`, pass)
			return
		}
		images.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.host = server.Listener.Addr().String()
	s.push("team/app:1")
	s.push("public/app:1")
	return s
}

// push gives the registry an image for no platform at all.
func (s site) push(image string) {
	s.t.Helper()
	const index = "application/vnd.oci.image.index.v1+json"
	repository, tag, _ := strings.Cut(image, ":")
	body := strings.NewReader(`{"schemaVersion": 2, "mediaType": "` + index + `", "manifests": []}`)
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPut, "http://"+s.host+"/v2/"+repository+"/manifests/"+tag, body)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", index)
	req.SetBasicAuth(username, password)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusCreated {
		s.t.Fatal(resp.Status)
	}
}

// secret creates a Secret whose values are all marked.
func (s site) secret(name string, keys ...string) {
	s.t.Helper()
	data := map[string][]byte{}
	for _, key := range keys {
		data[key] = []byte(canary)
	}
	s.create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: data})
}

// pullSecret creates a pull secret with credentials for each server.
func (s site) pullSecret(name, password string, servers ...string) {
	s.t.Helper()
	auths := map[string]any{}
	for _, server := range servers {
		auths[server] = map[string]string{"username": username, "password": password}
	}
	config, err := json.Marshal(map[string]any{"auths": auths})
	if err != nil {
		s.t.Fatal(err)
	}
	s.create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: name}, Type: corev1.SecretTypeDockerConfigJson,
		Data: map[string][]byte{corev1.DockerConfigJsonKey: config},
	})
}

// configMap creates a ConfigMap.
func (s site) configMap(name string, data map[string]string) {
	s.t.Helper()
	o := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: data}
	if _, err := s.client.CoreV1().ConfigMaps(s.namespace).Create(s.t.Context(), o, metav1.CreateOptions{}); err != nil {
		s.t.Fatal(err)
	}
}

func (s site) create(secret *corev1.Secret) {
	s.t.Helper()
	if _, err := s.client.CoreV1().Secrets(s.namespace).Create(s.t.Context(), secret, metav1.CreateOptions{}); err != nil {
		s.t.Fatal(err)
	}
}

// objects reads a stream of YAML in which HOST is the registry.
func (s site) objects(text string) []*unstructured.Unstructured {
	s.t.Helper()
	var all []*unstructured.Unstructured
	for _, doc := range strings.Split(strings.ReplaceAll(text, "HOST", s.host), "\n---\n") {
		o := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(doc), &o.Object); err != nil {
			s.t.Fatal(err)
		}
		all = append(all, o)
	}
	return all
}

// check is for the rights of client.
func (s site) check(client kubernetes.Interface) preflight.Check {
	s.t.Helper()
	dynamic, mapper := kubetest.Dynamic(s.t)
	if user, ok := client.(limited); ok {
		dynamic = user.dynamic
	}
	return preflight.Check{Client: client, Dynamic: dynamic, Secrets: client.CoreV1(), Mapper: mapper, Namespace: s.namespace, Records: "secrets"}
}

// findings checks objects of one release.
func (s site) findings(client kubernetes.Interface, text string) []preflight.Finding {
	s.t.Helper()
	findings, err := s.check(client).Run(s.t.Context(), []dryrun.Release{{Name: "r", Namespace: s.namespace, Objects: s.objects(text)}})
	if err != nil {
		s.t.Fatal(err)
	}
	return findings
}

// run checks objects and returns the findings with their fixes as lines, with
// HOST for the registry and NS for the namespace. Findings of these rules are
// left out.
func (s site) run(client kubernetes.Interface, text string, without ...string) []string {
	s.t.Helper()
	return s.lines(s.findings(client, text), without...)
}

func (s site) lines(findings []preflight.Finding, without ...string) []string {
	s.t.Helper()
	var lines []string
	for _, f := range findings {
		if slices.Contains(without, f.Rule) {
			continue
		}
		lines = append(lines, s.plain(f.String()))
		if fix := strings.Join(f.Hint(func(field.Path) string { return "" }).Lines(), "\n"); fix != "" {
			lines = append(lines, "  "+s.plain(strings.TrimPrefix(fix, "hint: ")))
		}
		if f.Rule == "" || f.Check == "" {
			s.t.Errorf("%s: has rule %q, check %q", f, f.Rule, f.Check)
		}
		s.parses(f.Fix.Input)
	}
	if all := fmt.Sprint(lines); strings.Contains(all, canary) {
		s.t.Errorf("a value is shown: %s", all)
	}
	return lines
}

// classes are those of the cluster at the moment.
var classes = regexp.MustCompile(`the cluster has .*?(; |$)`)

// plain leaves out what there is in the namespaces of other tests, too.
func (s site) plain(text string) string {
	text, _, _ = strings.Cut(text, "; it exists in ")
	text = classes.ReplaceAllString(text, "the cluster has CLASSES$1")
	return strings.NewReplacer(s.host, "HOST", s.namespace, "NS").Replace(text)
}

// heredoc returns the end of a fix that applies a payload.
func heredoc(payload string, flags ...string) string {
	command := slices.Concat([]string{":\nkubectl blueprint secrets apply -n NS"}, flags, []string{"-f - <<'EOF'"})
	return strings.Join(command, " ") + "\n" + payload + "\nEOF"
}

// parses fails the test if the input of a suggested command is not a valid payload.
func (s site) parses(payload string) {
	s.t.Helper()
	if payload == "" {
		return
	}
	doc, err := source.Parse("fix", []byte(payload))
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := secrets.Parse(doc); err != nil {
		s.t.Errorf("%s: %v", payload, err)
	}
}
