package secrets

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func TestMergeKeepsOtherKeys(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "none"}})
	wantOutcomes(t, c.apply(opaque(ActionCreate, "some", "kept", "1", "k", "1")), success)
	if data := c.get("none").Data; data != nil {
		t.Fatalf("data is %v: this tests nothing", data)
	}
	payload := list(
		merging(opaque(ActionUpdate, "none", "k", "2")),
		merging(opaque(ActionUpdate, "some", "k", "2", "a", "3")),
		merging(opaque(ActionApply, "new", "k", "2")),
		merging(opaque(ActionUpdate, "gone", "k", "2")),
	)
	missing := outcome{StatusError, "NotFound", "Secret 'gone' does not exist"}
	want := []outcome{{Status: StatusSuccess, Words: "updated"}, {Status: StatusSuccess, Words: "updated"}, {Status: StatusSuccess, Words: "created"}, missing}
	wantOutcomes(t, c.check(payload), want...)
	results := c.checkAndApply(payload)
	wantOutcomes(t, results, want...)
	if diff := cmp.Diff([]string{"a", "k", "kept"}, results[1].Keys); diff != "" || strings.Contains(results[1].Message, "dropped") {
		t.Errorf("keys (-want +got):\n%s, message %s", diff, results[1].Message)
	}
	wantSecret(t, c.get("none"), corev1.SecretTypeOpaque, map[string]string{"k": "2"})
	wantSecret(t, c.get("some"), corev1.SecretTypeOpaque, map[string]string{"k": "2", "kept": "1", "a": "3"})
	wantSecret(t, c.get("new"), corev1.SecretTypeOpaque, map[string]string{"k": "2"})

	same := list(merging(opaque(ActionUpdate, "some", "k", "2")), merging(opaque(ActionApply, "some", "kept", "1")))
	for _, r := range append(c.check(same)[:1], c.checkAndApply(same)...) {
		if r.Changed == nil || *r.Changed {
			t.Errorf("result is %+v, want it unchanged", r)
		}
	}
}

func TestMergeIntoImmutable(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "a"}, Data: map[string][]byte{"k": []byte("v")}, Immutable: new(true)})
	payload := merging(opaque(ActionUpdate, "a", "l", "w"))
	want := outcome{StatusError, "Immutable", "Secret 'a' is immutable"}
	wantOutcomes(t, c.check(payload), want)
	wantOutcomes(t, c.apply(payload), want)
	wantOutcomes(t, c.checkAndApply(merging(opaque(ActionUpdate, "a", "k", "v"))), outcome{Status: StatusSuccess, Words: "is unchanged"})
}

// TestMergeLosesNoUpdate has many merge into the same Secrets at once.
func TestMergeLosesNoUpdate(t *testing.T) {
	t.Parallel()
	const runs = 12
	c := newCluster(t)
	var group sync.WaitGroup
	for i := range runs {
		group.Go(func() {
			results := c.apply(list(
				merging(opaque(ActionApply, "a", fmt.Sprintf("k%d", i), "v")),
				merging(pullSecret(ActionApply, "r", fmt.Sprintf("r%d.example.com", i), "u", "p")),
			))
			wantOutcomes(t, results, success, success)
		})
	}
	group.Wait()
	if got := len(c.get("a").Data); got != runs {
		t.Errorf("%d keys, want %d", got, runs)
	}
	var config struct{ Auths map[string]any }
	if err := json.Unmarshal(c.get("r").Data[".dockerconfigjson"], &config); err != nil || len(config.Auths) != runs {
		t.Errorf("%d registries, want %d: %v", len(config.Auths), runs, err)
	}
}

func TestMergeRegistriesKeepsOtherHosts(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "r"}, Type: dockerConfigType, Data: map[string][]byte{
		".dockerconfigjson": []byte(`{"credHelpers":{"x.example.com":"ecr"},"auths":{"ghcr.io":{"auth":"eA=="},"https://nvcr.io/v1/":{"auth":"eQ=="}}}`),
		"extra":             []byte("kept"),
	}})
	payload := merging(registries(ActionUpdate, "r", "nvcr.io u p", "docker.io v q"))
	want := outcome{Status: StatusSuccess, Words: "updated successfully, registry server normalized to https://index.docker.io/v1/"}
	wantOutcomes(t, c.check(payload), want)
	wantOutcomes(t, c.apply(payload), want)
	wantSecret(t, c.get("r"), dockerConfigType, map[string]string{"extra": "kept", ".dockerconfigjson": `{"auths":{"ghcr.io":{"auth":"eA=="},` +
		`"https://index.docker.io/v1/":{"username":"v","password":"q","auth":"djpx"},"nvcr.io":{"username":"u","password":"p","auth":"dTpw"}},` +
		`"credHelpers":{"x.example.com":"ecr"}}`})
	version := c.get("r").ResourceVersion
	wantOutcomes(t, c.apply(payload), outcome{Status: StatusSuccess, Words: "is unchanged"})
	if got := c.get("r").ResourceVersion; got != version {
		t.Errorf("resourceVersion is %s, want %s as before", got, version)
	}
}

func TestMergeRegistriesRefuses(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "auths"}, Type: dockerConfigType,
		Data: map[string][]byte{".dockerconfigjson": []byte(`{"auths":"` + canary + `"}`)}})
	results := c.check(merging(pullSecret(ActionUpdate, "auths", "nvcr.io", "u", "p")))
	wantOutcomes(t, results, outcome{StatusError, "NoMerge", "has a malformed .dockerconfigjson"})
	wantNoCanary(t, "message", results[0].Message)
	c.create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "null"}, Type: dockerConfigType,
		Data: map[string][]byte{".dockerconfigjson": []byte(`{"auths":null}`)}})
	wantOutcomes(t, c.apply(merging(pullSecret(ActionUpdate, "null", "nvcr.io", "u", "p"))), success)
	wantOutcomes(t, c.apply(list(opaque(ActionCreate, "o", "k", "v"))), success)
	wantOutcomes(t, c.apply(list(merging(pullSecret(ActionUpdate, "o", "nvcr.io", "u", "p")), merging(pullSecret(ActionUpdate, "gone", "nvcr.io", "u", "p")))),
		outcome{StatusError, "TypeMismatch", "has type opaque"}, outcome{StatusError, "NotFound", "does not exist"})
	c.allow("patcher", "patch", "create")
	patcher := c.as(impersonate("patcher"))
	wantOutcomes(t, patcher.apply(merging(pullSecret(ActionUpdate, "null", "nvcr.io", "u", "q"))),
		outcome{StatusError, "Forbidden", "Secret 'null' was not updated, because reading it failed: "})
}

// TestMergeRegistriesLosesNoRace has somebody write between the read and the
// write.
func TestMergeRegistriesLosesNoRace(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	wantOutcomes(t, c.apply(pullSecret(ActionCreate, "r", "a.example.com", "u", "p")), success)
	var once sync.Once
	racing := c.through(func(next http.RoundTripper, req *http.Request) (*http.Response, error) {
		if req.Method == http.MethodPatch {
			once.Do(func() {
				wantOutcomes(t, c.apply(merging(pullSecret(ActionUpdate, "r", "b.example.com", "u", "p"))), success)
			})
		}
		return next.RoundTrip(req)
	})
	wantOutcomes(t, racing.apply(merging(pullSecret(ActionUpdate, "r", "c.example.com", "u", "p"))), success)
	for _, server := range []string{"a", "b", "c"} {
		if config := string(c.get("r").Data[".dockerconfigjson"]); !strings.Contains(config, server+".example.com") {
			t.Errorf("registry %s is lost: %s", server, config)
		}
	}
}

// TestMergeSaysNothingOfOtherRegistries has a webhook quote what the payload
// doesn't have.
func TestMergeSaysNothingOfOtherRegistries(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	wantOutcomes(t, c.apply(pullSecret(ActionCreate, "r", "ghcr.io", "user-"+canary, "password-"+canary)), success)
	c.installRude()
	wantEventually(t, func() bool {
		r := c.apply(merging(pullSecret(ActionUpdate, "r", "nvcr.io", "u-name", "p-word")))[0]
		wantNoCanary(t, "message", r.Message)
		return r.Status == StatusError && strings.Contains(r.Message, "admission webhook")
	})
}

func TestSeveralRegistries(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	wantOutcomes(t, c.apply(registries(ActionCreate, "r", "nvcr.io $oauthtoken p", "https://IAD.ocir.io/ t/u q")),
		outcome{Status: StatusSuccess, Words: "registry server normalized to iad.ocir.io"})
	wantSecret(t, c.get("r"), dockerConfigType, map[string]string{".dockerconfigjson": `{"auths":{` +
		`"iad.ocir.io":{"username":"t/u","password":"q","auth":"dC91OnE="},"nvcr.io":{"username":"$oauthtoken","password":"p","auth":"JG9hdXRodG9rZW46cA=="}}}`})
}

func (c cluster) patchMeta(name, patch string) {
	c.t.Helper()
	if _, err := c.client.Secrets(c.namespace).Patch(context.Background(), name, types.MergePatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
		c.t.Fatal(err)
	}
}
