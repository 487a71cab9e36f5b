package deploy

import (
	"strings"
	"testing"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	const (
		ready       = "{kind: Deployment, apiVersion: apps/v1, spec: {replicas: 1}, status: {replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1, conditions: [{type: Available, status: 'True'}, {type: Progressing, status: 'True', reason: NewReplicaSetAvailable}]}}"
		progressing = "{kind: Deployment, apiVersion: apps/v1, spec: {replicas: 1}, status: {replicas: 1, updatedReplicas: 1, conditions: [{type: Available, status: 'False'}, {type: Progressing, status: 'True'}]}}"
	)
	for _, tt := range []struct {
		live   string
		failed bool // the rollout
		want   Health
	}{
		{ready, false, HealthReady},
		{ready, true, HealthReady}, // it has recovered
		{progressing, false, HealthProgressing},
		{progressing, true, HealthFailed},
		{strings.Replace(progressing, "'False'", "'True'", 1), true, HealthDegraded}, // previous pods serve
		{"{kind: Deployment, apiVersion: apps/v1, status: {conditions: [{type: Progressing, status: 'False', reason: ProgressDeadlineExceeded}]}}", false, HealthDegraded},
		{"{kind: Deployment, apiVersion: apps/v1, status: {conditions: [{type: ReplicaFailure, status: 'True'}]}}", false, HealthDegraded},
		{"{kind: Deployment, apiVersion: apps/v1}", false, HealthProgressing},

		{"{kind: Job, status: {ready: 1}}", false, HealthReady},
		{"{kind: Job, spec: {parallelism: 3}, status: {ready: 1, succeeded: 1}}", false, HealthProgressing},
		{"{kind: Job, spec: {parallelism: 3}, status: {ready: 2, succeeded: 1}}", false, HealthReady},
		{"{kind: Job, status: {active: 1, failed: 2}}", false, HealthDegraded},
		{"{kind: Job, status: {active: 1, failed: 2}}", true, HealthFailed},
		{"{kind: Job, spec: {suspend: true}, status: {ready: 1, conditions: [{type: Suspended, status: 'True'}]}}", false, HealthProgressing},
		{"{kind: Job, status: {succeeded: 1, conditions: [{type: Complete, status: 'True'}]}}", true, HealthComplete},
		{"{kind: Job, status: {failed: 7, conditions: [{type: Failed, status: 'True'}]}}", false, HealthFailed},
		{"{kind: Job}", false, HealthProgressing},

		{"{kind: LeaderWorkerSet, spec: {replicas: 2}, status: {readyReplicas: 2, updatedReplicas: 2}}", false, HealthReady},
		{"{kind: LeaderWorkerSet, spec: {replicas: 2}, status: {readyReplicas: 2, updatedReplicas: 1}}", false, HealthProgressing},
		{"{kind: LeaderWorkerSet}", true, HealthFailed},
	} {
		if got := healthOf(object(t, tt.live), tt.failed); got != tt.want {
			t.Errorf("%s, rollout failed %v: got %q, want %q", tt.live, tt.failed, got, tt.want)
		}
	}
}
