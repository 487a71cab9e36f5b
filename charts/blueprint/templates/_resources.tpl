{{/* blueprint.resources: requests equal limits, as a recipe gives one number for both. */}}
{{- define "blueprint.resources" -}}
{{- with include "blueprint.resourceList" . | trim -}}
resources:
  limits:
    {{- . | nindent 4 }}
  requests:
    {{- . | nindent 4 }}
{{- end -}}
{{- end }}

{{/* blueprint.resourceList has a line for each amount that is not 0. A MIG slice is instead of a whole GPU; NVIDIA's device plugin names its resource after the profile, with a dot for the plus sign, which resource names can't have. */}}
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
