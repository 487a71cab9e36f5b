{{/* blueprint.nodeSelector says which labels a node must have; the recipe's own selectors win. */}}
{{- define "blueprint.nodeSelector" -}}
{{- $labels := dict -}}
{{- include "blueprint.nodeSelector.cluster" (list . $labels) -}}
{{- with .Values.recipe_node_selector_arch -}}
{{- $_ := set $labels "kubernetes.io/arch" (get (dict "x86_64" "amd64" "aarch64" "arm64") . | default .) -}}
{{- end -}}
{{- range .Values.shared_node_pool_custom_node_selectors -}}
{{- $_ := set $labels .key .value -}}
{{- end -}}
{{- with $labels -}}
nodeSelector:
  {{- include "blueprint.texts" . | nindent 2 }}
{{- end -}}
{{- end }}

{{/* blueprint.nodeSelector.cluster puts into the dict what a recipe says of its nodes, as far as the cluster's nodes carry it. */}}
{{- define "blueprint.nodeSelector.cluster" -}}
{{- $labels := index . 1 -}}
{{- with index . 0 -}}
{{- if and .Values.cluster.nodeShapeLabel .Values.recipe_node_shape -}}
{{- $_ := set $labels .Values.cluster.nodeShapeLabel .Values.recipe_node_shape -}}
{{- end -}}
{{- if .Values.cluster.sharedNodePools -}}
{{- if .Values.recipe_shared_node_pool_selector -}}
{{- $_ := set $labels "corrino" .Values.recipe_shared_node_pool_selector -}}
{{- else if .Values.recipe_use_shared_node_pool -}}
{{- $_ := set $labels "corrino/pool-shared-any" "true" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}
