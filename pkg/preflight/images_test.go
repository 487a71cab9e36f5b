package preflight_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func replace(text, old, new string) string { return strings.ReplaceAll(text, old, new) }

// puller is a Job with an image and pull secrets.
func puller(image string, secrets ...string) string {
	var refs []string
	for _, secret := range secrets {
		refs = append(refs, "{name: "+secret+"}")
	}
	return `
apiVersion: batch/v1
kind: Job
metadata: {name: j}
spec:
  template:
    spec:
      imagePullSecrets: [` + strings.Join(refs, ", ") + `]
      containers: [{name: main, image: "` + image + `"}]
`
}

const update = `{"name":"THE-SECRET","action":"update","type":"container_registry","merge":true,"data":{"password":{"valueFrom":{"env":"REGISTRY_PASSWORD"}},"registry_server":"HOST","username":{"valueFrom":{"env":"REGISTRY_USERNAME"}}}}`

// TestImages asks a real registry for images with real Secrets.
func TestImages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.pullSecret("right", password, s.host)
	s.pullSecret("team", password, s.host+"/team")
	s.pullSecret("wrong", "wr0ng-"+canary, s.host)
	s.pullSecret("hub", password, "docker.io", "quay.io")
	s.pullSecret("open", password, "127.0.0.1:1")
	s.secret("opaque", corev1.DockerConfigJsonKey)
	s.create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "old"}, Type: corev1.SecretTypeDockercfg,
		Data: map[string][]byte{corev1.DockerConfigKey: []byte(`{"` + s.host + `":{"username":"` + username + `","password":"` + password + `"}}`)},
	})
	s.create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "broken"}, Type: corev1.SecretTypeDockerConfigJson,
		Data: map[string][]byte{corev1.DockerConfigJsonKey: []byte(`{"auths":{"` + s.host + `":{"auth":"!` + canary + `"}}}`)},
	})
	s.create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "mac"}, Type: corev1.SecretTypeDockerConfigJson,
		Data: map[string][]byte{corev1.DockerConfigJsonKey: []byte(`{"auths":{"` + s.host + `":{}},"credsStore":"` + canary + `"}`)},
	})
	s.create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "token"}, Type: corev1.SecretTypeDockerConfigJson,
		Data: map[string][]byte{corev1.DockerConfigJsonKey: []byte(`{"auths":{"` + s.host + `":{"identitytoken":"` + canary + `"},"quay.io":{"auth":"dTpw"}}}`)},
	})
	s.create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "helper"}, Type: corev1.SecretTypeDockerConfigJson,
		Data: map[string][]byte{corev1.DockerConfigJsonKey: []byte(`{"auths":{"127.0.0.1:1":{},"quay.io":{"auth":"dTpw"}},"credHelpers":{"127.0.0.1:1":"` + canary + `"}}`)},
	})
	s.create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "empty"}, Type: corev1.SecretTypeDockerConfigJson,
		Data: map[string][]byte{corev1.DockerConfigJsonKey: []byte("{}")},
	})
	const (
		private, public = "HOST/team/app:1", "HOST/public/app:1"
		job             = "job.batch/j: container main: image "
		away            = "127.0.0.1:1 refused the connection from this machine (the cluster may still reach it)"
	)
	for _, c := range []struct {
		image   string
		secrets []string
		want    []string
	}{
		{private, []string{"right"}, nil},
		{private, []string{"team"}, nil},
		{private, []string{"old"}, nil},
		{private, []string{"wrong", "right"}, nil}, // the kubelet tries both
		{private, []string{"hub", "right"}, nil},
		{public, []string{"hub"}, nil},
		{public, nil, nil},
		{private, nil, []string{
			"warning: " + job + private + ": HOST requires credentials to pull this image",
			"  set imagePullSecrets, unless the nodes or the ServiceAccount have credentials for HOST",
		}},
		{private, []string{"wrong"}, []string{
			"error: " + job + private + `: cannot pull with Secret "wrong": wrong user name or password (HTTP 401 from HOST)`,
			"  update the credentials" + heredoc(replace(update, "THE-SECRET", "wrong")),
		}},
		{private, []string{"hub"}, []string{
			"error: " + job + private + `: Secret "hub" has credentials for docker.io, quay.io only, not for HOST`,
			"  add the credentials" + heredoc(replace(update, "THE-SECRET", "hub")),
		}},
		{"HOST/team/app:2", []string{"right"}, []string{
			"error: " + job + "HOST/team/app:2: image or tag not found on HOST",
			"  fix the name or tag of the image, or push the image",
		}},
		{"HOST/team/none:1", []string{"right"}, []string{
			"error: " + job + "HOST/team/none:1: image or tag not found on HOST",
			"  fix the name or tag of the image, or push the image",
		}},
		{"HOST/Team/App:1", []string{"right"}, []string{
			"error: " + job + "HOST/Team/App:1: invalid image name: invalid reference format: repository name (Team/App) must be lowercase",
			"  use REGISTRY/PATH:TAG, with PATH in lower case",
		}},
		{"127.0.0.1:1/app", []string{"open"}, []string{"note: image 127.0.0.1:1/app: " + away}},
		{"127.0.0.1:1/app", []string{"hub"}, []string{
			"warning: " + job + `127.0.0.1:1/app: Secret "hub" has credentials for docker.io, quay.io only, not for 127.0.0.1:1` + "; it is unknown whether the image requires any: " + away,
			"  add the credentials" + heredoc(replace(replace(update, "THE-SECRET", "hub"), "HOST", "127.0.0.1:1")),
		}},
		{private, []string{"opaque"}, []string{
			`error: job.batch/j: imagePullSecrets: Secret "opaque" must be of type container_registry, got opaque`,
			"  replace it" + heredoc(replace(replace(replace(update, "THE-SECRET", "opaque"), `"update"`, `"apply"`), `"merge":true,`, ""), "--recreate"),
		}},
		{private, []string{"broken"}, []string{
			`error: job.batch/j: imagePullSecrets: Secret "broken" has a malformed .dockerconfigjson: auths: "HOST": auth must be base64`,
			"  replace it" + heredoc(replace(replace(replace(update, "THE-SECRET", "broken"), `"update"`, `"apply"`), `"merge":true,`, "")),
		}},
		{private, []string{"empty"}, []string{
			`error: job.batch/j: imagePullSecrets: Secret "empty" has no login: expected {"auths":{SERVER:{"auth":…}}}`,
			"  replace it" + heredoc(replace(replace(replace(update, "THE-SECRET", "empty"), `"update"`, `"apply"`), `"merge":true,`, "")),
		}},
		{private, []string{"mac"}, []string{
			`error: job.batch/j: imagePullSecrets: Secret "mac" has no login: credsStore names a credential helper, which the kubelet does not run`,
			"  replace it" + heredoc(replace(replace(replace(update, "THE-SECRET", "mac"), `"update"`, `"apply"`), `"merge":true,`, "")),
		}},
		{private, []string{"token"}, []string{
			"error: " + job + private + `: Secret "token" has no credentials for HOST: it has only an identity token, which the kubelet does not use`,
			"  add the credentials" + heredoc(replace(update, "THE-SECRET", "token")),
		}},
		{private, []string{"token", "right"}, nil},
		{"127.0.0.1:1/app", []string{"helper"}, []string{
			"error: " + job + `127.0.0.1:1/app: Secret "helper" has no credentials for 127.0.0.1:1: credHelpers names a credential helper, which the kubelet does not run`,
			"  add the credentials" + heredoc(replace(replace(update, "THE-SECRET", "helper"), "HOST", "127.0.0.1:1")),
		}},
		{public, []string{"token"}, nil},
		{public, []string{"gone"}, []string{
			`warning: job.batch/j: imagePullSecrets: Secret "gone" not found in namespace NS`,
			"  create it" + heredoc(replace(replace(replace(update, "THE-SECRET", "gone"), `"update"`, `"create"`), `"merge":true,`, "")),
		}},
	} {
		got := s.run(s.client, puller(c.image, c.secrets...))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s with %v (-want +got):\n%s", c.image, c.secrets, diff)
		}
	}
}

// TestOneNoteARegistry has several images on a registry that is away.
func TestOneNoteARegistry(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	got := s.run(s.client, puller("127.0.0.1:1/a")+"---"+replace(puller("127.0.0.1:1/b"), "name: j", "name: k"))
	want := []string{"note: image 127.0.0.1:1/a, 127.0.0.1:1/b: 127.0.0.1:1 refused the connection from this machine (the cluster may still reach it)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestImagesThatAreNotPulled are those that are on the nodes.
func TestImagesThatAreNotPulled(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if got := s.run(s.client, replace(puller("HOST/team/none:1"), `none:1"`, `none:1", imagePullPolicy: Never`)); got != nil {
		t.Errorf("found %q", got)
	}
}

// TestImagesThatNodesHave are not in the registry, and need not be.
func TestImagesThatNodesHave(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const image = "HOST/team/loaded:1"
	nodes := []string{s.node("a", 0), s.node("b", 0)} // to the others the pods can't come
	here := func(image string, secrets ...string) string {
		return replace(puller(image, secrets...), "    spec:\n", "    spec:\n      nodeSelector: {site: "+s.namespace+"}\n      tolerations: [{key: site, operator: Exists}]\n")
	}
	load := func(nodes []string) {
		for _, node := range nodes {
			patch := fmt.Sprintf(`{"status": {"images": [{"names": ["%[1]s/other:1"]}, {"names": ["%[1]s/team/loaded@sha256:%064d", "%[1]s/team/loaded:1"]}]}}`, s.host, 0)
			if _, err := s.client.CoreV1().Nodes().Patch(t.Context(), node, types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}, "status"); err != nil {
				t.Fatal(err)
			}
		}
	}
	always := replace(here(image), `loaded:1"`, `loaded:1", imagePullPolicy: Always`)
	const missing = ": job.batch/j: container main: image " + image + ": HOST requires credentials to pull this image"
	s.pullSecret("right", password, s.host)
	none := "job.batch/j: container main: image " + image + ": image or tag not found on HOST"
	some := none + "; the image is on 1 of 2 nodes, the others cannot pull it"
	const fix = "  fix the name or tag of the image, or push the image"
	for _, step := range []struct {
		nodes  []string
		object string
		want   []string
	}{
		{nil, here(image, "right"), []string{"error: " + none, fix}},
		{nodes[:1], here(image, "right"), []string{"warning: " + some, fix}},
		{nodes, here(image, "right"), nil},
		{nil, here(image), nil},
		{nil, always, []string{"warning" + missing, "  set imagePullSecrets, unless the nodes or the ServiceAccount have credentials for HOST"}},
		{nil, here("HOST/team/loaded:2", "right"), []string{"error: " + replace(none, "loaded:1", "loaded:2"), fix}},
	} {
		load(step.nodes)
		var diff string
		for range 50 { // the server's cache of nodes may be late
			if diff = cmp.Diff(step.want, s.run(s.client, step.object)); diff == "" {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		if diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
