{{- define "millrace.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "millrace.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "millrace.selector" -}}
app.kubernetes.io/name: {{ include "millrace.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "millrace.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "millrace.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "millrace.application" -}}
{{- index (fromYaml .Values.config).kafka "application.id" | default (fromYaml .Values.config).name -}}
{{- end -}}

{{- define "millrace.topic" -}}
{{- $topics := (fromYaml .root.Values.config).topics | default dict -}}
{{- index $topics .key | default (printf "%s.%s" (fromYaml .root.Values.config).name (.key | replace "_" "-")) -}}
{{- end -}}

{{/* What the container and the one that creates topics before it have in common. */}}
{{- define "millrace.container" -}}
env:
  # Static membership: a pod that comes back under its name gets its partitions back without a rebalance.
  - name: KAFKA_GROUP_INSTANCE_ID
    valueFrom: { fieldRef: { fieldPath: metadata.name } }
  {{- if .Values.kafkaSecret.name }}
  {{- range $setting, $key := .Values.kafkaSecret.settings }}
  - name: {{ printf "KAFKA_%s_FILE" ($setting | upper | replace "." "_") }}
    value: /etc/millrace/kafka/{{ $key }}
  {{- end }}
  {{- end }}
  {{- with .Values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
resources: {{- toYaml .Values.resources | nindent 2 }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
volumeMounts:
  - name: config
    mountPath: /etc/millrace/millrace.yaml
    subPath: millrace.yaml
    readOnly: true
  - name: state
    mountPath: /state
  {{- if .Values.kafkaSecret.name }}
  - name: kafka
    mountPath: /etc/millrace/kafka
    readOnly: true
  {{- end }}
{{- end -}}
