package e2e

import (
	"strings"
	"testing"

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
	happens  string            // the fact that is the failure
	says     []string          // words of stderr
	fixtures map[string]string // names, by the facts that they show
}

const appName = "team/app:1"

// failures are all told on the node: the preflight is off.
func failures(r *registry) map[string]failure {
	pull := pullSecret(r, password)
	crash := []string{"crash", "the licence has expired", "3"}
	return map[string]failure{
		"no pull secret": {
			secrets:  []object{},
			happens:  "waiting ErrImagePull: ",
			says:     []string{"401 Unauthorized"},
			fixtures: map[string]string{"no-pull-secret": "waiting ErrImagePull: ", "no-pull-secret-backoff": "waiting ImagePullBackOff: "},
		},
		"wrong password": {
			secrets:  []object{pullSecret(r, "wr0ng")},
			happens:  "waiting ErrImagePull: ",
			says:     []string{"401 Unauthorized"},
			fixtures: map[string]string{"wrong-password": "waiting ErrImagePull: "},
		},
		"missing image": {
			image:    "team/none:1",
			happens:  "waiting ErrImagePull: ",
			says:     []string{"not found"},
			fixtures: map[string]string{"missing-image": "waiting ErrImagePull: "},
		},
		"missing tag": {
			image:    "team/app:2",
			happens:  "waiting ErrImagePull: ",
			says:     []string{"not found"},
			fixtures: map[string]string{"missing-tag": "waiting ErrImagePull: "},
		},
		"invalid image name": {
			image:    "Team/App:1",
			happens:  "waiting InvalidImageName: ",
			says:     []string{"InvalidImageName"},
			fixtures: map[string]string{"invalid-image-name": "waiting InvalidImageName: "},
		},
		"missing secret": {
			changes:  object{"recipe_environment_secrets": []object{{"envvar_name": "API_KEY", "secret_name": "api", "secret_key": "API_KEY"}}},
			happens:  "waiting CreateContainerConfigError: ",
			says:     []string{`secret "api" not found`},
			fixtures: map[string]string{"missing-secret": "waiting CreateContainerConfigError: "},
		},
		"missing key": {
			changes:  object{"recipe_environment_secrets": []object{{"envvar_name": "API_KEY", "secret_name": "api", "secret_key": "API_KEY"}}},
			secrets:  []object{pull, opaque("api", "API_KEI", "x")},
			happens:  "waiting CreateContainerConfigError: ",
			says:     []string{"couldn't find key API_KEY in Secret"},
			fixtures: map[string]string{"missing-key": "waiting CreateContainerConfigError: "},
		},
		"missing mounted secret": {
			changes:  object{"recipe_secret_mounts": []object{{"name": "certificate", "mount_location": "/certificate"}}},
			happens:  "event FailedMount: ",
			says:     []string{`secret "certificate" not found`},
			fixtures: map[string]string{"failed-mount-secret": "event FailedMount: "},
		},
		"crash": {
			changes:  object{"recipe_container_command_args": crash},
			happens:  "terminated Error 3: ",
			says:     []string{"exit code 3", "the licence has expired"},
			fixtures: map[string]string{"crash-first": "terminated Error 3: ", "crash": "waiting CrashLoopBackOff: "},
		},
		"out of memory": {
			changes:  object{"recipe_container_command_args": []string{"eat"}, "recipe_container_memory_size": 1},
			happens:  "terminated OOMKilled 137: ",
			says:     []string{"OOMKilled"},
			fixtures: map[string]string{"oom": "terminated OOMKilled 137: "},
		},
		"command not found": {
			changes:  object{"recipe_container_command": []string{"/opt/serve"}},
			happens:  "terminated StartError 128: ",
			says:     []string{"/opt/serve", "no such file or directory"},
			fixtures: map[string]string{"command-not-found": "StartError 128: "},
		},
		"readiness": {
			changes:  object{"recipe_container_command_args": []string{"serve", "-unhealthy"}},
			happens:  "event Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503",
			says:     []string{"Readiness probe failed: HTTP probe failed with statuscode: 503"},
			fixtures: map[string]string{"probe-readiness": "event Unhealthy: Readiness probe failed: HTTP"},
		},
		"startup": {
			changes: object{
				"recipe_container_command_args": []string{"serve", "-unhealthy"},
				"recipe_startup_probe_params":   probe(2),
			},
			happens:  "event Killing: Container main failed startup probe, will be restarted",
			says:     []string{"tartup probe failed: HTTP probe failed with statuscode: 503"},
			fixtures: map[string]string{"probe-startup": "event Killing: "},
		},
		"liveness": {
			changes: object{
				"recipe_container_command_args": []string{"serve", "-unhealthy"},
				"recipe_liveness_probe_params":  probe(2),
			},
			happens:  "event Killing: Container main failed liveness probe, will be restarted",
			says:     []string{"iveness probe failed: HTTP probe failed with statuscode: 503"},
			fixtures: map[string]string{"probe-liveness": "event Killing: "},
		},
		"GPUs": {
			changes:  object{"recipe_nvidia_gpu_count": 16},
			happens:  "condition PodScheduled False Unschedulable: ",
			says:     []string{"Insufficient nvidia.com/gpu"},
			fixtures: map[string]string{"unschedulable-gpu": "condition PodScheduled False Unschedulable: "},
		},
		"no provisioner": {
			changes:  volume,
			class:    "none-",
			happens:  "condition PodScheduled False Unschedulable: ",
			says:     []string{"unbound immediate PersistentVolumeClaims"},
			fixtures: map[string]string{"pvc-unbound": "event ExternalProvisioning: "},
		},
		"missing class": {
			changes:  volume,
			class:    "no-such-class",
			happens:  "condition PodScheduled False Unschedulable: ",
			says:     []string{"no-such-class"},
			fixtures: map[string]string{"pvc-missing-class": "event ProvisioningFailed: "},
		},
		"job": {
			changes: object{
				"recipe_mode": "job", "recipe_container_command_args": crash,
				"recipe_container_port": nil, "recipe_readiness_probe_params": nil,
			},
			happens:  "job Failed True BackoffLimitExceeded: ",
			says:     []string{"BackoffLimitExceeded", "the licence has expired"},
			fixtures: map[string]string{"job-failed": "job Failed True BackoffLimitExceeded: "},
		},
	}
}

var volume = object{"pvcs": object{"volumes": []object{{"name": "data", "mount_location": "/data", "volume_size_in_gbs": 1}}}}

// TestFailures has every deploy end with the reason why, in the words of the
// node, and says how long after the event these came.
func TestFailures(t *testing.T) {
	for name := range failures(&registry{}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLane(t)
			r := newRegistry(t)
			f := failures(r)[name]
			r.push(appName, appImage(t))
			if f.image == "" {
				f.image = appName
			}
			if f.secrets == nil {
				f.secrets = []object{pullSecret(r, password)}
			}
			l.applySecrets(f.secrets...)
			o := l.observe(wanted(f.fixtures))
			args := []string{"deploy", l.file("app.json", service(r.address+"/"+f.image, f.changes)), "--preflight=off", "--timeout=45s"}
			p := l.run(append(args, l.storage(f.class)...)...)
			l.toldRightly(p, o, f)
			o.save()
		})
	}
}

// wanted copies: an observer takes away what it has.
func wanted(fixtures map[string]string) map[string]string {
	if !*update {
		return nil
	}
	copied := map[string]string{}
	for name, fact := range fixtures {
		copied[name] = fact
	}
	return copied
}

func (l *lane) toldRightly(p *process, o *observer, f failure) {
	l.t.Helper()
	when := o.happened(l.t, f.happens)
	if p.code != 1 {
		l.t.Errorf("exit code %d", p.code)
	}
	for i, words := range f.says {
		at, ok := p.says(words)
		switch {
		case !ok:
			l.t.Errorf("does not say %q", words)
		case i == 0:
			l.t.Logf("said %.2fs after it had happened; ended %.2fs after", at.Sub(when).Seconds(), p.lines[len(p.lines)-1].at.Sub(when).Seconds())
		}
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
