{{/* blueprint.warnings.servers warns about model servers that receive requests too early, ignore an option or use too few GPUs. */}}
{{- define "blueprint.warnings.servers" -}}
{{- if include "blueprint.gpuVendor" . -}}
{{- include "blueprint.warnings.readiness" . -}}
{{- include "blueprint.warnings.parallelism" . -}}
{{- end -}}
{{- if not .Values.recipe_container_command_use_shell -}}
{{- include "blueprint.warnings.spaces" . -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.gpuKey returns the pointer of the key that requests GPUs. */}}
{{- define "blueprint.warnings.gpuKey" -}}
{{- if .Values.mig_resource_request -}}
/mig_resource_request
{{- else if gt (int64 .Values.recipe_nvidia_gpu_count) 0 -}}
/recipe_nvidia_gpu_count
{{- else -}}
/recipe_amd_gpu_count
{{- end -}}
{{- end }}

{{/* blueprint.warnings.readiness warns about services that receive requests before the model is loaded. A startup probe also delays them. */}}
{{- define "blueprint.warnings.readiness" -}}
{{- if and (eq .Values.recipe_mode "service") (not (or (kindIs "map" .Values.recipe_readiness_probe_params) (kindIs "map" .Values.recipe_startup_probe_params))) -}}
{{- include "blueprint.finding" (list (include "blueprint.warnings.gpuKey" .) "early-requests" "the service receives requests while the model is loading; add recipe_readiness_probe_params") -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.spaces warns about options that are one argument with their value, which programs do not recognize. */}}
{{- define "blueprint.warnings.spaces" -}}
{{- range $key := list "recipe_container_command" "recipe_container_command_args" -}}
{{- range $i, $word := index $.Values $key -}}
{{- if and (hasPrefix "-" $word) (contains " " $word) (regexMatch "^--?[A-Za-z][A-Za-z0-9_-]* +[^ ]" $word) -}}
{{- include "blueprint.finding" (list (printf "/%s/%d" $key $i) "argument-space" "is one argument, so the program does not recognize the option; split it at the space into two") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.parallelism compares the GPUs that the command of vLLM, SGLang or Text Generation Inference uses with the requested ones, of all nodes of a replica. Data parallelism and configuration files have rules of their own. */}}
{{- define "blueprint.warnings.parallelism" -}}
{{- $gpus := mul (max (int64 .Values.recipe_nvidia_gpu_count) (int64 .Values.recipe_amd_gpu_count)) (ternary (int64 .Values.multinode_num_nodes_to_use_from_shared_pool) 1 (eq (include "blueprint.multinode" .) "true")) -}}
{{- $line := concat (default list .Values.recipe_container_command) (default list .Values.recipe_container_command_args) | join " " -}}
{{- range .Values.recipe_container_env -}}
{{- $line = replace (printf "$(%s)" .key) (toString .value) $line -}}
{{- end -}}
{{- $size := "([ =]+[0-9]+)?" -}}
{{- $tensor := regexFind (printf "(^| )(--tensor[-_]parallel[-_]size|--tp-size|--tp|-tp|--num[-_]shard)%s( |$)" $size) $line -}}
{{- $pipeline := regexFind (printf "(^| )(--pipeline[-_]parallel[-_]size|--pp-size|--pp|-pp)%s( |$)" $size) $line -}}
{{- $known := or $tensor $pipeline (regexMatch "(^|[ /])vllm serve |vllm[.]entrypoints|sglang[.]launch_server" $line) (and (not .Values.recipe_container_command) (regexMatch "/vllm-openai(:|@|$)" (toString .Values.recipe_image_uri))) -}}
{{- $readable := true -}}
{{- range compact (list $tensor $pipeline) -}}
{{- $readable = and $readable (regexMatch "[0-9]" .) -}}
{{- end -}}
{{- if and $known $readable (not .Values.mig_resource_request) (not (regexMatch "(^| )(--data[-_]parallel|--dp|-dp|--config)" $line)) -}}
{{- $uses := mul (regexFind "[0-9]+" $tensor | default "1" | int64) (regexFind "[0-9]+" $pipeline | default "1" | int64) -}}
{{- if ne $uses $gpus -}}
{{- include "blueprint.finding" (list (include "blueprint.warnings.gpuKey" .) "gpu-parallelism" (printf "tensor-parallel size times pipeline-parallel size is %d, but the number of GPUs per replica is %d" $uses $gpus)) -}}
{{- end -}}
{{- end -}}
{{- end }}
