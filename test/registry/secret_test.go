package registry

import (
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/pkg/credentialprovider"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
)

// TestLoginWithALiveSecret goes the whole way, from a payload through the API
// server to a registry.
func TestLoginWithALiveSecret(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	server := newRegistry(t, htpasswd(t), ca.forHosts(time.Hour, "127.0.0.1")).Listener.Addr().String()
	live := applied(t, "https://"+server+"/v2/")[0]
	all, err := registry.Credentials(live.Data[corev1.DockerConfigJsonKey])
	if err != nil || len(all) != 1 || all[0].Server != server {
		t.Fatalf("credentials of the Secret are for %v: %v", all, err)
	}
	wantOutcome(t, registry.Login(t.Context(), all[0], trusting(t, ca)), registry.Accepted, "")
}

// TestCredentialsReadsAsTheKubelet compares what a login sends with what the
// kubelet would hand to the container runtime.
func TestCredentialsReadsAsTheKubelet(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var user, pass string
	server := start(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		user, pass, _ = r.BasicAuth()
	}), nil).Listener.Addr().String()
	for _, entry := range []string{
		`{"username":"u","password":"p"}`,
		`{"Username":"u","PASSWORD":"p"}`,
		`{"username":"u","password":"p:q","email":"e"}`,
		`{"auth":"dTpw"}`, `{"auth":"dTpwYQ=="}`, `{"auth":"dTpwYQ"}`, `{"auth":"dTpw\n"}`, `{"auth":" dTpw"}`, `{"auth":"dTpwYQ==\n"}`,
		`{"auth":"dTpwOnE="}`, `{"auth":"dTpw="}`, `{"auth":"dQ=="}`, `{"auth":"!"}`, `{"auth":"dTo_"}`, `{"auth":""}`,
		`{"auth":"dTpw","username":"x","password":"y"}`,
		`{"auth":1}`, `{"username":1}`, `{"email":[]}`, `null`, `{}`, `[]`, `"x"`, `1`,
		`{"identitytoken":"x"}`, `{"username":"u","identitytoken":"x"}`,
		`{"username":"a","username":"u","password":"p"}`, `{"username":"u","password":null}`,
	} {
		for _, config := range []string{
			`{"auths":{"` + server + `":` + entry + `}}`,
			`{"AUTHS":{"` + server + `":` + entry + `},"credsStore":1}`,
			`{"auths":{"` + server + `":` + entry + `},"HttpHeaders":{"x":1}}`,
			`{"auths":{"` + server + `":` + entry + `}} x`,
		} {
			var want credentialprovider.DockerConfigJSON
			refused := json.Unmarshal([]byte(config), &want) != nil
			got, err := registry.Credentials([]byte(config))
			if e := want.Auths[server]; errors.Is(err, registry.ErrNoLogin) && !refused && (e.Username == "" || e.Password == "") {
				continue
			}
			if (err != nil) != refused {
				t.Errorf("Credentials(%s) fails: %t, for the kubelet: %t", config, err != nil, refused)
			}
			if err != nil || refused {
				continue
			}
			mu.Lock()
			user, pass = "", ""
			mu.Unlock()
			err = registry.Login(t.Context(), got[0], registry.Options{})
			e := want.Auths[server]
			mu.Lock()
			if user != e.Username || pass != e.Password {
				t.Errorf("Credentials(%s) has %q and %q, for the kubelet it is %q and %q", config, user, pass, e.Username, e.Password)
			}
			mu.Unlock()
		}
	}
}
