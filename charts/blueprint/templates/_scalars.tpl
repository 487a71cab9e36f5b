{{/* blueprint.quote renders a string that YAML reads back unchanged. Helm deletes the text <no value> from its output, hence the escape. */}}
{{- define "blueprint.quote" -}}
{{- . | quote | replace "<no value>" "\\u003cno value>" -}}
{{- end }}

{{/* blueprint.scalar renders a string or a number as a string. Printing a number directly would turn 1000000 into 1e+06. Helm reads -0 as -0 or as 0, depending on the file format. */}}
{{- define "blueprint.scalar" -}}
{{- if typeIs "string" . -}}
{{- include "blueprint.quote" . -}}
{{- else -}}
{{- regexReplaceAll "^-0$" (toJson .) "0" | quote -}}
{{- end -}}
{{- end }}

{{/* blueprint.stringMap renders a dict of strings, such as labels or annotations, sorted by key. */}}
{{- define "blueprint.stringMap" -}}
{{- range $i, $key := keys . | sortAlpha }}
{{- if $i }}
{{ end }}
{{- include "blueprint.quote" $key }}: {{ include "blueprint.quote" (get $ $key) }}
{{- end }}
{{- end }}
