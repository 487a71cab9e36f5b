{{/* blueprint.warnings.texts looks at every text that the container sees. */}}
{{- define "blueprint.warnings.texts" -}}
{{- range $i, $env := .Values.recipe_container_env -}}
{{- include "blueprint.warnings.text" (list (printf "/recipe_container_env/%d/value" $i) $env.value) -}}
{{- include "blueprint.warnings.token" (list (printf "/recipe_container_env/%d/value" $i) $env.key $env.value) -}}
{{- end -}}
{{- $words := concat (default list .Values.recipe_container_command_args) (list "") -}}
{{- range $i, $word := .Values.recipe_container_command_args -}}
{{- include "blueprint.warnings.text" (list (printf "/recipe_container_command_args/%d" $i) $word) -}}
{{- if and (hasPrefix "-" $word) (regexMatch "^--?[A-Za-z-]+$" $word) -}}
{{- include "blueprint.warnings.token" (list (printf "/recipe_container_command_args/%d" (add1 $i)) $word (index $words (add1 $i))) -}}
{{- end -}}
{{- end -}}
{{- include "blueprint.warnings.references" . -}}
{{- with dig "api_key" "" (default dict .Values.recipe_inference_gateway) -}}
{{- include "blueprint.warnings.text" (list "/recipe_inference_gateway/api_key" .) -}}
{{- include "blueprint.finding" (list "/recipe_inference_gateway/api_key" "clear-token" "is a key in clear text; it is kept in a Secret, but everybody who sees the recipe or its release can read it") -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.text: what somebody was to fill in, and names that hold in one namespace. Regular expressions are compiled at each use, so plain text is checked first. */}}
{{- define "blueprint.warnings.text" -}}
{{- $pointer := index . 0 -}}
{{- $text := toString (index . 1) -}}
{{- if and (contains "<" $text) (regexMatch "<[A-Za-z][A-Za-z0-9 _.-]*>" $text) -}}
{{- include "blueprint.finding" (list $pointer "placeholder" "looks like a placeholder: put the value in its place") -}}
{{- end -}}
{{- if and (contains ".default" $text) (regexMatch "[.]default([.]svc|[/:]|$)" $text) -}}
{{- include "blueprint.finding" (list $pointer "default-namespace" "names a Service of the namespace default; deployed elsewhere, it looks in the wrong place") -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.token: a credential by the name of its variable or option, unless the value is a reference, a placeholder or empty. */}}
{{- define "blueprint.warnings.token" -}}
{{- $name := lower (index . 1) -}}
{{- $value := toString (index . 2) -}}
{{- if and (regexMatch "(^|[-_])(token|password|passwd|secret|api[-_]?key|access[-_]?key|credentials?)$" $name) (not (regexMatch "^(<.*>|[$].*|)$" $value)) -}}
{{- include "blueprint.finding" (list (index . 0) "clear-token" "looks like a credential in clear text; put it into a Secret and name it in recipe_environment_secrets") -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.references looks at what Kubernetes expands: command, arguments and the values of variables. */}}
{{- define "blueprint.warnings.references" -}}
{{- $names := include "blueprint.variables" . | fromJsonArray -}}
{{- $later := list -}}
{{- range .Values.recipe_container_env -}}
{{- $later = append $later .key -}}
{{- end -}}
{{- $shell := .Values.recipe_container_command_use_shell -}}
{{- range concat (default list .Values.recipe_container_command) (default list .Values.recipe_container_command_args) -}}
{{- $shell = or $shell (regexMatch "(^|/)(ba|da|k|z)?sh$" .) -}}
{{- end -}}
{{- range $i, $env := .Values.recipe_container_env -}}
{{- include "blueprint.warnings.reference" (list (printf "/recipe_container_env/%d/value" $i) (toString $env.value) $names $later false) -}}
{{- $later = rest $later -}}
{{- end -}}
{{- range $key := list "recipe_container_command" "recipe_container_command_args" -}}
{{- range $i, $word := index $.Values $key -}}
{{- include "blueprint.warnings.reference" (list (printf "/%s/%d" $key $i) $word $names list $shell) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.reference: Kubernetes leaves $(NAME) unchanged if the pod has no such variable, or sets it no earlier than the variable that refers to it. Variables of the image don't count. A shell runs $(name) as a command, so only names in upper case count there. */}}
{{- define "blueprint.warnings.reference" -}}
{{- $pointer := index . 0 -}}
{{- $names := index . 2 -}}
{{- $later := index . 3 -}}
{{- $pattern := ternary "[A-Z_][A-Z0-9_]*" "[A-Za-z_][A-Za-z0-9_.-]*" (index . 4) -}}
{{- range regexFindAll (printf "[$]+[(]%s[)]" $pattern) (index . 1) -1 -}}
{{- $name := regexReplaceAll "^[$]+[(]|[)]$" . "" -}}
{{- if not (regexMatch "^([$][$])*[$][(]" .) -}}
{{- else if has $name $later -}}
{{- include "blueprint.finding" (list $pointer "unset-variable" "refers to a variable that is not set before it, so Kubernetes leaves the text unchanged") -}}
{{- else if not (has $name $names) -}}
{{- include "blueprint.finding" (list $pointer "unset-variable" "refers to a variable that the recipe does not set, so Kubernetes leaves the text unchanged") -}}
{{- end -}}
{{- end -}}
{{- end }}
