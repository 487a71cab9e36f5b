{{/* blueprint.podSecurity: what never breaks an image, and at the level restricted a user without rights. */}}
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

{{/* blueprint.containerSecurity is the container's half of blueprint.podSecurity. */}}
{{- define "blueprint.containerSecurity" -}}
allowPrivilegeEscalation: false
{{- if eq .Values.cluster.podSecurity "restricted" }}
capabilities:
  drop:
    - ALL
{{- end }}
{{- end }}
