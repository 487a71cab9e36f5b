{{/* blueprint.container is the recipe's one container. It has the same name in every recipe, so that commands can name it. */}}
{{- define "blueprint.container" -}}
- name: main
  image: {{ include "blueprint.quote" .Values.recipe_image_uri }}
  {{- range list "blueprint.command" "blueprint.args" "blueprint.ports" "blueprint.env" "blueprint.resources" "blueprint.probes" "blueprint.volumeMounts" }}
  {{- with include . $ | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- end }}
  securityContext:
    allowPrivilegeEscalation: false
{{- end }}

{{/* blueprint.command replaces the image's ENTRYPOINT. */}}
{{- define "blueprint.command" -}}
{{- with .Values.recipe_container_command -}}
command:
  {{- range . }}
  - {{ include "blueprint.quote" . }}
  {{- end }}
{{- end -}}
{{- end }}

{{/* blueprint.args replaces the image's CMD. */}}
{{- define "blueprint.args" -}}
{{- with .Values.recipe_container_command_args -}}
args:
  {{- range . }}
  - {{ include "blueprint.quote" . }}
  {{- end }}
{{- end -}}
{{- end }}

{{/* blueprint.ports tells on which port the container listens. */}}
{{- define "blueprint.ports" -}}
{{- with .Values.recipe_container_port -}}
ports:
  - containerPort: {{ int64 . }}
    protocol: TCP
{{- end -}}
{{- end }}

{{/* blueprint.volumeMounts is the counterpart of blueprint.volumes. */}}
{{- define "blueprint.volumeMounts" -}}
{{- if include "blueprint.volumes" . -}}
volumeMounts:
  - name: shm
    mountPath: /dev/shm
{{- end -}}
{{- end }}
