{{/* blueprint.warnings renders a line of blueprint.finding for each likely mistake. */}}
{{- define "blueprint.warnings" -}}
{{- range list "startup" "memory" "servers" "shell" "queue" "texts" "nodes" "scaling" "publishing" "volumes" "objects" -}}
{{- include (printf "blueprint.warnings.%s" .) $ -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.startup warns about probes that restart the container while it loads a model, which takes minutes on GPUs. */}}
{{- define "blueprint.warnings.startup" -}}
{{- if include "blueprint.gpuVendor" . -}}
{{- $startup := .Values.recipe_startup_probe_params -}}
{{- if kindIs "map" $startup -}}
{{- $budget := add (include "blueprint.intDefault" (list $startup.initial_delay_seconds 10) | int64) (mul (include "blueprint.intDefault" (list $startup.period_seconds 2) | int64) (include "blueprint.intDefault" (list $startup.failure_threshold 30) | int64)) -}}
{{- if lt $budget 300 -}}
{{- include "blueprint.finding" (list "/recipe_startup_probe_params" "short-startup" (printf "restarts the container after %d seconds, which is short for loading a model; increase failure_threshold" $budget)) -}}
{{- end -}}
{{- else if kindIs "map" .Values.recipe_liveness_probe_params -}}
{{- if lt (include "blueprint.intDefault" (list .Values.recipe_liveness_probe_params.initial_delay_seconds 600) | int64) 300 -}}
{{- include "blueprint.finding" (list "/recipe_liveness_probe_params" "early-liveness" "may restart the container while a model is loading; add recipe_startup_probe_params, or increase initial_delay_seconds") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.memory warns if /dev/shm is too small for several GPUs or exceeds the memory limit, which includes it. */}}
{{- define "blueprint.warnings.memory" -}}
{{- $shm := int64 .Values.recipe_shared_memory_volume_size_limit_in_mb -}}
{{- $memory := mul (int64 .Values.recipe_container_memory_size) 1024 -}}
{{- if and (gt (max (int64 .Values.recipe_nvidia_gpu_count) (int64 .Values.recipe_amd_gpu_count)) 1) (lt $shm 1000) -}}
{{- include "blueprint.finding" (list (ternary "/recipe_shared_memory_volume_size_limit_in_mb" "/recipe_nvidia_gpu_count" (gt $shm 0)) "small-shm" (printf "%d MiB of /dev/shm is often too small for several GPUs; set recipe_shared_memory_volume_size_limit_in_mb to 1000 or more" (ternary $shm 64 (gt $shm 0)))) -}}
{{- end -}}
{{- if and (gt $memory 0) (gt $shm $memory) -}}
{{- include "blueprint.finding" (list "/recipe_container_memory_size" "shm-over-memory" "is smaller than /dev/shm, which counts towards it; increase it above recipe_shared_memory_volume_size_limit_in_mb") -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.shell warns about a key that the public format does not define. */}}
{{- define "blueprint.warnings.shell" -}}
{{- if .Values.recipe_container_command_use_shell -}}
{{- include "blueprint.finding" (list "/recipe_container_command_use_shell" "use-shell" "not defined by the public format; /bin/sh -c runs the command and its arguments as one line") -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.queue warns about MIG slices, which the queue of a team does not cover, so that Kueue never admits the job. */}}
{{- define "blueprint.warnings.queue" -}}
{{- if and .Values.recipe_team_info .Values.mig_resource_request -}}
{{- include "blueprint.finding" (list "/mig_resource_request" "mig-quota" "team queues do not cover MIG slices, so the job is never admitted unless an administrator adds them to the ClusterQueue") -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.nodes warns about keys that have no effect with the cluster's settings. */}}
{{- define "blueprint.warnings.nodes" -}}
{{- if and .Values.recipe_node_shape (not .Values.cluster.nodeShapeLabel) -}}
{{- include "blueprint.finding" (list "/recipe_node_shape" "node-shape" "has no effect unless cluster.nodeShapeLabel is set to the node label that holds the machine type") -}}
{{- end -}}
{{- if and .Values.recipe_shared_node_pool_selector (not .Values.cluster.sharedNodePools) -}}
{{- include "blueprint.finding" (list "/recipe_shared_node_pool_selector" "node-pool" "has no effect unless nodes are labeled corrino=POOL and cluster.sharedNodePools is true") -}}
{{- end -}}
{{- if .Values.multinode_rdma_enabled_in_shared_pool -}}
{{- include "blueprint.finding" (list "/multinode_rdma_enabled_in_shared_pool" "rdma" "has no effect, because RDMA setup is specific to each cloud; pods communicate over TCP") -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.scaling warns if KEDA has no Prometheus to query. */}}
{{- define "blueprint.warnings.scaling" -}}
{{- if and (kindIs "map" .Values.recipe_pod_autoscaling_params) (not (include "blueprint.scales" .)) -}}
{{- include "blueprint.finding" (list "/recipe_pod_autoscaling_params" "missing-prometheus" "autoscaling is off and min_replicas pods run, because no Prometheus is configured; set server_address or cluster.prometheusAddress") -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.volumes warns about volumes that do not work in every cluster or with several pods. */}}
{{- define "blueprint.warnings.volumes" -}}
{{- if .Values.local_filesystem -}}
{{- include "blueprint.finding" (list "/local_filesystem" "host-path" "node directories differ between nodes, and the Pod Security Standards baseline and restricted forbid them") -}}
{{- end -}}
{{- if and (include "blueprint.hasClaims" .) (gt (int64 (include "blueprint.replicas" .)) 1) -}}
{{- include "blueprint.finding" (list "/recipe_replica_count" "shared-claim" "all pods must run on one node, because they share a ReadWriteOnce claim") -}}
{{- end -}}
{{- end }}
