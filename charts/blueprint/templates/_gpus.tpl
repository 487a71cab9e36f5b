{{/* blueprint.gpuVendor is the resource name of the vendor's GPUs, which is also the key of its nodes' taint, or nothing; blueprint.rules refuses both vendors at once. */}}
{{- define "blueprint.gpuVendor" -}}
{{- if or (gt (int64 .Values.recipe_nvidia_gpu_count) 0) .Values.mig_resource_request -}}
nvidia.com/gpu
{{- else if gt (int64 .Values.recipe_amd_gpu_count) 0 -}}
amd.com/gpu
{{- end -}}
{{- end }}

{{/* blueprint.runtimeClass is the RuntimeClass of a pod with NVIDIA GPUs, where containerd does not use NVIDIA's runtime by default. */}}
{{- define "blueprint.runtimeClass" -}}
{{- if and .Values.cluster.runtimeClassName (eq (include "blueprint.gpuVendor" .) "nvidia.com/gpu") -}}
runtimeClassName: {{ include "blueprint.quote" .Values.cluster.runtimeClassName }}
{{- end -}}
{{- end }}

{{/* blueprint.tolerations admits the pod to nodes that are kept for pods with GPUs. */}}
{{- define "blueprint.tolerations" -}}
{{- with include "blueprint.gpuVendor" . -}}
tolerations:
  - key: {{ . }}
    operator: Exists
    effect: NoSchedule
{{- end -}}
{{- end }}

{{/* blueprint.strategy lets the old pod go first where a new one needs what it has: a volume that one node mounts at a time, or GPUs, of which a cluster seldom has some to spare. */}}
{{- define "blueprint.strategy" -}}
{{- if include "blueprint.hasClaims" . -}}
type: Recreate
{{- else if include "blueprint.gpuVendor" . -}}
type: RollingUpdate
rollingUpdate:
  maxSurge: 0
  maxUnavailable: 1
{{- end -}}
{{- end }}
