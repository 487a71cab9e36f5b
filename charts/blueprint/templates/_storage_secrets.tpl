{{/* blueprint.storage.pars has a line for each pre-authenticated request, as the data of a Secret. */}}
{{- define "blueprint.storage.pars" -}}
{{- range $i, $input := .Values.input_object_storage }}
{{- with $input.par }}
par-{{ $i }}: {{ b64enc . }}
{{- end }}
{{- end }}
{{- end }}

{{/* blueprint.storage.parSecret is named after what it holds, so that a new request changes the pod, and a download starts. */}}
{{- define "blueprint.storage.parSecret" -}}
{{- include "blueprint.name" . }}-par-{{ include "blueprint.storage.pars" . | sha256sum | trunc 8 }}
{{- end }}

{{/* blueprint.volumes.scripts: what downloads run, in the ConfigMap that configmap-scripts.yaml makes. */}}
{{- define "blueprint.volumes.scripts" -}}
{{- if include "blueprint.storage.scripts" . -}}
- name: scripts
  configMap:
    name: {{ include "blueprint.name" . }}-scripts
{{- end -}}
{{- end }}

{{/* blueprint.storage.scripts names the scripts that the containers run, as the keys of a ConfigMap. */}}
{{- define "blueprint.storage.scripts" -}}
{{- $names := list -}}
{{- if include "blueprint.storage.uploads" . -}}
{{- $names = list "bucket-copy.sh" -}}
{{- end -}}
{{- range .Values.input_object_storage -}}
{{- if .par -}}
{{- $names = append $names "par-download.py" -}}
{{- else if $.Values.cluster.objectStorage.secretName -}}
{{- $names = append $names "bucket-copy.sh" -}}
{{- end -}}
{{- end -}}
{{- $names | uniq | sortAlpha | join " " -}}
{{- end }}
