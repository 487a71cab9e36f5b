package preflight_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/preflight"
)

const service = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      imagePullSecrets: [{name: pull}]
      initContainers:
      - name: fetch
        image: HOST/team/app:1
        env:
        - {name: OPTIONAL, valueFrom: {secretKeyRef: {name: gone, key: a, optional: true}}}
        - {name: TOKEN, valueFrom: {secretKeyRef: {name: hf-secret, key: HF_TOKEN}}}
      containers:
      - name: main
        image: HOST/team/app:1
        envFrom: [{secretRef: {name: all}}]
        env:
        - {name: PLAIN, value: x}
        - {name: TOKEN, valueFrom: {secretKeyRef: {name: hf-secret, key: HF_TOKEN}}}
        - {name: CERT, valueFrom: {secretKeyRef: {name: own, key: own.key}}}
      volumes:
      - {name: files, secret: {secretName: tls-files, items: [{key: tls.crt, path: x}]}}
      - {name: more, projected: {sources: [{secret: {name: all}}]}}
---
apiVersion: v1
kind: Secret
metadata: {name: own}
stringData: {own.key: x}
`

func TestAllIsWell(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.secret("hf-secret", "HF_TOKEN")
	s.secret("all", "A")
	s.secret("tls-files", "tls.crt")
	s.pullSecret("pull", password, s.host)
	if got := s.run(s.client, service); got != nil {
		t.Errorf("found %q", got)
	}
}

func TestNothingIsThere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	want := []string{
		`error: deployment.apps/web: container fetch: env TOKEN and 1 more: Secret "hf-secret" not found in namespace NS`,
		"  create it" + heredoc(`{"name":"hf-secret","action":"create","type":"opaque","data":{"HF_TOKEN":{"valueFrom":{"env":"HF_TOKEN"}}}}`),
		`error: deployment.apps/web: container main: envFrom and 1 more: Secret "all" not found in namespace NS`,
		"  create it" + heredoc(`{"name":"all","action":"create","type":"opaque","data":{"KEY":{"valueFrom":{"env":"KEY"}}}}`),
		`error: deployment.apps/web: volume files: Secret "tls-files" not found in namespace NS`,
		"  create it" + heredoc(`{"name":"tls-files","action":"create","type":"opaque","data":{"tls.crt":{"valueFrom":{"file":"tls.crt"}}}}`),
		`error: deployment.apps/web: imagePullSecrets: Secret "pull" not found in namespace NS`,
		"  create it" + heredoc(`{"name":"pull","action":"create","type":"container_registry","data":{"password":{"valueFrom":{"env":"REGISTRY_PASSWORD"}},"registry_server":"HOST","username":{"valueFrom":{"env":"REGISTRY_USERNAME"}}}}`),
	}
	if diff := cmp.Diff(want, s.run(s.client, service)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTheSecretIsElsewhere names the namespaces that have it, to those who may
// know.
func TestTheSecretIsElsewhere(t *testing.T) {
	t.Parallel()
	s, other := newSite(t), newSite(t)
	name := "only-in-" + other.namespace
	other.secret(name, "k")
	pod := `
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {containers: [{name: main, image: "HOST/public/app:1", envFrom: [{secretRef: {name: ` + name + `}}]}]}`
	may, mayNot := s.client, s.getter(name)
	s.readable(mayNot, pod)
	for client, want := range map[kubernetes.Interface]string{
		may:    "; it exists in " + other.namespace + ", but pods only use Secrets of their own namespace",
		mayNot: "",
	} {
		got := s.findings(client, pod)
		got = slices.DeleteFunc(got, func(f preflight.Finding) bool { return f.Rule != "secret-missing" })
		if len(got) != 1 {
			t.Fatalf("got %v", got)
		}
		if want = fmt.Sprintf("Secret %q not found in namespace %s%s", name, s.namespace, want); got[0].What != want {
			t.Errorf("got %s\nwant %s", got[0].What, want)
		}
	}
}

func TestKeysAreMissing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.secret("hf-secret", "HF_TOKENS", "OTHER")
	s.secret("all")
	s.create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "tls-files"}, Type: corev1.SecretTypeBasicAuth, Data: map[string][]byte{"username": []byte(canary)},
	})
	s.pullSecret("pull", password, s.host)
	want := []string{
		`error: deployment.apps/web: container fetch: env TOKEN and 1 more: key "HF_TOKEN" not found in Secret "hf-secret" (did you mean "HF_TOKENS"?); it has HF_TOKENS, OTHER`,
		"  use an existing key, or add this one" + heredoc(`{"name":"hf-secret","action":"update","type":"opaque","merge":true,"data":{"HF_TOKEN":{"valueFrom":{"env":"HF_TOKEN"}}}}`),
		`error: deployment.apps/web: container main: env CERT: key "own.key" not found in Secret "own"; it has other`,
		`error: deployment.apps/web: volume files: key "tls.crt" not found in Secret "tls-files"; it has username`,
		"  use an existing key; a Secret of type kubernetes.io/basic-auth has no others",
	}
	got := s.run(s.client, replace(service, "{own.key: x}", "{other: x}"))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestEveryKindOfTemplate finds pod templates wherever they are.
func TestEveryKindOfTemplate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const pod = `{spec: {containers: [{name: main, image: "HOST/public/app:1", env: [{name: X, valueFrom: {secretKeyRef: {name: gone, key: k}}}]}]}}`
	got := s.run(s.client, `
apiVersion: batch/v1
kind: Job
metadata: {name: a}
spec: {template: `+pod+`}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: b}
spec: {jobTemplate: {spec: {template: `+pod+`}}}
---
apiVersion: leaderworkerset.x-k8s.io/v1
kind: LeaderWorkerSet
metadata: {name: c}
spec: {leaderWorkerTemplate: {leaderTemplate: `+pod+`, workerTemplate: `+replace(pod, "gone", "away")+`}}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledJob
metadata: {name: d}
spec: {jobTargetRef: {template: `+pod+`}}
---
apiVersion: v1
kind: Pod
metadata: {name: e}
`+pod[1:len(pod)-1], "api-missing")
	want := []string{
		`error: job.batch/a: container main: env X: Secret "gone" not found in namespace NS`,
		`error: cronjob.batch/b: container main: env X: Secret "gone" not found in namespace NS`,
		`error: leaderworkerset.leaderworkerset.x-k8s.io/c: leaderTemplate: container main: env X: Secret "gone" not found in namespace NS`,
		`error: leaderworkerset.leaderworkerset.x-k8s.io/c: workerTemplate: container main: env X: Secret "away" not found in namespace NS`,
		`error: scaledjob.keda.sh/d: container main: env X: Secret "gone" not found in namespace NS`,
		`error: pod/e: container main: env X: Secret "gone" not found in namespace NS`,
	}
	var lines []string
	for i := 0; i < len(got); i += 2 { // without the fixes
		lines = append(lines, got[i])
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestFindingsNameTheirCheck covers checks that share what they read: Secrets
// and images, scheduling and capacity, admission and quota.
func TestFindingsNameTheirCheck(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const more = `
---
apiVersion: example.com/v1
kind: Unknown
metadata: {name: a}
---
apiVersion: v1
kind: Pod
metadata: {name: big}
spec:
  serviceAccountName: missing
  containers: [{name: main, image: HOST/team/none:1, resources: {limits: {example.com/none: 1}}}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: missing}}]
`
	got := map[string]string{} // by rule
	for _, f := range s.findings(s.client, service+more) {
		got[f.Rule] = f.Check
	}
	want := map[string]string{
		"service-account-missing": "admission", "secret-missing": "secrets", "pull-secret-missing": "images", "pull-secret-required": "images",
		"pvc-missing": "volumes", "api-missing": "apis", "unschedulable": "scheduling",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
