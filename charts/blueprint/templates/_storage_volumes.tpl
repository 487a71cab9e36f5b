{{/* blueprint.volumes.objects renders a volume for each output, and one for each input that does not share the path of an output. */}}
{{- define "blueprint.volumes.objects" -}}
{{- range $i, $output := .Values.output_object_storage }}
- name: output-{{ $i }}
  {{- if include "blueprint.storage.kept" $ }}
  persistentVolumeClaim:
    claimName: {{ include "blueprint.name" $ }}-output-{{ $i }}
  {{- else }}
  {{- include "blueprint.storage.ephemeralVolume" (list $ $output) | nindent 2 }}
  {{- end }}
{{- end }}
{{- range $i, $input := .Values.input_object_storage }}
{{- $name := printf "input-%d" $i }}
{{- if eq $name (include "blueprint.storage.inputVolume" (list $ $i)) }}
- name: {{ $name }}
  {{- include "blueprint.storage.ephemeralVolume" (list $ $input) | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{/* blueprint.storage.mounts returns the object storage part of blueprint.mounts. */}}
{{- define "blueprint.storage.mounts" -}}
{{- $mounts := list -}}
{{- range $i, $output := .Values.output_object_storage -}}
{{- $mounts = append $mounts (dict "name" (printf "output-%d" $i) "mountPath" $output.mount_location "pointer" (printf "/output_object_storage/%d/mount_location" $i)) -}}
{{- end -}}
{{- range $i, $input := .Values.input_object_storage -}}
{{- $name := printf "input-%d" $i -}}
{{- if eq $name (include "blueprint.storage.inputVolume" (list $ $i)) -}}
{{- $mounts = append $mounts (dict "name" $name "mountPath" $input.mount_location "pointer" (printf "/input_object_storage/%d/mount_location" $i)) -}}
{{- end -}}
{{- end -}}
{{- toJson $mounts -}}
{{- end }}

{{/* blueprint.storage.inputVolume returns the name of an input's volume. It is the volume of the output at the same path, if any, so that a job can modify its input. */}}
{{- define "blueprint.storage.inputVolume" -}}
{{- $root := index . 0 -}}
{{- $i := index . 1 -}}
{{- $volume := printf "input-%d" $i -}}
{{- range $j, $output := $root.Values.output_object_storage -}}
{{- if eq $output.mount_location (index $root.Values.input_object_storage $i).mount_location -}}
{{- $volume = printf "output-%d" $j -}}
{{- end -}}
{{- end -}}
{{- $volume -}}
{{- end }}

{{/* blueprint.storage.ephemeralVolume renders a volume that is deleted with its pod: an ephemeral claim or, depending on the cluster's settings, an emptyDir. */}}
{{- define "blueprint.storage.ephemeralVolume" -}}
{{- $root := index . 0 -}}
{{- $size := int64 (index . 1).volume_size_in_gbs -}}
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

{{/* blueprint.storage.claim renders the spec of a ReadWriteOnce claim, which every cluster supports. */}}
{{- define "blueprint.storage.claim" -}}
accessModes:
  - ReadWriteOnce
{{- with (index . 0).Values.cluster.storageClass }}
storageClassName: {{ include "blueprint.quote" . }}
{{- end }}
resources:
  requests:
    storage: {{ index . 1 }}Gi
{{- end }}

{{/* blueprint.storage.kept reports whether outputs stay on claims because they are not uploaded. */}}
{{- define "blueprint.storage.kept" -}}
{{- if and .Values.output_object_storage (not (include "blueprint.storage.uploads" .)) -}}
true
{{- end -}}
{{- end }}

{{/* blueprint.storage.uploads reports whether outputs are uploaded. Uploads need a job, which finishes, and credentials. */}}
{{- define "blueprint.storage.uploads" -}}
{{- if and .Values.output_object_storage (eq .Values.recipe_mode "job") .Values.cluster.objectStorage.secretName -}}
true
{{- end -}}
{{- end }}
