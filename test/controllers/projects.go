package main

// project is what is particular to a project.
type project struct {
	name      string // of the binary and the manifests
	namespace string
	service   string // of the webhooks
	secret    string // that the controller keeps its certificate in

	// config is the controller's configuration, with the ports of its probes and
	// of its webhooks, and the directory of its certificate, to be filled in.
	config string

	// sample passes through a webhook when it is created.
	sample string
}

var projects = []project{
	{
		name:      "kueue",
		namespace: "kueue-system",
		service:   "kueue-webhook-service",
		secret:    "kueue-webhook-server-cert",
		config: `
apiVersion: config.kueue.x-k8s.io/v1beta2
kind: Configuration
namespace: kueue-system
health: {healthProbeBindAddress: "127.0.0.1:%d"}
metrics: {bindAddress: "0"}
webhook: {host: 127.0.0.1, port: %d, certDir: %q}
leaderElection: {leaderElect: false}
clientConnection: {qps: 500, burst: 1000}
integrations: {frameworks: [batch/job]}
featureGates: {VisibilityOnDemand: false}
`,
		sample: `
apiVersion: kueue.x-k8s.io/v1beta2
kind: ResourceFlavor
metadata: {name: sample}
`,
	},
	{
		name:      "lws",
		namespace: "lws-system",
		service:   "lws-webhook-service",
		secret:    "lws-webhook-server-cert",
		config: `
apiVersion: config.lws.x-k8s.io/v1alpha1
kind: Configuration
health: {healthProbeBindAddress: "127.0.0.1:%d"}
metrics: {bindAddress: "0"}
webhook: {host: 127.0.0.1, port: %d, certDir: %q}
leaderElection: {leaderElect: false}
internalCertManagement: {enable: true}
`,
		sample: `
apiVersion: leaderworkerset.x-k8s.io/v1
kind: LeaderWorkerSet
metadata: {name: sample, namespace: default}
spec:
  leaderWorkerTemplate:
    workerTemplate: {spec: {containers: [{name: c, image: app}]}}
`,
	},
}
