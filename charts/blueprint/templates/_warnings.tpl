{{/* blueprint.warnings has a line of blueprint.finding for what is allowed and will most likely hurt. */}}
{{- define "blueprint.warnings" -}}
{{- range list "startup" "memory" "shell" "queue" "texts" "nodes" "scaling" "publishing" "volumes" "objects" -}}
{{- include (printf "blueprint.warnings.%s" .) $ -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.startup: loading a model onto GPUs takes minutes, and a probe that gives up before that restarts the container for ever. */}}
{{- define "blueprint.warnings.startup" -}}
{{- if include "blueprint.gpuVendor" . -}}
{{- $startup := .Values.recipe_startup_probe_params -}}
{{- if kindIs "map" $startup -}}
{{- $budget := add (include "blueprint.number" (list $startup.initial_delay_seconds 10) | int64) (mul (include "blueprint.number" (list $startup.period_seconds 2) | int64) (include "blueprint.number" (list $startup.failure_threshold 30) | int64)) -}}
{{- if lt $budget 300 -}}
{{- include "blueprint.finding" (list "/recipe_startup_probe_params" "short-startup" (printf "the container is restarted when it hasn't started within %d seconds, which is short for loading a model; raise failure_threshold" $budget)) -}}
{{- end -}}
{{- else if kindIs "map" .Values.recipe_liveness_probe_params -}}
{{- if lt (include "blueprint.number" (list .Values.recipe_liveness_probe_params.initial_delay_seconds 600) | int64) 300 -}}
{{- include "blueprint.finding" (list "/recipe_liveness_probe_params" "early-liveness" "without recipe_startup_probe_params it may restart the container while a model is loading; add a startup probe, or raise initial_delay_seconds") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.memory: GPUs talk to each other through /dev/shm, and what is in there counts as memory. */}}
{{- define "blueprint.warnings.memory" -}}
{{- $shm := int64 .Values.recipe_shared_memory_volume_size_limit_in_mb -}}
{{- $memory := mul (int64 .Values.recipe_container_memory_size) 1024 -}}
{{- if and (gt (max (int64 .Values.recipe_nvidia_gpu_count) (int64 .Values.recipe_amd_gpu_count)) 1) (lt $shm 1024) -}}
{{- include "blueprint.finding" (list (ternary "/recipe_shared_memory_volume_size_limit_in_mb" "/recipe_nvidia_gpu_count" (gt $shm 0)) "small-shm" (printf "several GPUs exchange data through /dev/shm, and %d MiB are often too few; set recipe_shared_memory_volume_size_limit_in_mb to 1024 or more" (ternary $shm 64 (gt $shm 0)))) -}}
{{- end -}}
{{- if and (gt $memory 0) (gt $shm $memory) -}}
{{- include "blueprint.finding" (list "/recipe_container_memory_size" "shm-over-memory" "/dev/shm counts as memory and may grow beyond this; raise it above recipe_shared_memory_volume_size_limit_in_mb") -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.shell: the public format has the key, and says nowhere what it does. */}}
{{- define "blueprint.warnings.shell" -}}
{{- if .Values.recipe_container_command_use_shell -}}
{{- include "blueprint.finding" (list "/recipe_container_command_use_shell" "use-shell" "the public format leaves it undefined; here /bin/sh -c runs command and arguments as one line") -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.queue: Kueue holds back a job that asks for a resource its queue does not cover, and a team's quotas name no MIG profiles. */}}
{{- define "blueprint.warnings.queue" -}}
{{- if and .Values.recipe_team_info .Values.mig_resource_request -}}
{{- include "blueprint.finding" (list "/mig_resource_request" "mig-quota" "queues of mode team cover no MIG slices, so the job waits forever unless a cluster admin adds them to the ClusterQueue") -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.nodes: keys that choose nodes only where the cluster's nodes are labelled for it. */}}
{{- define "blueprint.warnings.nodes" -}}
{{- if and .Values.recipe_node_shape (not .Values.cluster.nodeShapeLabel) -}}
{{- include "blueprint.finding" (list "/recipe_node_shape" "node-shape" "has no effect, as it names a machine type of one cloud; to choose nodes by it, set cluster.nodeShapeLabel to the node label that holds it") -}}
{{- end -}}
{{- if and .Values.recipe_shared_node_pool_selector (not .Values.cluster.sharedNodePools) -}}
{{- include "blueprint.finding" (list "/recipe_shared_node_pool_selector" "node-pool" "has no effect unless nodes are labelled corrino=POOL and cluster.sharedNodePools is true") -}}
{{- end -}}
{{- if .Values.multinode_rdma_enabled_in_shared_pool -}}
{{- include "blueprint.finding" (list "/multinode_rdma_enabled_in_shared_pool" "rdma" "has no effect, as what pods need for RDMA differs between clouds; they talk over TCP") -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.scaling: KEDA needs a Prometheus to ask. */}}
{{- define "blueprint.warnings.scaling" -}}
{{- if and (kindIs "map" .Values.recipe_pod_autoscaling_params) (not (include "blueprint.scales" .)) -}}
{{- include "blueprint.finding" (list "/recipe_pod_autoscaling_params" "no-prometheus" "autoscaling is off because no Prometheus is configured; min_replicas pods will run; set server_address here, or cluster.prometheusAddress") -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.volumes: volumes that not every cluster or every number of pods can have. */}}
{{- define "blueprint.warnings.volumes" -}}
{{- if .Values.local_filesystem -}}
{{- include "blueprint.finding" (list "/local_filesystem" "node-directory" "what is in a node's directory differs from node to node, and the Pod Security levels baseline and restricted forbid it") -}}
{{- end -}}
{{- if and (include "blueprint.hasClaims" .) (gt (int64 (include "blueprint.replicas" .)) 1) -}}
{{- include "blueprint.finding" (list "/recipe_replica_count" "shared-claim" "all pods share one claim, which one node mounts at a time, so they run on that node only") -}}
{{- end -}}
{{- end }}
