{{/* blueprint.warnings.objects warns about transfers that do not take place, and about pre-authenticated requests, which are credentials. */}}
{{- define "blueprint.warnings.objects" -}}
{{- range $i, $input := .Values.input_object_storage -}}
{{- if $input.par -}}
{{- include "blueprint.finding" (list (printf "/input_object_storage/%d/par" $i) "plaintext-credential" "plain-text credential; anyone who can read the recipe or its release can read the objects until it expires") -}}
{{- else if not $.Values.cluster.objectStorage.secretName -}}
{{- include "blueprint.finding" (list (printf "/input_object_storage/%d/bucket_name" $i) "not-downloaded" "not downloaded, because cluster.objectStorage.secretName is not set; the volume starts empty (cluster.objectStorage.skip)") -}}
{{- end -}}
{{- end -}}
{{- if include "blueprint.storage.kept" . -}}
{{- range $i, $output := .Values.output_object_storage -}}
{{- $claim := printf "%s-output-%d" (include "blueprint.name" $) $i -}}
{{- if eq $.Values.recipe_mode "service" -}}
{{- include "blueprint.finding" (list (printf "/output_object_storage/%d/bucket_name" $i) "not-uploaded" (printf "not uploaded, because a service never finishes; the files stay on PersistentVolumeClaim %s, which undeploy keeps" $claim)) -}}
{{- else -}}
{{- include "blueprint.finding" (list (printf "/output_object_storage/%d/bucket_name" $i) "not-uploaded" (printf "not uploaded, because cluster.objectStorage.secretName is not set; the files stay on PersistentVolumeClaim %s, which undeploy keeps" $claim)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}
