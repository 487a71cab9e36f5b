{{/* blueprint.gpuVendor returns the resource name of the GPUs, which is also the taint key of their nodes, or nothing. blueprint.violations rejects GPUs of both vendors in one pod. */}}
{{- define "blueprint.gpuVendor" -}}
{{- if or (gt (int64 .Values.recipe_nvidia_gpu_count) 0) .Values.mig_resource_request -}}
nvidia.com/gpu
{{- else if gt (int64 .Values.recipe_amd_gpu_count) 0 -}}
amd.com/gpu
{{- end -}}
{{- end }}

{{/* blueprint.runtimeClass renders the RuntimeClass of pods with NVIDIA GPUs, for clusters whose containerd does not use the NVIDIA runtime by default. */}}
{{- define "blueprint.runtimeClass" -}}
{{- if and .Values.cluster.runtimeClassName (eq (include "blueprint.gpuVendor" .) "nvidia.com/gpu") -}}
runtimeClassName: {{ include "blueprint.quote" .Values.cluster.runtimeClassName }}
{{- end -}}
{{- end }}

{{/* blueprint.tolerations tolerates the taint of nodes that are reserved for pods with GPUs. */}}
{{- define "blueprint.tolerations" -}}
{{- with include "blueprint.gpuVendor" . -}}
tolerations:
  - key: {{ . }}
    operator: Exists
    effect: NoSchedule
{{- end -}}
{{- end }}

{{/* blueprint.strategy stops the old pod first if the new one needs its resources: a volume that only one node can mount at a time, or GPUs, which clusters rarely have to spare. */}}
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
