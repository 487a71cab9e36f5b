package preflight_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/modelhub"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/preflight"
	server "github.com/kubectl-blueprint/kubectl-blueprint/test/modelhub"
)

// models checks objects with the model services of a server, and returns the findings of
// that check.
func (s site) models(hub *server.Server, text string) []string {
	s.t.Helper()
	check := s.check(s.client)
	check.Models = modelhub.Options{Transport: hub.Transport(), Endpoint: "https://huggingface.co"}
	findings, err := check.Run(s.t.Context(), []dryrun.Release{{Name: "r", Namespace: s.namespace, Objects: s.objects(text)}})
	if err != nil {
		s.t.Fatal(err)
	}
	var of []string
	for _, f := range findings {
		if f.Check == "models" {
			of = append(of, string(f.Field)+" "+strings.Join(f.Values, " ")+" "+f.Rule)
			of = append(of, s.lines([]preflight.Finding{f})...)
		}
	}
	return of
}

// values creates a Secret with these values.
func (s site) values(name string, values map[string]string) {
	s.t.Helper()
	s.create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name}, StringData: values})
}

// modelServer is a Job whose container has these fields.
func modelServer(image, fields string) string {
	return `
apiVersion: batch/v1
kind: Job
metadata: {name: j}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: ` + image + `, imagePullPolicy: Never, ` + fields + `}]
`
}

// secretEnv is a variable from a Secret.
func secretEnv(variable, secret, key string) string {
	return fmt.Sprintf("{name: %s, valueFrom: {secretKeyRef: {name: %s, key: %s}}}", variable, secret, key)
}

// TestModels has a token of every kind, and a model of every kind.
func TestModels(t *testing.T) {
	t.Parallel()
	s, hub := newSite(t), server.New(t, "-"+canary)
	s.values("member", map[string]string{"HF_TOKEN": hub.Member + "\n", "HUGGING_FACE_HUB_TOKEN": hub.Visitor, "key": hub.Member})
	s.values("visitor", map[string]string{"token": hub.Visitor, "narrow": hub.Narrow, "wrong": "hf_wrong-" + canary, "none": ""})
	vllm := func(model string, env ...string) string {
		return modelServer("vllm/vllm-openai:v1", `args: ["--model", "`+model+`"], env: [`+strings.Join(env, ", ")+`]`)
	}
	nim := func(env ...string) string { return modelServer(server.NIM, "env: ["+strings.Join(env, ", ")+"]") }
	const (
		job    = "job.batch/j: container main: model octo/"
		nimJob = "job.batch/j: container main: image " + server.NIM + ": "
		page   = "https://huggingface.co/octo/"
		tokens = "https://huggingface.co/settings/tokens"
		keys   = "https://org.ngc.nvidia.com/setup/api-keys"
	)
	args, secret := "Pod.spec.containers.args ", "Pod.spec.containers.env.valueFrom.secretKeyRef "
	payload := func(name, key, variable string) string {
		return heredoc(fmt.Sprintf(`{"name":%q,"action":"update","type":"opaque","merge":true,"data":{%q:{"valueFrom":{"env":%q}}}}`, name, key, variable))
	}
	for _, c := range []struct {
		name, object string
		want         []string
	}{
		{"public", vllm(server.Public), nil},
		{"granted", vllm(server.Gated, secretEnv("HF_TOKEN", "member", "HF_TOKEN")), nil},
		{"older variable", vllm(server.Gated, secretEnv("HUGGING_FACE_HUB_TOKEN", "member", "key")), nil},
		{"not granted", vllm(server.Gated, secretEnv("HF_TOKEN", "visitor", "token")), []string{
			args + "octo/gated model-access-denied",
			"error: " + job + `gated: the model is gated, and the account of the token has no access (Secret "visitor")`,
			"  accept the license at " + page + "gated with the account of the token",
		}},
		{"waiting", vllm(server.Waiting, secretEnv("HF_TOKEN", "member", "key")), []string{
			args + "octo/waiting model-access-denied",
			"error: " + job + `waiting: the model is gated, and the request for access is awaiting review (Secret "member")`,
			"  wait for the review, or use another model",
		}},
		{"without permission", vllm(server.Gated, secretEnv("HF_TOKEN", "visitor", "narrow")), []string{
			args + "octo/gated model-access-denied",
			"error: " + job + `gated: the token has no permission to read gated models (Secret "visitor")`,
			"  permit it at " + tokens,
		}},
		{"no token", vllm(server.Gated), []string{
			args + "octo/gated model-token-missing",
			"error: " + job + "gated: the model is gated, and the container has no token",
			"  accept the license at " + page + "gated and set HF_TOKEN from a Secret with secretKeyRef",
		}},
		{"empty token", vllm(server.Gated, secretEnv("HF_TOKEN", "visitor", "none")), []string{
			args + "octo/gated model-token-missing",
			"error: " + job + `gated: the model is gated, and the container has no token (Secret "visitor" has an empty one)`,
			"  accept the license at " + page + "gated and set HF_TOKEN from a Secret with secretKeyRef",
		}},
		{"invalid token", vllm(server.Gated, secretEnv("HF_TOKEN", "visitor", "wrong")), []string{
			secret + "wrong visitor model-token-invalid",
			"error: " + job + `gated: huggingface.co rejects the token: wrong, expired or revoked (Secret "visitor")`,
			"  create a token at " + tokens + " and update the Secret" + payload("visitor", "wrong", "WRONG"),
		}},
		{"plain invalid token", vllm(server.Gated, "{name: HF_TOKEN, value: hf_x-"+canary+"}"), []string{
			args + "octo/gated model-token-invalid",
			"error: " + job + "gated: huggingface.co rejects the token: wrong, expired or revoked",
			"  create a token at " + tokens,
		}},
		{"missing", vllm("octo/gone", secretEnv("HF_TOKEN", "member", "key")), []string{
			args + "octo/gone model-missing",
			"error: " + job + `gone: not found on huggingface.co, or private and the token has no access (Secret "member")`,
			"  fix the name of the model, or set a token with access to it",
		}},
		{"unreachable", vllm(server.Busy), []string{
			"  model-not-checked",
			"note: model octo/busy: huggingface.co is overloaded or failing",
		}},
		{"NIM granted", nim(secretEnv("NGC_API_KEY", "member", "key")), nil},
		{"NIM not granted", nim(secretEnv("NGC_API_KEY", "visitor", "token")), []string{
			"Pod.spec.containers.image " + server.NIM + " model-access-denied",
			"error: " + nimJob + `the API key grants no access to nvcr.io/nim/octo/llama (Secret "visitor")`,
			"  accept the terms at https://catalog.ngc.nvidia.com/orgs/nim/teams/octo/containers/llama",
		}},
		{"NIM invalid", nim(secretEnv("NGC_API_KEY", "visitor", "wrong")), []string{
			secret + "wrong visitor model-token-invalid",
			"error: " + nimJob + `nvcr.io rejects the API key: wrong, expired or revoked (Secret "visitor")`,
			"  create an API key at " + keys + " and update the Secret" + payload("visitor", "wrong", "WRONG"),
		}},
		{"NIM older variable first", nim(secretEnv("NGC_API_KEY", "visitor", "wrong"), secretEnv("NGC_CLI_API_KEY", "member", "key")), nil},
		{"NIM no key", nim(), []string{
			"Pod.spec.containers.image " + server.NIM + " model-token-missing",
			"warning: " + nimJob + "NIM downloads its model from NGC, and the container has no API key",
			"  create an API key at " + keys + " and set NGC_API_KEY from a Secret with secretKeyRef",
		}},
	} {
		if diff := cmp.Diff(c.want, s.models(hub, c.object)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// TestCommandsOfModelServers has every way to name a model. All but those that stay on the
// machine ask for a gated model without a token.
func TestCommandsOfModelServers(t *testing.T) {
	t.Parallel()
	s, hub := newSite(t), server.New(t, "")
	s.values("hf", map[string]string{"HF_TOKEN": hub.Member, "HF_HUB_OFFLINE": "1"})
	s.configMap("model", map[string]string{"MODEL_ID": server.Gated, "name": server.Gated, "HF_ENDPOINT": "https://mirror.example"})
	s.configMap("offline", map[string]string{"HF_HUB_OFFLINE": "true"})
	const vllm, sglang, tgi = "docker.io/vllm/vllm-openai:v1", "lmsysorg/sglang:v1", "ghcr.io/huggingface/text-generation-inference:3"
	for _, c := range []struct {
		image, fields string
		asks          string
	}{
		{vllm, `args: [--model, octo/gated]`, "octo/gated"},
		{vllm, `args: [--model=octo/gated]`, "octo/gated"},
		{vllm, `args: [octo/gated, --port, "80"]`, "octo/gated"},
		{vllm, `args: [--model, octo/public, --model, octo/gated]`, "octo/gated"},
		{vllm, `args: [--model, octo/gated, --hf-token, --port, "80"]`, "octo/gated"},
		{vllm, `args: [--model, $(M)], env: [{name: M, value: octo/gated}]`, "octo/gated"},
		{vllm, `args: [--model, $(M)/gated], env: [{name: M, value: octo}]`, "octo/gated"},
		{vllm, `args: [--model, $(M)], env: [{name: M, valueFrom: {configMapKeyRef: {name: model, key: name}}}]`, "octo/gated"},
		{"a/b@sha256:" + strings.Repeat("0", 64), `command: [vllm, serve, octo/gated]`, "octo/gated"},
		{"a/b", `command: [/usr/bin/vllm], args: [serve, octo/gated]`, "octo/gated"},
		{"a/b", `command: [python3, -m, vllm.entrypoints.openai.api_server, --model, octo/gated]`, "octo/gated"},
		{"a/b", `command: [/bin/bash, -c, "pip install x && vllm serve 'octo/gated' --port 80"]`, "octo/gated"},
		{"a/b", `command: [sh, -euc], args: ["exec vllm serve $M"], env: [{name: M, value: octo/gated}]`, "octo/gated"},
		{"a/b", `command: [sh, -c, "vllm serve ${M}"], env: [{name: M, value: octo/gated}]`, "octo/gated"},
		{sglang, `command: [python3, -m, sglang.launch_server, --model-path, octo/gated]`, "octo/gated"},
		{sglang, `args: [--model-path, octo/gated]`, "octo/gated"},
		{tgi, `args: [--model-id, octo/gated]`, "octo/gated"},
		{tgi, `env: [{name: MODEL_ID, value: octo/gated}]`, "octo/gated"},
		{tgi, `envFrom: [{configMapRef: {name: model}}]`, "octo/gated"},
		{"a/b", `command: [text-generation-launcher, --model_id, octo/gated]`, "octo/gated"},

		{vllm, `args: [--model, octo/gated, --hf-token, $(T)], env: [` + secretEnv("T", "hf", "HF_TOKEN") + `]`, ""},
		{vllm, `args: [--model, octo/gated], envFrom: [{secretRef: {name: hf}}]`, ""},
		{vllm, `args: [--model, octo/gated], envFrom: [{configMapRef: {name: offline}}]`, ""},
		{vllm, `args: [--model, octo/gated], env: [{name: HF_HUB_OFFLINE, value: "1"}]`, ""},
		{vllm, `args: [--model, octo/gated], env: [{name: VLLM_USE_MODELSCOPE, value: "True"}]`, ""},
		{vllm, `args: [--model, octo/gated], env: [{name: HF_TOKEN_PATH, value: /token}]`, ""},
		{vllm, `args: [--model, octo/gated], env: [{name: HF_ENDPOINT, value: "http://localhost:8080"}]`, ""},
		{vllm, `args: [--model, octo/gated], env: [` + secretEnv("HF_TOKEN", "gone", "k") + `]`, ""},
		{vllm, `args: [--model, octo/gated], env: [` + secretEnv("HF_ENDPOINT", "hf", "HF_TOKEN") + `]`, ""},
		{vllm, `args: [--model, octo/gated, --revision, $(R)]`, ""},
		{vllm, `args: [--model, /models/octo/gated]`, ""},
		{vllm, `args: [--model, s3://octo/gated]`, ""},
		{vllm, `args: [--model, ./octo/gated]`, ""},
		{vllm, `args: [--model, gated]`, ""},
		{vllm, `args: [--model, $(GONE)]`, ""},
		{vllm, `command: [/start], args: [--model, octo/gated]`, ""},
		{vllm, `args: [--served-model-name, octo/gated]`, ""},
		{"a/b", `args: [--model, octo/gated]`, ""},
		{"a/b", `command: [echo, octo/gated]`, ""},
	} {
		got := s.models(hub, modelServer(c.image, c.fields))
		asks := ""
		for _, line := range got {
			if strings.Contains(line, "model octo/gated: the model is gated") {
				asks = "octo/gated"
			}
		}
		if asks != c.asks {
			t.Errorf("%s %s: got %q", c.image, c.fields, got)
		}
	}
}

// TestModelEndpoint asks the pod's endpoint, with the pod's token.
func TestModelEndpoint(t *testing.T) {
	t.Parallel()
	s, hub := newSite(t), server.New(t, "")
	s.values("hf", map[string]string{"t": hub.Visitor})
	got := s.models(hub, modelServer("vllm/vllm-openai:v1", `args: [--model, octo/gated, --revision, main], env: [`+
		secretEnv("HF_TOKEN", "hf", "t")+`, {name: HF_ENDPOINT, value: "https://mirror.example/"}]`))
	if len(got) == 0 || !strings.Contains(got[0], "model-access-denied") {
		t.Errorf("found %q", got)
	}
	want := []string{"HEAD mirror.example/octo/gated/resolve/main/config.json Bearer " + hub.Visitor}
	if diff := cmp.Diff(want, hub.Requests()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestModelsOnVolumes may be in a cache from before: only strict blocks.
func TestModelsOnVolumes(t *testing.T) {
	t.Parallel()
	s, hub := newSite(t), server.New(t, "")
	cached := func(object string) string {
		return replace(replace(object, "{name: main,", "{name: main, volumeMounts: [{name: v, mountPath: /cache}],"), "      containers", "      volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]\n      containers")
	}
	got := s.models(hub, cached(modelServer("vllm/vllm-openai:v1", "args: [--model, octo/gated]")))
	if len(got) == 0 || !strings.HasPrefix(got[1], "warning: ") {
		t.Errorf("found %q", got)
	}
	if got := s.models(hub, cached(modelServer(server.NIM, "env: []"))); got != nil {
		t.Errorf("NIM: found %q", got)
	}
}

// TestOneModelFinding has a model in every pod of a group, and several models of one
// service that is away.
func TestOneModelFinding(t *testing.T) {
	t.Parallel()
	s, hub := newSite(t), server.New(t, "")
	spec := func(model string) string {
		return "{spec: {containers: [{name: main, image: vllm/vllm-openai, imagePullPolicy: Never, args: [--model, " + model + "]}]}}"
	}
	group := func(leader, worker string) string {
		return "apiVersion: leaderworkerset.x-k8s.io/v1\nkind: LeaderWorkerSet\nmetadata: {name: g}\nspec: {leaderWorkerTemplate: {size: 2, leaderTemplate: " +
			spec(leader) + ", workerTemplate: " + spec(worker) + "}}"
	}
	if got := s.models(hub, group(server.Gated, server.Gated)); len(got) != 3 {
		t.Errorf("found %q", got)
	}
	want := []string{"  model-not-checked", "note: model octo/busy, octo/busy-too: huggingface.co is overloaded or failing"}
	if diff := cmp.Diff(want, s.models(hub, group(server.Busy, server.Busy+"-too"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
