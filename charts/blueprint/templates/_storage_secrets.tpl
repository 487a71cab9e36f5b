{{/* blueprint.storage.pars has a line KEY: VALUE for each pre-authenticated request. */}}
{{- define "blueprint.storage.pars" -}}
{{- range $i, $input := .Values.input_object_storage }}
{{- with $input.par }}
par-{{ $i }}: {{ b64enc . }}
{{- end }}
{{- end }}
{{- end }}

{{/* blueprint.storage.parSecret names the Secret after what it holds, so that a new request is a change of the pod and starts a download. */}}
{{- define "blueprint.storage.parSecret" -}}
{{- include "blueprint.name" . }}-par-{{ include "blueprint.storage.pars" . | sha256sum | trunc 8 }}
{{- end }}

{{/* blueprint.storage.scripts is set where a download needs the scripts of the chart. */}}
{{- define "blueprint.storage.scripts" -}}
{{- with include "blueprint.storage.downloads" . -}}
true
{{- end -}}
{{- end }}
