{{/* blueprint.resources renders equal requests and limits, because recipes have one number for both. */}}
{{- define "blueprint.resources" -}}
{{- with include "blueprint.resourceList" . | trim -}}
resources:
  limits:
    {{- . | nindent 4 }}
  requests:
    {{- . | nindent 4 }}
{{- end -}}
{{- end }}

{{/* blueprint.resourceList renders a line for each amount above 0. A MIG slice replaces a whole GPU. Its resource name has a dot instead of the plus sign of the profile, because resource names cannot contain plus signs. */}}
{{- define "blueprint.resourceList" -}}
{{- $amounts := list
  (list "nvidia.com/gpu" (ternary 0 .Values.recipe_nvidia_gpu_count (not (empty .Values.mig_resource_request))) "")
  (list (printf "nvidia.com/mig-%s" (replace "+" "." (default "" .Values.mig_resource_request))) (ternary 1 0 (not (empty .Values.mig_resource_request))) "")
  (list "amd.com/gpu" .Values.recipe_amd_gpu_count "")
  (list "cpu" .Values.recipe_container_cpu_count "")
  (list "memory" .Values.recipe_container_memory_size "Gi")
  (list "ephemeral-storage" (ternary .Values.recipe_ephemeral_storage_size 0 .Values.cluster.requestEphemeralStorage) "Gi") -}}
{{- range $amounts }}
{{- $amount := int64 (index . 1) }}
{{- if gt $amount 0 }}
{{ index . 0 }}: {{ printf "%d%s" $amount (index . 2) | quote }}
{{- end }}
{{- end }}
{{- end }}
