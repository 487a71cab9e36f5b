{{/* blueprint.nodeSelector renders the labels that a node must have. The recipe's own selectors take precedence. */}}
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
  {{- include "blueprint.stringMap" . | nindent 2 }}
{{- end -}}
{{- end }}

{{/* blueprint.nodeSelector.cluster adds the recipe's machine type and node pool to the dict, if the nodes of the cluster have labels for them. */}}
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
