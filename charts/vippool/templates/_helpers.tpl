{{/* Name of the chart or what replaces it. */}}
{{- define "vippool.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Beginning of the names of all objects. Room is left for suffixes, since pod names become labels of 63 characters. */}}
{{- define "vippool.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "vippool.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "vippool.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "vippool.controllerName" -}}{{ include "vippool.fullname" . }}-controller{{- end -}}
{{- define "vippool.agentName" -}}{{ include "vippool.fullname" . }}-agent{{- end -}}
{{- define "vippool.etcdName" -}}{{ include "vippool.fullname" . }}-etcd{{- end -}}

{{/* What selects pods: never changes between versions. Takes (list context component). */}}
{{- define "vippool.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "vippool.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* Labels of an object. Takes (list context component). */}}
{{- define "vippool.labels" -}}
{{- $root := index . 0 -}}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "vippool.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/part-of: vippool
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Labels of a pod: without versions, which would replace pods that are as they were. Takes (list context component labels). */}}
{{- define "vippool.podLabels" -}}
{{- $root := index . 0 -}}
{{ include "vippool.selector" . }}
app.kubernetes.io/part-of: vippool
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- with index . 2 }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Annotations of a pod. Takes (list context annotations port scheme). */}}
{{- define "vippool.podAnnotations" -}}
{{- $root := index . 0 -}}
{{- $scrape := dict -}}
{{- if $root.Values.monitoring.scrapeAnnotations -}}
{{- $scrape = dict "prometheus.io/scrape" "true" "prometheus.io/port" (toString (index . 2)) "prometheus.io/path" "/metrics" "prometheus.io/scheme" (index . 3) -}}
{{- end -}}
{{- with merge (dict) (index . 1) $scrape -}}
annotations:
{{ toYaml . | indent 2 }}
{{- end -}}
{{- end -}}

{{/* Reference of an image. Takes (list image defaultTag). */}}
{{- define "vippool.image" -}}
{{- $image := index . 0 -}}
{{- with $image.registry }}{{ . }}/{{ end -}}
{{- $image.repository -}}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ default (index . 1) $image.tag }}{{ end -}}
{{- end -}}

{{- define "vippool.ownImage" -}}{{ include "vippool.image" (list .Values.image .Chart.AppVersion) }}{{- end -}}

{{- define "vippool.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
{{ toYaml . | indent 2 }}
{{- end }}
{{- end -}}

{{- define "vippool.controllerServiceAccount" -}}
{{- default (ternary (include "vippool.controllerName" .) "default" .Values.controller.serviceAccount.create) .Values.controller.serviceAccount.name -}}
{{- end -}}

{{- define "vippool.agentServiceAccount" -}}
{{- default (ternary (include "vippool.agentName" .) "default" .Values.agent.serviceAccount.create) .Values.agent.serviceAccount.name -}}
{{- end -}}

{{/* Name in DNS of one controller. Takes (list context ordinal). */}}
{{- define "vippool.controllerHost" -}}
{{- $root := index . 0 -}}
{{- $name := include "vippool.controllerName" $root -}}
{{ $name }}-{{ index . 1 }}.{{ $name }}.{{ $root.Release.Namespace }}.svc.{{ $root.Values.clusterDomain }}
{{- end -}}

{{/* The electorate, the same text for all controllers and agents: ID=HOST:PORT,... */}}
{{- define "vippool.controllers" -}}
{{- $members := list -}}
{{- range $i := until (int .Values.controller.replicas) -}}
{{- $members = append $members (printf "%s-%d=%s:%d" (include "vippool.controllerName" $) $i (include "vippool.controllerHost" (list $ $i)) (int $.Values.controller.port)) -}}
{{- end -}}
{{- join "," $members -}}
{{- end -}}

{{- define "vippool.tls" -}}{{ if ne .Values.tls.mode "none" }}true{{ end }}{{- end -}}

{{/* Whether controllers make the certificates. */}}
{{- define "vippool.tlsAuto" -}}{{ if eq .Values.tls.mode "auto" }}true{{ end }}{{- end -}}

{{/* Secret of the authority that controllers keep, and ConfigMap with what everybody may know of it. */}}
{{- define "vippool.authorityName" -}}{{ include "vippool.fullname" . }}-authority{{- end -}}

{{/* Names of the Secrets of controllers, in order, joined by commas. */}}
{{- define "vippool.controllerSecrets" -}}
{{- $names := list -}}
{{- if eq .Values.tls.mode "existingSecrets" -}}
{{- $names = .Values.tls.existingSecrets.controllers -}}
{{- else -}}
{{- range $i := until (int .Values.controller.replicas) -}}
{{- $names = append $names (printf "%s-%d-tls" (include "vippool.controllerName" $) $i) -}}
{{- end -}}
{{- end -}}
{{- join "," $names -}}
{{- end -}}

{{- define "vippool.etcdSecret" -}}
{{- if eq .Values.tls.mode "existingSecrets" }}{{ .Values.tls.existingSecrets.etcd }}{{ else }}{{ include "vippool.etcdName" . }}-tls{{ end -}}
{{- end -}}

{{/* Secret with which controllers talk to etcd; empty: none, or the certificate that a controller makes for itself. */}}
{{- define "vippool.etcdClientSecret" -}}
{{- if not .Values.etcd.bundled -}}
{{- .Values.etcd.external.secretName -}}
{{- else if eq .Values.tls.mode "existingSecrets" -}}
{{- .Values.tls.existingSecrets.etcdClient -}}
{{- else if eq .Values.tls.mode "certManager" -}}
{{- include "vippool.etcdName" . }}-client-tls
{{- end -}}
{{- end -}}

{{- define "vippool.etcdScheme" -}}{{ if include "vippool.tls" . }}https{{ else }}http{{ end }}{{- end -}}

{{/* Name in DNS of one etcd member. Takes (list context ordinal). */}}
{{- define "vippool.etcdHost" -}}
{{- $root := index . 0 -}}
{{- $name := include "vippool.etcdName" $root -}}
{{ $name }}-{{ index . 1 }}.{{ $name }}.{{ $root.Release.Namespace }}.svc.{{ $root.Values.clusterDomain }}
{{- end -}}

{{/* Client URLs of etcd, joined by commas. */}}
{{- define "vippool.etcdEndpoints" -}}
{{- if not .Values.etcd.bundled -}}
{{- join "," .Values.etcd.endpoints -}}
{{- else -}}
{{- $urls := list -}}
{{- range $i := until (int .Values.etcd.replicas) -}}
{{- $urls = append $urls (printf "%s://%s:2379" (include "vippool.etcdScheme" $) (include "vippool.etcdHost" (list $ $i))) -}}
{{- end -}}
{{- join "," $urls -}}
{{- end -}}
{{- end -}}

{{/* Arguments that controllers and agents share. */}}
{{- define "vippool.commonArgs" -}}
- --controllers={{ include "vippool.controllers" . }}
- --timing={{ .Values.timing.profile }}
{{- with .Values.timing.heartbeatInterval }}
- --heartbeat-interval={{ . }}
{{- end }}
{{- with .Values.timing.leaseDuration }}
- --lease-duration={{ . }}
{{- end }}
{{- with .Values.timing.leaseMargin }}
- --lease-margin={{ . }}
{{- end }}
{{- with .Values.timing.leaderLease }}
- --leader-lease={{ . }}
{{- end }}
- --log-level={{ .Values.log.level }}
- --log-format={{ .Values.log.format }}
{{- end -}}

{{- define "vippool.metricsScheme" -}}
{{- .Values.monitoring.tls.secretName | empty | ternary "http" "https" -}}
{{- end -}}

{{/* Arguments, mounts and volumes of a container that serves metrics. */}}
{{- define "vippool.metricsArgs" -}}
{{- if .Values.monitoring.tls.secretName }}
- --metrics-tls-cert=/etc/vippool/metrics-tls/tls.crt
- --metrics-tls-key=/etc/vippool/metrics-tls/tls.key
{{- end }}
{{- if .Values.monitoring.token.secretName }}
- --metrics-token-file=/etc/vippool/metrics-token/token
{{- end }}
{{- end -}}

{{- define "vippool.metricsMounts" -}}
{{- if .Values.monitoring.tls.secretName }}
- { name: metrics-tls, mountPath: /etc/vippool/metrics-tls, readOnly: true }
{{- end }}
{{- if .Values.monitoring.token.secretName }}
- { name: metrics-token, mountPath: /etc/vippool/metrics-token, readOnly: true }
{{- end }}
{{- end -}}

{{- define "vippool.metricsVolumes" -}}
{{- with .Values.monitoring.tls.secretName }}
- name: metrics-tls
  secret:
    secretName: {{ . }}
    defaultMode: 288
    items:
      - { key: tls.crt, path: tls.crt }
      - { key: tls.key, path: tls.key }
{{- end }}
{{- with .Values.monitoring.token.secretName }}
- name: metrics-token
  secret:
    secretName: {{ . }}
    defaultMode: 288
    items:
      - { key: token, path: token }
{{- end }}
{{- end -}}

{{/* How Prometheus asks a controller or agent. */}}
{{- define "vippool.metricsEndpoint" -}}
{{- with .Values.monitoring.tls }}
{{- if .secretName }}
scheme: https
tlsConfig:
  ca:
    secret: { name: {{ .secretName }}, key: ca.crt }
  serverName: {{ .serverName }}
{{- end }}
{{- end }}
{{- with .Values.monitoring.token.secretName }}
authorization:
  type: Bearer
  credentials: { name: {{ . }}, key: token }
{{- end }}
{{- end -}}

{{/* Address of the pod, on the host network that of its node. In brackets it may be IPv4 or IPv6. */}}
{{- define "vippool.podEnv" -}}
- name: POD_NAME
  valueFrom:
    fieldRef:
      apiVersion: v1
      fieldPath: metadata.name
- name: POD_IP
  valueFrom:
    fieldRef:
      apiVersion: v1
      fieldPath: status.podIP
{{- end -}}

{{/*
Probes ask the process about itself alone: no etcd, API server or peer that is away makes one fail. Takes (list context port).
*/}}
{{- define "vippool.probes" -}}
{{- $context := index . 0 }}
{{- $port := index . 1 }}
{{- $scheme := include "vippool.metricsScheme" $context | upper -}}
livenessProbe:
  httpGet: { path: /healthz, port: {{ $port }}, scheme: {{ $scheme }} }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: { path: /readyz, port: {{ $port }}, scheme: {{ $scheme }} }
  periodSeconds: 2
  timeoutSeconds: 3
  failureThreshold: 3
{{- end -}}

{{/* Keeps pods of one component on different nodes. Takes (list context component). */}}
{{- define "vippool.apart" -}}
podAntiAffinity:
  requiredDuringSchedulingIgnoredDuringExecution:
    - topologyKey: kubernetes.io/hostname
      labelSelector:
        matchLabels:
{{ include "vippool.selector" . | indent 10 }}
{{- end -}}

{{- define "vippool.overZones" -}}
- maxSkew: 1
  topologyKey: topology.kubernetes.io/zone
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
{{ include "vippool.selector" . | indent 6 }}
{{- end -}}

{{/* What a container without any privilege may do. */}}
{{- define "vippool.restricted" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}
