{{/* blueprint.env renders the environment variables. Secrets come first, because a value can only refer to variables that are set before it. */}}
{{- define "blueprint.env" -}}
{{- $cache := include "blueprint.cacheEnv" . -}}
{{- if or .Values.recipe_environment_secrets .Values.recipe_container_env $cache -}}
env:
  {{- range .Values.recipe_environment_secrets }}
  - name: {{ include "blueprint.quote" .envvar_name }}
    valueFrom:
      secretKeyRef:
        name: {{ include "blueprint.quote" .secret_name }}
        key: {{ include "blueprint.quote" .secret_key }}
  {{- end }}
  {{- with $cache }}
  {{- . | trim | nindent 2 }}
  {{- end }}
  {{- range .Values.recipe_container_env }}
  - name: {{ include "blueprint.quote" .key }}
    value: {{ include "blueprint.scalar" .value }}
  {{- end }}
{{- end -}}
{{- end }}

{{/* blueprint.cacheEnv points the caches of AI frameworks to the cache volume, unless the recipe sets these variables itself. An unprivileged user cannot write to the home directory of the image. */}}
{{- define "blueprint.cacheEnv" -}}
{{- if eq .Values.cluster.podSecurity "restricted" -}}
{{- $own := list -}}
{{- range concat (default list .Values.recipe_environment_secrets) (default list .Values.recipe_container_env) -}}
{{- $own = append $own (.envvar_name | default .key) -}}
{{- end -}}
{{- range $name, $dir := dict "HOME" "/cache" "HF_HOME" "/cache/huggingface" "TRITON_CACHE_DIR" "/cache/triton" "XDG_CACHE_HOME" "/cache/xdg" "XDG_CONFIG_HOME" "/cache/config" -}}
{{- if not (has $name $own) }}
- name: {{ $name }}
  value: {{ $dir }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.variables returns a JSON list of the variables that arguments can refer to: those of the container, those of the API server's Service (which enableServiceLinks does not turn off) and, across several nodes, those added by LeaderWorkerSet. */}}
{{- define "blueprint.variables" -}}
{{- $names := list "KUBERNETES_SERVICE_HOST" "KUBERNETES_SERVICE_PORT" -}}
{{- if include "blueprint.multinode" . -}}
{{- $names = concat $names (list "LWS_LEADER_ADDRESS" "LWS_GROUP_SIZE" "LWS_WORKER_INDEX") -}}
{{- end -}}
{{- range concat (default list .Values.recipe_environment_secrets) (default list .Values.recipe_container_env) -}}
{{- $names = append $names (.envvar_name | default .key) -}}
{{- end -}}
{{- range regexFindAll "name: \\w+" (include "blueprint.cacheEnv" .) -1 -}}
{{- $names = append $names (trimPrefix "name: " .) -}}
{{- end -}}
{{- toJson $names -}}
{{- end }}
