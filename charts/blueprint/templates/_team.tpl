{{/* blueprint.team returns the team's name as used in its queues. */}}
{{- define "blueprint.team" -}}
{{- include "blueprint.slug" .Values.team.team_name -}}
{{- end }}

{{/* blueprint.flavor returns the name of a machine type's ResourceFlavor, which all teams share. */}}
{{- define "blueprint.flavor" -}}
{{- include "blueprint.collapseDashes" (regexReplaceAll "[^a-z0-9.-]" (lower .) "-") | trimAll "." -}}
{{- end }}

{{/* blueprint.quotas renders the quotas for one machine type. They cover disks and AMD GPUs, because Kueue never admits a job that requests a resource its queue does not cover. */}}
{{- define "blueprint.quotas" -}}
{{- include "blueprint.quota" (list "cpu" .cpu_nominal_quota .cpu_borrowing_limit .cpu_lending_limit "") }}
{{ include "blueprint.quota" (list "memory" .mem_nominal_quota .mem_borrowing_limit .mem_lending_limit "Gi") }}
{{- range list "nvidia.com/gpu" "amd.com/gpu" }}
{{ include "blueprint.quota" (list . $.gpu_nominal_quota $.gpu_borrowing_limit $.gpu_lending_limit "") }}
{{- end }}
- name: ephemeral-storage
  nominalQuota: 1Ei
{{- end }}

{{/* blueprint.quota renders the quota for one resource. Takes its name, the amounts and the default unit. 0 is a valid limit. */}}
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

{{/* blueprint.quantity returns an amount, with the unit if it has none. */}}
{{- define "blueprint.quantity" -}}
{{- $text := ternary (index . 0) (index . 0 | toJson) (typeIs "string" (index . 0)) -}}
{{- ternary (printf "%s%s" $text (index . 1)) $text (regexMatch "^[0-9.]+$" $text) | quote -}}
{{- end }}
