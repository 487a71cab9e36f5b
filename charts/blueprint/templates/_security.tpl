{{/* blueprint.podSecurity renders settings that no image depends on and, for the Pod Security Standard restricted, an unprivileged user. */}}
{{- define "blueprint.podSecurity" -}}
{{- $restricted := eq .Values.cluster.podSecurity "restricted" -}}
{{- if $restricted -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
{{ end -}}
{{- if not (kindIs "invalid" .Values.recipe_storage_group_id) -}}
fsGroup: {{ int64 .Values.recipe_storage_group_id }}
{{ else if $restricted -}}
fsGroup: 65532
{{ end -}}
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* blueprint.containerSecurity renders the container's part of blueprint.podSecurity. */}}
{{- define "blueprint.containerSecurity" -}}
allowPrivilegeEscalation: false
{{- if eq .Values.cluster.podSecurity "restricted" }}
capabilities:
  drop:
    - ALL
{{- end }}
{{- end }}
