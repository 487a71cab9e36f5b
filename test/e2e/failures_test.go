package e2e

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// failure is a deploy that can't succeed.
type failure struct {
	image    string            // name in the registry, if not the app's
	changes  object            // of the recipe
	secrets  []object          // to apply, if not the right pull secret
	class    string            // storage class of volumes
	happens  string            // the fact that is the failure, as a regular expression
	says     []string          // words of stderr
	next     string            // words of its hints
	before   string            // what the preflight says, if it can know
	timeout  string            // for what may yet come right
	fixtures map[string]string // names, with the facts that they show
}

const appName = "team/app:1"

// failures are all told on the node: the preflight is off.
func failures(r *registry) map[string]failure {
	pull := pullSecret(r, password)
	crash := []string{"crash", "the licence has expired", "3"}
	return map[string]failure{
		"no pull secret": {
			secrets:  []object{},
			happens:  `waiting ErrImagePull: .*401 Unauthorized`,
			says:     []string{"401 Unauthorized"},
			next:     "kubectl blueprint secrets apply ",
			before:   `imagePullSecrets: Secret "pull" not found in namespace`,
			fixtures: map[string]string{"no-pull-secret": `waiting ErrImagePull: `, "no-pull-secret-again": `event 2 times Failed: Failed to pull`},
		},
		"wrong password": {
			secrets:  []object{pullSecret(r, "wr0ng")},
			happens:  `waiting ErrImagePull: .*401 Unauthorized`,
			says:     []string{"401 Unauthorized"},
			next:     "hint: check its credentials: kubectl blueprint secrets verify ",
			before:   `cannot pull with Secret "pull": wrong user name or password (HTTP 401 from `,
			fixtures: map[string]string{"wrong-password": `waiting ErrImagePull: `, "wrong-password-again": `event 2 times Failed: Failed to pull`},
		},
		"missing image": {
			image:    "team/none:1",
			happens:  `waiting ErrImagePull: .*not found`,
			says:     []string{"/team/none:1: not found"},
			next:     ", then run deploy again",
			before:   "image or tag not found on ",
			fixtures: map[string]string{"missing-image": `waiting ErrImagePull: .*not found`},
		},
		"missing tag": {
			image:    "team/app:2",
			happens:  `waiting ErrImagePull: .*not found`,
			says:     []string{"/team/app:2: not found"},
			next:     ", then run deploy again",
			before:   "image or tag not found on ",
			fixtures: map[string]string{"missing-tag": `waiting ErrImagePull: .*not found`, "missing-tag-again": `event 2 times Failed: Failed to pull .*not found`},
		},
		"invalid image name": {
			image:    "Team/App:1",
			happens:  `waiting InvalidImageName: `,
			says:     []string{"InvalidImageName: ", "must be lowercase"},
			next:     ", then run deploy again",
			before:   "invalid image name: ",
			fixtures: map[string]string{"invalid-image-name": `waiting InvalidImageName: `},
		},
		"missing secret": {
			changes:  needsKey,
			happens:  `waiting CreateContainerConfigError: `,
			says:     []string{`CreateContainerConfigError: secret "api" not found`},
			next:     "kubectl blueprint secrets apply ",
			before:   `env API_KEY: Secret "api" not found in namespace`,
			fixtures: map[string]string{"missing-secret": `waiting CreateContainerConfigError: `},
		},
		"missing key": {
			changes:  needsKey,
			secrets:  []object{pull, apiSecret("API_KEI", "x")},
			happens:  `waiting CreateContainerConfigError: `,
			says:     []string{"CreateContainerConfigError: couldn't find key API_KEY in Secret"},
			next:     "kubectl blueprint secrets apply ",
			before:   `env API_KEY: key "API_KEY" not found in Secret "api"; it has API_KEI`,
			fixtures: map[string]string{"missing-key": `waiting CreateContainerConfigError: `},
		},
		"missing mounted secret": {
			changes:  object{"recipe_secret_mounts": []object{{"name": "certificate", "mount_location": "/certificate"}}},
			happens:  `event FailedMount: `,
			says:     []string{`secret "certificate" not found`},
			next:     "kubectl blueprint secrets apply ",
			before:   `volume secret-0: Secret "certificate" not found in namespace`,
			fixtures: map[string]string{"failed-mount-secret": `event FailedMount: `},
		},
		"crash": {
			changes: printsKey(object{"recipe_container_command_args": crash}),
			secrets: []object{pull, apiSecret("API_KEY", password)}, // which is not to be said
			happens: `terminated Error 3: `,
			says:    []string{"exit code 3", "the licence has expired", "API_KEY=***"},
			next:    ": kubectl -n ",
			fixtures: map[string]string{
				"crash-first": `terminated Error 3: `, "crash": `waiting CrashLoopBackOff: back-off 10s`, "crash-third": `waiting CrashLoopBackOff: back-off 20s`,
			},
		},
		"out of memory": {
			changes:  object{"recipe_container_command_args": []string{"eat"}, "recipe_container_memory_size": 1},
			happens:  `terminated OOMKilled 137: `,
			says:     []string{"OOMKilled"},
			next:     ": kubectl -n ",
			fixtures: map[string]string{"oom": `terminated OOMKilled 137: `, "oom-second": `waiting CrashLoopBackOff: back-off 10s`},
		},
		"command not found": {
			changes:  object{"recipe_container_command": []string{"/opt/serve"}},
			happens:  `(waiting RunContainerError|terminated StartError 128): `,
			says:     []string{`exec: "/opt/serve": stat /opt/serve: no such file or directory`},
			next:     ", then run deploy again",
			fixtures: map[string]string{"command-not-found": `terminated StartError 128: `},
		},
		"readiness": {
			changes:  object{"recipe_container_command_args": unhealthy},
			happens:  `event Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503`,
			says:     []string{"Readiness probe failed: HTTP probe failed with statuscode: 503"},
			next:     ": kubectl -n ",
			timeout:  waits,
			fixtures: map[string]string{"probe-readiness": `event Unhealthy: Readiness probe failed: HTTP`},
		},
		"startup": {
			changes:  object{"recipe_container_command_args": unhealthy, "recipe_startup_probe_params": probe(2)},
			happens:  `event Killing: Container main failed startup probe, will be restarted`,
			says:     []string{"failed startup probe", "tartup probe failed: HTTP probe failed with statuscode: 503"},
			next:     ": kubectl -n ",
			fixtures: map[string]string{"probe-startup": `event Killing: `, "probe-startup-third": `waiting CrashLoopBackOff: back-off 20s`},
		},
		"liveness": {
			changes:  object{"recipe_container_command_args": unhealthy, "recipe_liveness_probe_params": probe(2)},
			happens:  `event Killing: Container main failed liveness probe, will be restarted`,
			says:     []string{"failed liveness probe"},
			next:     ": kubectl -n ",
			fixtures: map[string]string{"probe-liveness": `event Killing: `},
		},
		"GPUs": {
			changes:  object{"recipe_nvidia_gpu_count": 16},
			happens:  `condition PodScheduled False Unschedulable: `,
			says:     []string{"1 Insufficient nvidia.com/gpu"},
			next:     ": kubectl ",
			before:   "nvidia.com/gpu",
			timeout:  waits,
			fixtures: map[string]string{"unschedulable-gpu": `condition PodScheduled False Unschedulable: `},
		},
		"no provisioner": {
			changes:  volume,
			class:    "none-",
			happens:  `event ExternalProvisioning: `,
			says:     []string{"either by the external provisioner 'example.com/nobody'"},
			next:     ": kubectl ",
			timeout:  waits,
			fixtures: map[string]string{"pvc-unbound": `event ExternalProvisioning: `},
		},
		"missing class": {
			changes:  volume,
			class:    "no-such-class",
			happens:  `event ProvisioningFailed: `,
			says:     []string{`storageclass.storage.k8s.io "no-such-class" not found`},
			next:     ": kubectl ",
			before:   `StorageClass "no-such-class" not found`,
			fixtures: map[string]string{"pvc-missing-class": `event ProvisioningFailed: `},
		},
		"job": {
			changes: object{
				"recipe_mode": "job", "recipe_container_command_args": crash,
				"recipe_container_port": nil, "recipe_readiness_probe_params": nil,
			},
			happens:  `job Failed True BackoffLimitExceeded: `,
			says:     []string{"BackoffLimitExceeded", "the licence has expired"},
			next:     ": kubectl -n ",
			fixtures: map[string]string{"job-failed": `job Failed True BackoffLimitExceeded: `},
		},
	}
}

// waits is the time-out of what may come right at any time, so that nothing but
// a time-out ends it.
const waits = "20s"

var needsKey = object{"recipe_environment_secrets": []object{{"envvar_name": "API_KEY", "secret_name": "api", "secret_key": "API_KEY"}}}
var unhealthy = []string{"serve", "-unhealthy"}
var volume = object{"pvcs": object{"volumes": []object{{"name": "data", "mount_location": "/data", "volume_size_in_gbs": 1}}}}

// TestFailures has every deploy end with the reason why, in the words of the
// node, and says how long after the event these came.
func TestFailures(t *testing.T) {
	t.Parallel()
	for name := range failures(&registry{}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLane(t)
			f, args := l.prepare(newRegistry(t), name)
			o := l.observe(f.fixtures)
			p := l.run(append(args, "--preflight=off")...)
			l.toldRightly(p, o, f)
			o.save()
		})
	}
}

// prepare makes all that there is around the failure of a name, and returns the
// arguments of the deploy.
func (l *lane) prepare(r *registry, name string) (failure, []string) {
	l.t.Helper()
	f := failures(r)[name]
	r.push(appImage(l.t))
	if f.image == "" {
		f.image = appName
	}
	if f.secrets == nil {
		f.secrets = []object{pullSecret(r, password)}
	}
	if f.timeout == "" {
		f.timeout = patience.String()
	}
	l.applySecrets(f.secrets...)
	args := []string{"deploy", l.file("app.json", service(r.address+"/"+f.image, f.changes)), "--timeout=" + f.timeout}
	return f, append(args, l.storage(f.class)...)
}

// late is far more than an event takes to the screen, on the busiest machine:
// how much that is make bench measures.
const late = 10 * time.Second

func (l *lane) toldRightly(p *process, o *observer, f failure) {
	l.t.Helper()
	when := o.happened(l.t, f.happens)
	if p.code != 1 {
		l.t.Errorf("exit code %d", p.code)
	}
	for _, words := range append(f.says, f.next) {
		if _, ok := p.says(words); !ok {
			l.t.Errorf("does not say %q", words)
		}
	}
	said, _ := p.says(f.says[0])
	l.t.Logf("said %.2fs after it had happened, ended %.2fs after", said.Sub(when).Seconds(), p.ended.Sub(when).Seconds())
	if said.Sub(when) > late {
		l.t.Errorf("said too late: it is not the event that was waited for")
	}
	if l.t.Failed() || testing.Verbose() {
		l.t.Logf("what was said:\n%s\nwhat happened:\n%s", p, o)
	}
}

// storage makes the class that the claims of a recipe ask for, if it ends in a
// dash: one that nobody serves, of the test's own.
func (l *lane) storage(class string) []string {
	l.t.Helper()
	if class == "" {
		return nil
	}
	if strings.HasSuffix(class, "-") {
		classes := kubetest.Client(l.t).StorageV1().StorageClasses()
		made, err := classes.Create(l.t.Context(), &storagev1.StorageClass{
			ObjectMeta:        metav1.ObjectMeta{GenerateName: class},
			Provisioner:       "example.com/nobody",
			VolumeBindingMode: new(storagev1.VolumeBindingImmediate),
			ReclaimPolicy:     new(corev1.PersistentVolumeReclaimDelete),
		}, metav1.CreateOptions{})
		if err != nil {
			l.t.Fatal(err)
		}
		class = made.Name
	}
	return []string{"--set", "cluster.storageClass=" + class}
}
