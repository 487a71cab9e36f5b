{{/* blueprint.team is the team's name as its queues have it. */}}
{{- define "blueprint.team" -}}
{{- include "blueprint.canonical" .Values.team.team_name -}}
{{- end }}

{{/* blueprint.flavor is the name of the ResourceFlavor of a machine type, which all teams share. */}}
{{- define "blueprint.flavor" -}}
{{- include "blueprint.squeeze" (regexReplaceAll "[^a-z0-9.-]" (lower .) "-") | trimAll "." -}}
{{- end }}

{{/* blueprint.quotas are the quotas of one machine type. A job waits for ever in a queue that does not know a resource that it asks for, so disks and GPUs of AMD are in it, too. */}}
{{- define "blueprint.quotas" -}}
{{- include "blueprint.quota" (list "cpu" .cpu_nominal_quota .cpu_borrowing_limit .cpu_lending_limit "") }}
{{ include "blueprint.quota" (list "memory" .mem_nominal_quota .mem_borrowing_limit .mem_lending_limit "Gi") }}
{{- range list "nvidia.com/gpu" "amd.com/gpu" }}
{{ include "blueprint.quota" (list . $.gpu_nominal_quota $.gpu_borrowing_limit $.gpu_lending_limit "") }}
{{- end }}
- name: ephemeral-storage
  nominalQuota: 1Ei
{{- end }}

{{/* blueprint.quota is that of one resource: its name, the amounts, and the unit of those without one. A limit of 0 is a limit, too. */}}
{{- define "blueprint.quota" -}}
{{- $unit := index . 4 -}}
- name: {{ index . 0 }}
  nominalQuota: {{ include "blueprint.quantity" (list (index . 1 | default "0") $unit) }}
{{- range $i, $limit := list "borrowingLimit" "lendingLimit" }}
{{- $amount := index $ (add 2 $i) }}
{{- if not (kindIs "invalid" $amount) }}
  {{ $limit }}: {{ include "blueprint.quantity" (list $amount $unit) }}
{{- end }}
{{- end }}
{{- end }}

{{/* blueprint.quantity is an amount; a bare number gets the unit. */}}
{{- define "blueprint.quantity" -}}
{{- $text := ternary (index . 0) (index . 0 | toJson) (typeIs "string" (index . 0)) -}}
{{- ternary (printf "%s%s" $text (index . 1)) $text (regexMatch "^[0-9.]+$" $text) | quote -}}
{{- end }}
