{{/* blueprint.servicePorts: the container's own port is there as well, because clients keep using it. */}}
{{- define "blueprint.servicePorts" -}}
{{- $container := int64 .Values.recipe_container_port -}}
{{- $service := int64 (.Values.recipe_host_port | default 80) -}}
- name: default
  port: {{ $service }}
  targetPort: {{ $container }}
  protocol: TCP
{{- if ne $service $container }}
- name: container
  port: {{ $container }}
  targetPort: {{ $container }}
  protocol: TCP
{{- end }}
{{- end }}
