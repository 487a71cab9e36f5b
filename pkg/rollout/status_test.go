package rollout

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
)

// read reads one object.
func read(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	o := &unstructured.Unstructured{}
	if err := o.UnmarshalJSON(data); err != nil {
		t.Fatal(err)
	}
	return o
}

// TestCompanionStatus reports what autoscalers and Kueue say about a workload.
func TestCompanionStatus(t *testing.T) {
	t.Parallel()
	const (
		workload = "{apiVersion: kueue.x-k8s.io/v1beta1, kind: Workload, metadata: {name: w}, status: {conditions: [CONDITIONS]}}"
		scaled   = "{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: s}, status: {conditions: [CONDITIONS]}}"
		scaler   = "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h}, status: {conditions: [CONDITIONS]}}"
		reserved = `{type: QuotaReserved, status: "False", reason: Pending, message: "couldn't assign flavors"}`
		evicted  = `{type: Evicted, status: "True", reason: Preempted, message: "preempted to accommodate a workload"}`
	)
	for name, test := range map[string]struct {
		text, conditions string
		want             string // state: reason: message
		blocks           bool   // has a symptom
	}{
		"not queued":            {workload, "", "waiting: : waiting for Kueue", false},
		"no quota":              {workload, reserved, "waiting: Pending: couldn't assign flavors", true},
		"evicted":               {workload, evicted, "waiting: Preempted: preempted to accommodate a workload", true},
		"evicted without quota": {workload, reserved + ", " + evicted, "waiting: Pending: couldn't assign flavors", true},
		"admitted":              {workload, `{type: Admitted, status: "True"}`, "ready: : ", false},
		"admitted again":        {workload, evicted + `, {type: Admitted, status: "True"}`, "ready: : ", false},
		"scaled":                {scaled, `{type: Ready, status: "True"}`, "ready: : ", false},
		"not scaled":            {scaled, `{type: Ready, status: "False", reason: TriggerError, message: "no Prometheus"}`, "degraded: TriggerError: no Prometheus", false},
		"idle":                  {scaled, `{type: Active, status: "False", reason: ScalerNotActive}`, "ready: : ", false},
		"no metrics":            {scaler, `{type: AbleToScale, status: "True"}, {type: ScalingActive, status: "False", reason: FailedGetExternalMetric, message: "no data"}`, "degraded: FailedGetExternalMetric: no data", false},
		"at its limit":          {scaler, `{type: ScalingLimited, status: "False", reason: DesiredWithinRange}`, "ready: : ", false},
	} {
		o := &objectView{Unstructured: read(t, strings.Replace(test.text, "CONDITIONS", test.conditions, 1))}
		s := o.companionStatus()
		if got := string(s.State) + ": " + s.Reason + ": " + s.Message; got != test.want || (s.symptom.source != 0) != test.blocks {
			t.Errorf("%s: got %q, blocks %t, want %q", name, got, s.symptom.source != 0, test.want)
		}
	}
}

// TestClaimStatus reports the phase of a claim and its last event.
func TestClaimStatus(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		phase  string
		events []event
		want   string
	}{
		"bound":                {"Bound", []event{{reason: "ProvisioningFailed", message: "old", warning: true}}, "ready: : "},
		"lost":                 {"Lost", nil, "degraded: Lost: "},
		"no event":             {"Pending", nil, "waiting: : not bound"},
		"no such event":        {"Pending", []event{{reason: "Resizing", message: "grows"}}, "waiting: : not bound"},
		"being provisioned":    {"Pending", []event{{reason: "Provisioning", message: "by csi"}}, "waiting: Provisioning: by csi"},
		"cannot be provided":   {"Pending", []event{{reason: "ProvisioningFailed", message: "no space", warning: true}}, "degraded: ProvisioningFailed: no space"},
		"no matching volume":   {"Pending", []event{{reason: "FailedBinding", message: "no volume"}}, "degraded: FailedBinding: no volume"},
		"waits for its pod":    {"Pending", []event{{reason: "WaitForFirstConsumer", message: "first consumer"}}, "waiting: WaitForFirstConsumer: first consumer"},
		"the last one decides": {"Pending", []event{{reason: "ProvisioningFailed", message: "no space", warning: true}, {reason: "Provisioning", message: "again"}}, "waiting: Provisioning: again"},
	} {
		o := &objectView{read(t, "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data}, status: {phase: "+test.phase+"}}"), test.events}
		s := o.claimStatus()
		if got := string(s.State) + ": " + s.Reason + ": " + s.Message; got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// TestWorkloadStatus reports workloads that are missing, terminating or made of
// groups.
func TestWorkloadStatus(t *testing.T) {
	t.Parallel()
	const lws = "{apiVersion: leaderworkerset.x-k8s.io/v1, kind: LeaderWorkerSet, metadata: {name: web}, spec: {REPLICAS}, status: {STATUS}}"
	groups := func(replicas, status string) *objectView {
		return &objectView{Unstructured: read(t, strings.NewReplacer("REPLICAS", replicas, "STATUS", status).Replace(lws))}
	}
	terminating := &objectView{Unstructured: read(t, `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, deletionTimestamp: "2026-01-01T00:00:00Z"}}`)}
	for name, test := range map[string]struct {
		view workloadView
		want string
	}{
		"not seen":          {workloadView{}, "waiting: waiting for its first status"},
		"absent":            {workloadView{absent: true}, "waiting: not found; redeploy or undeploy the release"},
		"forbidden":         {workloadView{forbidden: true}, "waiting: unknown (no permission to get it)"},
		"terminating":       {workloadView{live: terminating}, "terminating: being deleted"},
		"groups":            {workloadView{live: groups("replicas: 3", "readyReplicas: 2, updatedReplicas: 3")}, "running: groups ready: 2/3"},
		"groups to update":  {workloadView{live: groups("replicas: 2", "readyReplicas: 2, updatedReplicas: 1")}, "running: groups ready: 1/2"},
		"one group":         {workloadView{live: groups("", "readyReplicas: 1, updatedReplicas: 1")}, "ready: "},
		"one group, at all": {workloadView{live: groups("", "")}, "running: groups ready: 0/1"},
	} {
		test.view.object = groups("", "").Unstructured
		s := test.view.status()
		if got := string(s.State) + ": " + s.Message; got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// TestFailureLines names one object, or all that are not ready.
func TestFailureLines(t *testing.T) {
	t.Parallel()
	s := Status{Object: "pod/web", Container: "main", State: Degraded, Reason: "Unhealthy", Message: "probe failed"}
	summaries := map[string]string{terminalCause: "rollout failed", startTimeout: "rollout failed", notReadyCause: "not ready", timeoutCause: "timed out", interruptedCause: "interrupted"}
	unfinished := []Status{s, {Object: "deployment.apps/db", State: Running, Message: "Available: 0/1"}}
	for cause, test := range map[string]struct {
		failure  Failure
		want     []string
		terminal bool
	}{
		terminalCause:    {Failure{Status: s}, []string{s.String()}, true},
		notReadyCause:    {Failure{Status: s, Unfinished: unfinished}, []string{s.String()}, false},
		startTimeout:     {Failure{Status: s, After: "not ready within 1m0s"}, []string{s.String() + " (not ready within 1m0s)"}, true},
		timeoutCause:     {Failure{Status: s, Unfinished: unfinished}, []string{"timed out waiting for:", "  " + s.String(), "  " + unfinished[1].String()}, false},
		interruptedCause: {Failure{}, []string{"interrupted while waiting for: the first response of the API server"}, false},
	} {
		test.failure.Cause = cause
		if got := test.failure.Summary(); got != summaries[cause] {
			t.Errorf("%s: summary is %q", cause, got)
		}
		if diff := cmp.Diff(test.want, test.failure.Lines()); diff != "" || test.failure.Terminal() != test.terminal {
			t.Errorf("%s: terminal is %t, lines (-want +got):\n%s", cause, test.failure.Terminal(), diff)
		}
	}
}

// TestFieldsOfMessages finds the field that a message of a controller is about.
func TestFieldsOfMessages(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]field.Path{
		"0/3 nodes are available: 3 Insufficient nvidia.com/gpu.":                         field.Resource("nvidia.com/gpu"),
		"exceeded quota: q, requested: requests.nvidia.com/mig-1g.10gb=1":                 field.Resource("nvidia.com/mig-"),
		"0/3 nodes are available: 3 Insufficient ephemeral-storage":                       field.Resource("ephemeral-storage"),
		"maximum memory usage per Container is 1Gi, but limit is 2Gi":                     field.Resource("memory"),
		"0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.":   field.NodeSelector,
		"0/3 nodes are available: 3 node(s) had untolerated taint {dedicated: training}.": "",
	} {
		if got := resourceField(message); got != want {
			t.Errorf("%s: got %q, want %q", message, got, want)
		}
	}
	for message, want := range map[string]field.Path{
		"Startup probe failed: 503": field.StartupProbe, "Liveness probe failed: EOF": field.LivenessProbe,
		"Container main failed readiness probe, will be restarted": field.ReadinessProbe, "Error: exit code 1": "",
	} {
		if got := probeField(message); got != want {
			t.Errorf("%s: got %q, want %q", message, got, want)
		}
	}
}

// TestDefaultContainerWorks checks pods of Jobs that upload their output, whose
// work is done by an init container.
func TestDefaultContainerWorks(t *testing.T) {
	t.Parallel()
	const pod = `{metadata: {annotations: {kubectl.kubernetes.io/default-container: main}}, spec: {initContainers: [{name: main}], containers: [{name: upload}]},
		status: {phase: PHASE, initContainerStatuses: [{name: main, state: {STATE}}]}}`
	for name, test := range map[string]struct {
		phase, state string
		want         bool
	}{
		"waits":    {"Pending", "waiting: {reason: PodInitializing}", false},
		"runs":     {"Pending", "running: {}", true},
		"uploads":  {"Running", "terminated: {exitCode: 0}", true},
		"crashed":  {"Pending", "terminated: {exitCode: 1}", false},
		"failed":   {"Failed", "terminated: {exitCode: 0}", false},
		"finished": {"Succeeded", "terminated: {exitCode: 0}", true},
	} {
		p := &podView{Pod: &corev1.Pod{}}
		if err := yaml.Unmarshal([]byte(strings.NewReplacer("PHASE", test.phase, "STATE", test.state).Replace(pod)), p.Pod); err != nil {
			t.Fatal(err)
		}
		if got := p.isWorking(); got != test.want {
			t.Errorf("%s: got %t", name, got)
		}
	}
}
