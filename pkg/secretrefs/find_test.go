package secretrefs

import (
	"context"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func TestFindEveryReference(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.create(workloadYAML("Deployment", "web", "replicas: 0", `
imagePullSecrets: [{name: pull}]
initContainers:
- {name: i, image: a, env: [{name: A, valueFrom: {secretKeyRef: {name: init-env, key: k}}}], volumeMounts: [{name: init, mountPath: /a}]}
containers:
- name: c
  image: a
  env: [{name: A, valueFrom: {secretKeyRef: {name: env, key: k}}}]
  envFrom: [{secretRef: {name: env-from}}]
  volumeMounts: [{name: files, mountPath: /a}, {name: sub, mountPath: /b, subPath: k}, {name: projected, mountPath: /c}]
volumes:
- {name: files, secret: {secretName: files}}
- {name: sub, secret: {secretName: sub}}
- {name: init, secret: {secretName: init}}
- {name: unmounted, secret: {secretName: unmounted}}
- {name: projected, projected: {sources: [{secret: {name: projected-1}}, {secret: {name: projected-2}}]}}
- {name: v1, csi: {driver: d.example.com, nodePublishSecretRef: {name: csi}}}
- {name: v2, cephfs: {monitors: [m], secretRef: {name: cephfs}}}
- {name: v3, iscsi: {targetPortal: 10.0.0.1, iqn: "iqn.2001-04.com.example:a", lun: 0, secretRef: {name: iscsi}}}
- {name: v4, flexVolume: {driver: a/b, secretRef: {name: flex}}}
- {name: v5, rbd: {monitors: [m], image: i, secretRef: {name: rbd}}}
- {name: v6, scaleIO: {gateway: g, system: s, volumeName: v, secretRef: {name: scaleio}}}
- {name: v7, storageos: {volumeName: v, secretRef: {name: storageos}}}
- {name: v8, azureFile: {secretName: azure, shareName: s}}
- {name: v9, cinder: {volumeID: v, secretRef: {name: cinder}}}`))
	consumers := c.find()
	for secret, refKind := range map[string]RefKind{
		"pull": ImagePull, "env": Env, "env-from": Env, "init-env": Env,
		"files": Volume, "sub": VolumeAtStart, "init": VolumeAtStart, "unmounted": Volume, "projected-1": Volume, "projected-2": Volume,
		"csi": Storage, "cephfs": Storage, "iscsi": Storage, "flex": Storage, "rbd": Storage,
		"scaleio": Storage, "storageos": Storage, "azure": Storage, "cinder": Storage,
	} {
		got := consumers.ConsumersOf(c.namespace, secret)
		c.wantUsers(got, Consumer{Kind: "Deployment", Name: "web", RefKinds: []RefKind{refKind}})
		if at := refKind == Env || refKind == VolumeAtStart || refKind == Storage; len(got) == 1 && got[0].NeedsRestart() != at {
			t.Errorf("%s: AtStart is %t", secret, !at)
		}
	}
	c.wantUsers(consumers.ConsumersOf(c.namespace, "env", "files", "none", "sub"),
		Consumer{Kind: "Deployment", Name: "web", RefKinds: []RefKind{Env, Volume, VolumeAtStart}})
	c.wantUsers(consumers.ConsumersOf(c.namespace, "none"))
	c.wantUsers(consumers.ConsumersOf("default", "env"))
}

const everyKind = `
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec: {suspend: true, template: {spec: {restartPolicy: Never, PODS}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec: {schedule: "0 0 1 1 *", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, PODS}}}}}
---
apiVersion: v1
kind: Pod
metadata: {name: bare}
spec: {PODS}
---
apiVersion: v1
kind: Pod
metadata:
  name: head
  ownerReferences: [{apiVersion: ray.io/v1, kind: RayCluster, name: ray, uid: 6b1f0e0a-0000-4000-8000-000000000000, controller: true}]
spec: {PODS}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot}
imagePullSecrets: [{name: s}]
secrets: [{name: s}]`

// TestFindEveryKind also sees that what a controller made is the controller.
func TestFindEveryKind(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	for _, w := range [][2]string{{"Deployment", "b"}, {"Deployment", "a"}, {"StatefulSet", "db"}, {"DaemonSet", "agent"}, {"ReplicaSet", "rs"}} {
		c.create(workloadYAML(w[0], w[1], "", usesEnv))
	}
	c.create(strings.ReplaceAll(everyKind, "PODS", usesEnv))
	c.create(`{apiVersion: batch/v1, kind: CronJob, metadata: {name: minutely}, spec: {schedule: "* * * * *", suspend: true,
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, ` + usesEnv + `}}}}}}`)
	env := []RefKind{Env}
	want := []Consumer{
		{Kind: "CronJob", Name: "minutely", RefKinds: env},
		{Kind: "CronJob", Name: "nightly", RefKinds: env},
		{Kind: "DaemonSet", Name: "agent", RefKinds: env, Pods: 2},
		{Kind: "Deployment", Name: "a", RefKinds: env, Pods: 1},
		{Kind: "Deployment", Name: "b", RefKinds: env, Pods: 1},
		{Kind: "Job", Name: "once", RefKinds: env},
		{Kind: "Pod", Name: "bare", RefKinds: env, Pods: 1},
		{Kind: "RayCluster", Name: "ray", RefKinds: env, Pods: 1},
		{Kind: "ReplicaSet", Name: "rs", RefKinds: env, Pods: 1},
		{Kind: "ServiceAccount", Name: "robot", RefKinds: []RefKind{ImagePull, Mountable}},
		{Kind: "StatefulSet", Name: "db", RefKinds: env, Pods: 1},
	}
	c.eventually("every user with its pods", func() bool {
		pods := 0
		for _, consumer := range c.find().ConsumersOf(c.namespace, "s") {
			pods += consumer.Pods
		}
		return pods == 8
	})
	got := c.find().ConsumersOf(c.namespace, "s")
	c.wantUsers(got, want...)
	for i := range min(len(got), len(want)) {
		if got[i].Pods != want[i].Pods {
			t.Errorf("%s has %d pods, want %d", got[i], got[i].Pods, want[i].Pods)
		}
	}
	all, err := Find(t.Context(), c.clients, metav1.NamespaceAll)
	if err != nil {
		t.Fatal(err)
	}
	c.wantUsers(all.ConsumersOf(c.namespace, "s"), want...)
	if other := all.ConsumersOf("default", "s"); len(other) != 0 {
		t.Errorf("in another namespace: %v", other)
	}
}

// TestFindWhatPodsAdd: pods count too, for their controller, and only while they
// live; so do the Jobs of a CronJob.
func TestFindWhatPodsAdd(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.create(`{apiVersion: v1, kind: ServiceAccount, metadata: {name: puller}, imagePullSecrets: [{name: pull}]}`)
	c.create(workloadYAML("Deployment", "web", "", "serviceAccountName: puller\n"+usesEnv))
	deployment := Consumer{Kind: "Deployment", Name: "web", RefKinds: []RefKind{ImagePull}}
	account := Consumer{Kind: "ServiceAccount", Name: "puller", RefKinds: []RefKind{ImagePull}}
	c.eventually("the pull secret of the Deployment", func() bool { return len(c.find().ConsumersOf(c.namespace, "pull")) == 2 })
	c.wantUsers(c.find().ConsumersOf(c.namespace, "pull"), deployment, account)

	// A debug container of a pod.
	pods, err := c.of("Pod", "v1").List(t.Context(), metav1.ListOptions{})
	if err != nil || len(pods.Items) != 1 {
		t.Fatal(err, len(pods.Items))
	}
	debug := []byte(`{"spec":{"ephemeralContainers":[{"name":"debug","image":"a","envFrom":[{"secretRef":{"name":"debug"}}]}]}}`)
	_, err = c.of("Pod", "v1").Patch(t.Context(), pods.Items[0].GetName(), types.StrategicMergePatchType, debug, metav1.PatchOptions{}, "ephemeralcontainers")
	if err != nil {
		t.Fatal(err)
	}
	c.wantUsers(c.find().ConsumersOf(c.namespace, "debug"), Consumer{Kind: "Deployment", Name: "web", RefKinds: []RefKind{Env}})

	// The template turns to another Secret; the old ReplicaSet is history at last.
	other := []byte(`{"spec":{"template":{"spec":{"containers":[{"name":"main","env":[{"name":"A","valueFrom":{"secretKeyRef":{"name":"s2"}}}]}]}}}}`)
	if _, err := c.of("Deployment", "apps/v1").Patch(t.Context(), "web", types.StrategicMergePatchType, other, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	c.eventually("s unused", func() bool { return len(c.find().ConsumersOf(c.namespace, "s")) == 0 })
	c.wantUsers(c.find().ConsumersOf(c.namespace, "s2"), Consumer{Kind: "Deployment", Name: "web", RefKinds: []RefKind{Env}})
}

func TestFindJobs(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	cron := c.create(strings.ReplaceAll(strings.Split(everyKind, "\n---\n")[1], "PODS", `containers: [{name: main, image: a}]`))
	c.create(strings.ReplaceAll(`{apiVersion: batch/v1, kind: Job, metadata: {name: by-cron,
  ownerReferences: [{apiVersion: batch/v1, kind: CronJob, name: nightly, uid: UID, controller: true}]},
  spec: {template: {spec: {restartPolicy: Never, `+usesEnv+`}}}}`, "UID", string(cron.GetUID())))
	c.wantUsers(c.find().ConsumersOf(c.namespace, "s"), Consumer{Kind: "CronJob", Name: "nightly", RefKinds: []RefKind{Env}})
	c.create(`{apiVersion: batch/v1, kind: Job, metadata: {name: late}, spec: {activeDeadlineSeconds: 1, template: {spec: {restartPolicy: Never,
  imagePullSecrets: [{name: late}], containers: [{name: main, image: a, envFrom: [{secretRef: {name: late}}]}]}}}}`)
	c.wantUsers(c.find().ConsumersOf(c.namespace, "late"), Consumer{Kind: "Job", Name: "late", RefKinds: []RefKind{Env, ImagePull}})
	c.eventually("a job that has failed uses nothing", func() bool { return len(c.find().ConsumersOf(c.namespace, "late")) == 0 })
}

// TestFindOnlyLivingPods: neither what has ended nor what is being deleted uses
// anything.
func TestFindOnlyLivingPods(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	pods := c.of("Pod", "v1")
	for _, name := range []string{"alive", "ended", "leaving"} {
		c.create(`{apiVersion: v1, kind: Pod, metadata: {name: ` + name + `, finalizers: [example.com/hold]}, spec: {schedulerName: none, ` + usesEnv + `}}`)
	}
	t.Cleanup(func() {
		for _, name := range []string{"alive", "ended", "leaving"} {
			_, _ = pods.Patch(context.Background(), name, types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{})
		}
	})
	if len(c.find().ConsumersOf(c.namespace, "s")) != 3 {
		t.Error("not all three are users while they live")
	}
	if _, err := pods.Patch(t.Context(), "ended", types.MergePatchType, []byte(`{"status":{"phase":"Succeeded"}}`), metav1.PatchOptions{}, "status"); err != nil {
		t.Fatal(err)
	}
	if err := pods.Delete(t.Context(), "leaving", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	c.wantUsers(c.find().ConsumersOf(c.namespace, "s"), Consumer{Kind: "Pod", Name: "alive", RefKinds: []RefKind{Env}})
}
