{{/* blueprint.storage.volumes has a volume for each object storage of the recipe; an input at the place of an output shares its volume. */}}
{{- define "blueprint.storage.volumes" -}}
{{- range $i, $output := .Values.output_object_storage }}
- name: output-{{ $i }}
  {{- if include "blueprint.storage.uploads" $ }}
  {{- include "blueprint.storage.scratch" (list $ $output.volume_size_in_gbs) | nindent 2 }}
  {{- else }}
  persistentVolumeClaim:
    claimName: {{ include "blueprint.name" $ }}-output-{{ $i }}
  {{- end }}
{{- end }}
{{- range $i, $input := .Values.input_object_storage }}
{{- if hasPrefix "input" (include "blueprint.storage.inputVolume" (list $ $i)) }}
- name: input-{{ $i }}
  {{- include "blueprint.storage.scratch" (list $ $input.volume_size_in_gbs) | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{/* blueprint.storage.inputVolume is the name of the volume of input number $i. */}}
{{- define "blueprint.storage.inputVolume" -}}
{{- $root := index . 0 -}}
{{- $i := index . 1 -}}
{{- $volume := printf "input-%d" $i -}}
{{- $place := (index $root.Values.input_object_storage $i).mount_location | clean -}}
{{- range $j, $output := $root.Values.output_object_storage -}}
{{- if eq $place (clean $output.mount_location) -}}
{{- $volume = printf "output-%d" $j -}}
{{- end -}}
{{- end -}}
{{- $volume -}}
{{- end }}

{{/* blueprint.storage.scratch is a volume that goes with its pod: a claim of its own, or where the cluster says so the node's disk. */}}
{{- define "blueprint.storage.scratch" -}}
{{- $root := index . 0 -}}
{{- $size := int64 (index . 1) -}}
{{- if eq $root.Values.cluster.objectStorage.volume "emptyDir" -}}
emptyDir:
  sizeLimit: {{ $size }}Gi
{{- else -}}
ephemeral:
  volumeClaimTemplate:
    spec:
      {{- include "blueprint.storage.claim" (list $root $size) | nindent 6 }}
{{- end -}}
{{- end }}

{{/* blueprint.storage.claim asks for a disk that one node at a time can mount, which every cluster has. */}}
{{- define "blueprint.storage.claim" -}}
{{- $root := index . 0 -}}
accessModes: [ReadWriteOnce]
{{- with $root.Values.cluster.storageClass }}
storageClassName: {{ include "blueprint.quote" . }}
{{- end }}
resources:
  requests:
    storage: {{ int64 (index . 1) }}Gi
{{- end }}

{{/* blueprint.storage.volumeMounts puts the volumes where the recipe's container looks for them. */}}
{{- define "blueprint.storage.volumeMounts" -}}
{{- range $i, $output := .Values.output_object_storage }}
- name: output-{{ $i }}
  mountPath: {{ include "blueprint.quote" $output.mount_location }}
{{- end }}
{{- range $i, $input := .Values.input_object_storage }}
{{- if hasPrefix "input" (include "blueprint.storage.inputVolume" (list $ $i)) }}
- name: input-{{ $i }}
  mountPath: {{ include "blueprint.quote" $input.mount_location }}
{{- end }}
{{- end }}
{{- end }}
