{{/* blueprint.container renders the recipe's container. It is called main in every recipe, so that commands can name it. */}}
{{- define "blueprint.container" -}}
- name: main
  image: {{ include "blueprint.quote" .Values.recipe_image_uri }}
  {{- range list "blueprint.command" "blueprint.args" "blueprint.ports" "blueprint.env" "blueprint.resources" "blueprint.probes" "blueprint.volumeMounts" }}
  {{- with include . $ | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- end }}
  securityContext:
    {{- include "blueprint.containerSecurity" . | nindent 4 }}
{{- end }}

{{/* blueprint.command renders the command, which overrides the image's ENTRYPOINT. */}}
{{- define "blueprint.command" -}}
{{- if .Values.recipe_container_command_use_shell -}}
command:
  - /bin/sh
  - -c
  - {{ concat (default list .Values.recipe_container_command) (default list .Values.recipe_container_command_args) | join " " | include "blueprint.quote" }}
{{- else -}}
{{- include "blueprint.stringList" (list "command" .Values.recipe_container_command) -}}
{{- end -}}
{{- end }}

{{/* blueprint.args renders the arguments, which override the image's CMD. With a shell, they are part of the command. */}}
{{- define "blueprint.args" -}}
{{- if not .Values.recipe_container_command_use_shell -}}
{{- include "blueprint.stringList" (list "args" .Values.recipe_container_command_args) -}}
{{- end -}}
{{- end }}

{{/* blueprint.stringList renders a field whose value is a list of strings, unless the list is empty. */}}
{{- define "blueprint.stringList" -}}
{{- with index . 1 -}}
{{ index $ 0 }}:
  {{- range . }}
  - {{ include "blueprint.quote" . }}
  {{- end }}
{{- end -}}
{{- end }}
