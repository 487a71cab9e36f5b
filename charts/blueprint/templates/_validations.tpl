{{/* blueprint.validate fails with all rules between keys that the recipe breaks. */}}
{{- define "blueprint.validate" -}}
{{- with include "blueprint.violations" . -}}
{{- fail (printf "blueprint-violations:\n%s" (trim .)) -}}
{{- end -}}
{{- end }}

{{/* blueprint.violations renders a line of blueprint.finding for each rule that the recipe breaks. */}}
{{- define "blueprint.violations" -}}
{{- range list "gpus" "variables" "ports" "servicePorts" "scaling" "nodes" "directories" "fileSystems" "names" "sizes" "mounts" "objects" "paths" "gateway" -}}
{{- include (printf "blueprint.violations.%s" .) $ -}}
{{- end -}}
{{- end }}

{{/* blueprint.finding renders one line of JSON with the JSON pointer of a key, a rule ID and a message. Messages never quote values. */}}
{{- define "blueprint.finding" -}}
{{- printf "{\"pointer\":%s,\"rule\":%s,\"message\":%s}\n" (index . 0 | toRawJson) (index . 1 | toRawJson) (index . 2 | toRawJson) -}}
{{- end }}

{{/* blueprint.violations.gpus rejects GPUs of two vendors, because no node has both, and a MIG slice in addition to whole GPUs. */}}
{{- define "blueprint.violations.gpus" -}}
{{- $nvidia := int64 .Values.recipe_nvidia_gpu_count -}}
{{- $amd := gt (int64 .Values.recipe_amd_gpu_count) 0 -}}
{{- if and (gt $nvidia 0) $amd -}}
{{- include "blueprint.finding" (list "/recipe_amd_gpu_count" "mixed-gpu-vendors" "cannot be used together with recipe_nvidia_gpu_count; a pod has GPUs of one vendor only") -}}
{{- end -}}
{{- if .Values.mig_resource_request -}}
{{- if gt $nvidia 1 -}}
{{- include "blueprint.finding" (list "/recipe_nvidia_gpu_count" "mig-and-gpus" "must be at most 1 with mig_resource_request, which requests a slice instead of whole GPUs") -}}
{{- end -}}
{{- if $amd -}}
{{- include "blueprint.finding" (list "/mig_resource_request" "mixed-gpu-vendors" "cannot be used together with recipe_amd_gpu_count; only NVIDIA GPUs have MIG slices") -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.violations.variables rejects variables that are set twice, in one list or across both. */}}
{{- define "blueprint.violations.variables" -}}
{{- $seen := dict -}}
{{- range $i, $env := .Values.recipe_environment_secrets -}}
{{- include "blueprint.violations.variable" (list $seen $env.envvar_name (printf "/recipe_environment_secrets/%d/envvar_name" $i)) -}}
{{- end -}}
{{- range $i, $env := .Values.recipe_container_env -}}
{{- include "blueprint.violations.variable" (list $seen $env.key (printf "/recipe_container_env/%d/key" $i)) -}}
{{- end -}}
{{- end }}

{{/* blueprint.violations.variable adds one name and its pointer to the dict, or reports a duplicate. */}}
{{- define "blueprint.violations.variable" -}}
{{- $seen := index . 0 -}}
{{- $name := index . 1 -}}
{{- $pointer := index . 2 -}}
{{- if hasKey $seen $name -}}
{{- include "blueprint.finding" (list $pointer "duplicate-variable" (printf "%q is already set at %s" $name (get $seen $name))) -}}
{{- else -}}
{{- $_ := set $seen $name $pointer -}}
{{- end -}}
{{- end }}

{{/* blueprint.violations.ports rejects probes and scraping without a port. */}}
{{- define "blueprint.violations.ports" -}}
{{- if not .Values.recipe_container_port -}}
{{- range $key, $params := dict "startup" .Values.recipe_startup_probe_params "liveness" .Values.recipe_liveness_probe_params "readiness" .Values.recipe_readiness_probe_params -}}
{{- if and (kindIs "map" $params) (not (dig "port" "" (default dict $params))) -}}
{{- include "blueprint.finding" (list (printf "/recipe_%s_probe_params" $key) "missing-port" "requires a port; set port here, or recipe_container_port") -}}
{{- end -}}
{{- end -}}
{{- if .Values.recipe_prometheus_enabled -}}
{{- include "blueprint.finding" (list "/recipe_prometheus_enabled" "missing-port" "requires recipe_container_port, the port to scrape") -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.violations.scaling rejects a minimum above the maximum. */}}
{{- define "blueprint.violations.scaling" -}}
{{- with .Values.recipe_pod_autoscaling_params -}}
{{- if gt (include "blueprint.intDefault" (list .min_replicas 1) | int64) (include "blueprint.intDefault" (list .max_replicas 4) | int64) -}}
{{- include "blueprint.finding" (list "/recipe_pod_autoscaling_params" "min-above-max" "min_replicas (default 1) must not exceed max_replicas (default 4)") -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.violations.nodes rejects machine types and node pools that are not valid label values. */}}
{{- define "blueprint.violations.nodes" -}}
{{- $labels := dict "recipe_node_shape" (ternary .Values.recipe_node_shape "" (not (empty .Values.cluster.nodeShapeLabel))) "recipe_shared_node_pool_selector" (ternary .Values.recipe_shared_node_pool_selector "" .Values.cluster.sharedNodePools) -}}
{{- range $key, $value := $labels -}}
{{- if and $value (not (regexMatch "^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$" $value)) -}}
{{- include "blueprint.finding" (list (printf "/%s" $key) "invalid-label-value" "must be a valid label value: at most 63 letters, digits, dashes, underscores and dots") -}}
{{- end -}}
{{- end -}}
{{- end }}
