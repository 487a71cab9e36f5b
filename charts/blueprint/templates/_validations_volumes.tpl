{{/* blueprint.violations.directories: the key with the directory has two spellings, and one of them is needed. */}}
{{- define "blueprint.violations.directories" -}}
{{- range $i, $item := .Values.local_filesystem -}}
{{- if and $item.node_directory_path $item.local_directory_path -}}
{{- printf "/local_filesystem/%d/local_directory_path: node_directory_path is set, too; remove the older spelling [two-spellings]\n" $i -}}
{{- else if not (or $item.node_directory_path $item.local_directory_path) -}}
{{- printf "/local_filesystem/%d: node_directory_path is missing [missing-key]\n" $i -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.violations.fileSystems: an identifier of one cloud means nothing until cluster.fileSystems says what it is. */}}
{{- define "blueprint.violations.fileSystems" -}}
{{- $known := list -}}
{{- range $i, $item := .Values.cluster.fileSystems -}}
{{- $known = append $known $item.ocid -}}
{{- if not (or $item.claimName (and $item.server $item.path)) -}}
{{- printf "/cluster/fileSystems/%d: want claimName, or server and path [missing-key]\n" $i -}}
{{- end -}}
{{- end -}}
{{- range $i, $item := .Values.input_file_system -}}
{{- if not (has $item.file_system_ocid $known) -}}
{{- printf "/input_file_system/%d/file_system_ocid: is not among cluster.fileSystems; say there, in a file for --values, which NFS export or claim it is [unknown-file-system]\n" $i -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.violations.names: two claims or ConfigMaps of one name would be one object. */}}
{{- define "blueprint.violations.names" -}}
{{- $claims := list -}}
{{- range $i, $output := .Values.output_object_storage -}}
{{- $claims = append $claims (printf "output-%d" $i) -}}
{{- end -}}
{{- include "blueprint.violations.taken" (list "/pvcs/volumes" (default dict .Values.pvcs).volumes $claims) -}}
{{- include "blueprint.violations.taken" (list "/recipe_configmaps" .Values.recipe_configmaps (ternary (list "scripts") list (not (empty (include "blueprint.storage.scripts" .))))) -}}
{{- end }}

{{/* blueprint.violations.taken looks through a list for names that are in it twice, or that the chart itself uses. */}}
{{- define "blueprint.violations.taken" -}}
{{- $seen := index . 2 -}}
{{- range $i, $item := index . 1 -}}
{{- if has $item.name $seen -}}
{{- printf "%s/%d/name: another one of this recipe has this name already [duplicate-name]\n" (index $ 0) $i -}}
{{- end -}}
{{- $seen = append $seen $item.name -}}
{{- end -}}
{{- end }}

{{/* blueprint.violations.sizes: the API server takes no ConfigMap whose values are above 1 MiB in total. */}}
{{- define "blueprint.violations.sizes" -}}
{{- range $i, $item := .Values.recipe_configmaps -}}
{{- $size := 0 -}}
{{- range $item.data -}}
{{- $size = add $size (len .) -}}
{{- end -}}
{{- if gt (int64 $size) 1048576 -}}
{{- printf "/recipe_configmaps/%d/data: must be at most 1 MiB (1048576 bytes) in total; store large files on a volume or in the image [configmap-size]\n" $i -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.violations.mounts: at one path there is one volume. */}}
{{- define "blueprint.violations.mounts" -}}
{{- $seen := dict -}}
{{- range include "blueprint.mounts" . | fromJsonArray -}}
{{- if hasKey $seen .mountPath -}}
{{- printf "%s: something is already mounted there: %s [duplicate-mount]\n" .pointer (get $seen .mountPath) -}}
{{- end -}}
{{- $_ := set $seen .mountPath .pointer -}}
{{- end -}}
{{- end }}
