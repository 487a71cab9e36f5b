{{/* blueprint.gpuResource is the resource name of the GPUs a recipe asks for, or nothing; blueprint.rules refuses both vendors at once. */}}
{{- define "blueprint.gpuResource" -}}
{{- if gt (int64 .Values.recipe_nvidia_gpu_count) 0 -}}
nvidia.com/gpu
{{- else if gt (int64 .Values.recipe_amd_gpu_count) 0 -}}
amd.com/gpu
{{- end -}}
{{- end }}

{{/* blueprint.tolerations admits the pod to nodes that are kept for pods with GPUs. */}}
{{- define "blueprint.tolerations" -}}
{{- with include "blueprint.gpuResource" . -}}
- key: {{ . }}
  operator: Exists
  effect: NoSchedule
{{- end -}}
{{- end }}

{{/* blueprint.strategy frees the GPUs of the old pod first, since a cluster seldom has some to spare. */}}
{{- define "blueprint.strategy" -}}
{{- if include "blueprint.gpuResource" . -}}
type: RollingUpdate
rollingUpdate:
  maxSurge: 0
  maxUnavailable: 1
{{- end -}}
{{- end }}
