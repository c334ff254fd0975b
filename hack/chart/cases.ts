/** Values of installations that differ in everything that a template asks for. */
export const CASES: Readonly<Record<string, object>> = {
  defaults: {},
  'one controller, etcd in memory': {
    controller: { replicas: 1, podDisruptionBudget: { enabled: false } },
    etcd: { replicas: 1, persistence: { type: 'memory' } },
  },
  'five controllers': { controller: { replicas: 5 }, etcd: { replicas: 5 } },
  'etcd of its own': {
    etcd: {
      bundled: false,
      endpoints: ['https://192.0.2.1:2379', 'https://192.0.2.2:2379'],
      external: { secretName: 'etcd', clientCertificate: true },
    },
  },
  'etcd of its own, its authority alone': {
    etcd: { bundled: false, endpoints: ['https://192.0.2.1:2379'], external: { secretName: 'etcd' } },
  },
  'certificates of cert-manager': { tls: { mode: 'certManager' } },
  'certificates of an issuer, etcd of its own': {
    tls: { mode: 'certManager', certManager: { issuerRef: { name: 'company', kind: 'ClusterIssuer' } } },
    etcd: { bundled: false, endpoints: ['https://192.0.2.1:2379'] },
  },
  'certificates in Secrets': {
    tls: {
      mode: 'existingSecrets',
      existingSecrets: { controllers: ['c0', 'c1', 'c2'], etcd: 'etcd', etcdClient: 'etcd-client' },
      agent: { volume: { csi: { driver: 'certificates.example.com', readOnly: true } } },
    },
  },
  'pod network, policies with subnets': {
    controller: { hostNetwork: false },
    networkPolicy: { nodeCidrs: ['192.0.2.0/24', '2001:db8::/64'] },
  },
  'no policies, no roles, no CRDs': {
    crds: { install: false },
    rbac: { create: false },
    networkPolicy: { enabled: false },
    controller: { serviceAccount: { create: false, name: 'controllers' } },
    agent: { serviceAccount: { create: false } },
  },
  everything: {
    commonLabels: { team: 'storage' },
    image: { registry: 'registry.example.com', digest: `sha256:${'0'.repeat(64)}`, pullSecrets: [{ name: 'pull' }] },
    timing: {
      profile: 'Fast',
      heartbeatInterval: '50ms',
      leaseDuration: '400ms',
      leaseMargin: '50ms',
      leaderLease: '150ms',
    },
    log: { level: 'debug', format: 'pretty' },
    controller: {
      realtime: 'on',
      extraArgs: ['--priority=5'],
      extraEnv: [{ name: 'NODE_OPTIONS', value: '--max-old-space-size=256' }],
      affinity: { nodeAffinity: {} },
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'rack', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} },
      ],
      serviceAccount: { annotations: { note: 'a' } },
      podAnnotations: { note: 'a' },
      podLabels: { rack: 'a' },
      nodeSelector: {},
      tolerations: [],
      priorityClassName: '',
    },
    agent: {
      interfaces: ['eth1', 'bond0.100'],
      allowedAddresses: ['192.0.2.0/24', '2001:db8::/64'],
      labels: { role: 'nas', disk: 'fast' },
      onStop: 'keep',
      addressLifetime: '60s',
      supervise: 'off',
      realtime: 'off',
      hostPID: true,
      extraArgs: ['--config=/etc/vippool/agent.yaml'],
      extraEnv: [{ name: 'TZ', value: 'UTC' }],
      extraVolumes: [{ name: 'export', hostPath: { path: '/export' } }],
      extraVolumeMounts: [{ name: 'export', mountPath: '/export', readOnly: true }],
      extraCapabilities: ['SETUID', 'SETGID'],
      affinity: { nodeAffinity: {} },
      updateStrategy: { type: 'OnDelete' },
      serviceAccount: { annotations: { note: 'a' } },
      podAnnotations: { note: 'a' },
      podLabels: { rack: 'a' },
    },
    etcd: {
      persistence: { type: 'hostPath' },
      extraArgs: ['--snapshot-count=5000'],
      affinity: { nodeAffinity: {} },
      podAnnotations: { note: 'a' },
      podLabels: { rack: 'a' },
    },
    monitoring: {
      podMonitor: { enabled: true, interval: '15s', labels: { release: 'prometheus' } },
      serviceMonitor: { enabled: true, interval: '15s', labels: { release: 'prometheus' } },
      prometheusRule: { enabled: true, labels: { release: 'prometheus' } },
      dashboard: { enabled: true, annotations: { folder: 'Networking' } },
      scrapeAnnotations: true,
    },
  },
};

/** Values that must be refused, with a part of what is said. */
export const REFUSED: readonly (readonly [title: string, values: object, message: RegExp])[] = [
  ['no service interface', { agent: { interfaces: [] } }, /agent\.interfaces is empty: name the service interfaces/],
  ['two controllers', { controller: { replicas: 2 } }, /'\/controller\/replicas': value must be one of 1, 3, 5/],
  ['an unknown name', { agent: { colour: 'red' } }, /at '\/agent': additional properties 'colour' not allowed/],
  ['a wrong mode', { tls: { mode: 'auto' } }, /'\/tls\/mode': value must be one of 'none', 'certManager'/],
  ['an address for a subnet', { agent: { allowedAddresses: ['192.0.2.1'] } }, /'\/agent\/allowedAddresses\/0'/],
  ['no subnet', { agent: { allowedAddresses: [] } }, /agent\.allowedAddresses is empty/],
  ['a number for a duration', { timing: { leaseDuration: 1 } }, /'\/timing\/leaseDuration': got number, want string/],
  ['a port that is used twice', { agent: { metricsPort: 7480 } }, /write four different ones/],
  ['a port that is none', { controller: { port: 70_000 } }, /'\/controller\/port': maximum/],
  ['etcd of nobody', { etcd: { bundled: false } }, /etcd\.endpoints is empty while etcd\.bundled is false/],
  ['two etcds', { etcd: { endpoints: ['http://192.0.2.1:2379'] } }, /etcd\.endpoints has no effect/],
  ['three members without a memory', { etcd: { persistence: { type: 'memory' } } }, /needs etcd\.replicas 1, not 3/],
  [
    'a client certificate of no Secret',
    { etcd: { bundled: false, endpoints: ['https://a:2379'], external: { clientCertificate: true } } },
    /needs etcd\.external\.secretName/,
  ],
  [
    'fewer Secrets than controllers',
    { tls: { mode: 'existingSecrets', existingSecrets: { controllers: ['a'], etcd: 'e', etcdClient: 'c' } } },
    /names 1 Secrets for 3 controllers/,
  ],
  [
    'no Secret for etcd',
    { tls: { mode: 'existingSecrets', existingSecrets: { controllers: ['a', 'b', 'c'] } } },
    /the bundled etcd needs both Secrets/,
  ],
];
