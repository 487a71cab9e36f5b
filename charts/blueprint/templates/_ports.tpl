{{/* blueprint.ports renders the ports of the container. */}}
{{- define "blueprint.ports" -}}
{{- if .Values.recipe_container_port -}}
ports:
  - containerPort: {{ int64 .Values.recipe_container_port }}
    protocol: TCP
  {{- range include "blueprint.extraPorts" . | fromJsonArray }}
  {{- if ne (int64 .port) (int64 $.Values.recipe_container_port) }}
  - containerPort: {{ int64 .port }}
    name: {{ .name | quote }}
    protocol: TCP
  {{- end }}
  {{- end }}
{{- end -}}
{{- end }}

{{/* blueprint.servicePorts renders the ports of the Service, including the container's own port, which clients keep using. */}}
{{- define "blueprint.servicePorts" -}}
{{- $container := int64 .Values.recipe_container_port -}}
{{- $service := int64 (.Values.recipe_host_port | default 80) -}}
{{- include "blueprint.servicePort" (list "default" $service $container) -}}
{{- if ne $service $container }}
{{ include "blueprint.servicePort" (list "container" $container $container) }}
{{- end }}
{{- range include "blueprint.extraPorts" . | fromJsonArray }}
{{- if not (has (int64 .port) (list $service $container)) }}
{{ include "blueprint.servicePort" (list .name (int64 .port) (int64 .port)) }}
{{- end }}
{{- end }}
{{- end }}

{{/* blueprint.servicePort renders one port of the Service. Takes its name, its number and the port of the container. */}}
{{- define "blueprint.servicePort" -}}
- name: {{ index . 0 | quote }}
  port: {{ index . 1 }}
  targetPort: {{ index . 2 }}
  protocol: TCP
{{- end }}

{{/* blueprint.extraPorts returns a JSON list of the recipe's additional ports with unique, valid names. A port that is listed twice is one port. Names of the form port-NUMBER are reserved for the port with that number, so that they cannot collide. */}}
{{- define "blueprint.extraPorts" -}}
{{- $ports := list -}}
{{- $numbers := list -}}
{{- $names := list "default" "container" -}}
{{- range .Values.recipe_additional_ingress_ports -}}
{{- if not (or .service_name (has (int64 .port) $numbers)) -}}
{{- $name := include "blueprint.portName" (.port_name | default .name) -}}
{{- if or (not $name) (has $name $names) (regexMatch "^port-[0-9]+$" $name) -}}
{{- $name = printf "port-%d" (int64 .port) -}}
{{- end -}}
{{- $names = append $names $name -}}
{{- $numbers = append $numbers (int64 .port) -}}
{{- $ports = append $ports (dict "name" $name "port" (int64 .port)) -}}
{{- end -}}
{{- end -}}
{{- toJson $ports -}}
{{- end }}

{{/* blueprint.portName converts text to a port name of at most 15 characters with at least one letter. Returns nothing if that is not possible. */}}
{{- define "blueprint.portName" -}}
{{- $name := include "blueprint.collapseDashes" (regexReplaceAll "[^a-z0-9]" (lower (toString (default "" .))) "-") | trunc 15 | trimSuffix "-" -}}
{{- if regexMatch "[a-z]" $name -}}
{{- $name -}}
{{- end -}}
{{- end }}
