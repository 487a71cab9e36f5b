{{/* blueprint.multinode reports whether a replica of the service spans several nodes. */}}
{{- define "blueprint.multinode" -}}
{{- if and (eq .Values.recipe_mode "service") (gt (int64 .Values.multinode_num_nodes_to_use_from_shared_pool) 1) -}}
true
{{- end -}}
{{- end }}

{{/* blueprint.workerTemplate renders the pod of the leader without probes and metrics, because only leaders serve requests. */}}
{{- define "blueprint.workerTemplate" -}}
{{- $values := omit .Values "recipe_startup_probe_params" "recipe_liveness_probe_params" "recipe_readiness_probe_params" "recipe_prometheus_enabled" -}}
{{- include "blueprint.podTemplate" (dict "Values" $values "Chart" .Chart "Files" .Files "Template" .Template) -}}
{{- end }}
