{{/* blueprint.env: secrets come first, because a value can refer only to variables set before it. */}}
{{- define "blueprint.env" -}}
{{- if or .Values.recipe_environment_secrets .Values.recipe_container_env -}}
env:
  {{- range .Values.recipe_environment_secrets }}
  - name: {{ include "blueprint.quote" .envvar_name }}
    valueFrom:
      secretKeyRef:
        name: {{ include "blueprint.quote" .secret_name }}
        key: {{ include "blueprint.quote" .secret_key }}
  {{- end }}
  {{- range .Values.recipe_container_env }}
  - name: {{ include "blueprint.quote" .key }}
    value: {{ include "blueprint.scalar" .value }}
  {{- end }}
{{- end -}}
{{- end }}
