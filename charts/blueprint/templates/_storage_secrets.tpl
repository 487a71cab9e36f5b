{{/* blueprint.storage.pars renders the pre-authenticated requests as data of a Secret. */}}
{{- define "blueprint.storage.pars" -}}
{{- range $i, $input := .Values.input_object_storage }}
{{- with $input.par }}
par-{{ $i }}: {{ b64enc . }}
{{- end }}
{{- end }}
{{- end }}

{{/* blueprint.storage.parSecret returns a name that depends on the content of the Secret, so that a new request changes the pod and starts a download. */}}
{{- define "blueprint.storage.parSecret" -}}
{{- include "blueprint.name" . }}-par-{{ include "blueprint.storage.pars" . | sha256sum | trunc 8 }}
{{- end }}

{{/* blueprint.volumes.scripts renders the volume with the copy scripts, from the ConfigMap in configmap-scripts.yaml. */}}
{{- define "blueprint.volumes.scripts" -}}
{{- if include "blueprint.storage.scripts" . -}}
- name: scripts
  configMap:
    name: {{ include "blueprint.name" . }}-scripts
{{- end -}}
{{- end }}

{{/* blueprint.storage.scripts returns the scripts that the containers run, which are the keys of the ConfigMap. */}}
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
