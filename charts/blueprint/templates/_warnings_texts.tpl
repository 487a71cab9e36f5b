{{/* blueprint.warnings.texts checks every string that the container receives. */}}
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
{{- include "blueprint.finding" (list "/recipe_inference_gateway/api_key" "plaintext-credential" "plain-text credential; anyone who can read the recipe or its release can read it") -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.text warns about placeholders, and about names that only work in one namespace. Plain text is checked first, because regular expressions are compiled on each use. */}}
{{- define "blueprint.warnings.text" -}}
{{- $pointer := index . 0 -}}
{{- $text := toString (index . 1) -}}
{{- if and (contains "<" $text) (regexMatch "<[A-Za-z][A-Za-z0-9 _.-]*>" $text) -}}
{{- include "blueprint.finding" (list $pointer "placeholder" "looks like a placeholder; replace it with the value") -}}
{{- end -}}
{{- if and (contains ".default" $text) (regexMatch "[.]default([.]svc|[/:]|$)" $text) -}}
{{- include "blueprint.finding" (list $pointer "default-namespace" "refers to a Service in the namespace default, which is wrong if the recipe is deployed to another namespace") -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.token warns about credentials, which it recognizes by the name of the variable or option, unless the value is a reference, a placeholder or empty. */}}
{{- define "blueprint.warnings.token" -}}
{{- $name := lower (index . 1) -}}
{{- $value := toString (index . 2) -}}
{{- if and (regexMatch "(^|[-_])(token|password|passwd|secret|api[-_]?key|access[-_]?key|credentials?)$" $name) (not (regexMatch "^(<.*>|[$].*|)$" $value)) -}}
{{- include "blueprint.finding" (list (index . 0) "plaintext-credential" "looks like a plain-text credential; store it in a Secret and use recipe_environment_secrets") -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.references checks the strings in which Kubernetes expands variables: commands, arguments and values of variables. */}}
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

{{/* blueprint.warnings.reference warns about $(NAME) that Kubernetes leaves unchanged, because the variable does not exist or is set later. Variables of the image do not count. A shell runs $(name) as a command, so only upper-case names count there. */}}
{{- define "blueprint.warnings.reference" -}}
{{- $pointer := index . 0 -}}
{{- $names := index . 2 -}}
{{- $later := index . 3 -}}
{{- $pattern := ternary "[A-Z_][A-Z0-9_]*" "[A-Za-z_][A-Za-z0-9_.-]*" (index . 4) -}}
{{- range regexFindAll (printf "[$]+[(]%s[)]" $pattern) (index . 1) -1 -}}
{{- $name := regexReplaceAll "^[$]+[(]|[)]$" . "" -}}
{{- if not (regexMatch "^([$][$])*[$][(]" .) -}}
{{- else if has $name $later -}}
{{- include "blueprint.finding" (list $pointer "undefined-variable" "refers to a variable that is set later, so Kubernetes leaves the text unchanged") -}}
{{- else if not (has $name $names) -}}
{{- include "blueprint.finding" (list $pointer "undefined-variable" "refers to a variable that the recipe does not set, so Kubernetes leaves the text unchanged") -}}
{{- end -}}
{{- end -}}
{{- end }}
