/** CoreDNS, as every cluster has it. */
import { stringify } from 'yaml';
import { CLUSTER_DOMAIN, DNS_ADDRESS } from './addresses.ts';
import { DNS_IMAGE } from './images.ts';

const NAMESPACE = 'kube-system';
export const DNS_DEPLOYMENT = 'coredns';
const LABELS = { 'k8s-app': 'kube-dns' };
const CORE_FILE = `.:53 {
  errors
  health
  ready
  kubernetes ${CLUSTER_DOMAIN} in-addr.arpa ip6.arpa
  cache 30
}
`;

const named = (apiVersion: string, kind: string, name: string, more: object): object => ({
  apiVersion,
  kind,
  metadata: { name, namespace: NAMESPACE, labels: LABELS },
  ...more,
});

const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:coredns' };
const read = ['list', 'watch'];

const container = {
  name: 'coredns',
  image: DNS_IMAGE,
  imagePullPolicy: 'Never',
  args: ['-conf', '/etc/coredns/Corefile'],
  ports: [
    { name: 'dns', containerPort: 53, protocol: 'UDP' },
    { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
  ],
  readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
  volumeMounts: [{ name: 'config', mountPath: '/etc/coredns' }],
};

/** Two of them, on different nodes. */
const deployment = {
  replicas: 2,
  selector: { matchLabels: LABELS },
  template: {
    metadata: { labels: LABELS },
    spec: {
      serviceAccountName: DNS_DEPLOYMENT,
      priorityClassName: 'system-cluster-critical',
      dnsPolicy: 'Default',
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchLabels: LABELS },
        },
      ],
      containers: [container],
      volumes: [{ name: 'config', configMap: { name: 'coredns' } }],
    },
  },
};

export const dnsManifest = (): string =>
  [
    named('v1', 'ServiceAccount', DNS_DEPLOYMENT, {}),
    named('rbac.authorization.k8s.io/v1', 'ClusterRole', role.name, {
      rules: [
        { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: read },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
      ],
    }),
    named('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', role.name, {
      roleRef: role,
      subjects: [{ kind: 'ServiceAccount', name: DNS_DEPLOYMENT, namespace: NAMESPACE }],
    }),
    named('v1', 'ConfigMap', 'coredns', { data: { Corefile: CORE_FILE } }),
    named('apps/v1', 'Deployment', DNS_DEPLOYMENT, { spec: deployment }),
    named('v1', 'Service', 'kube-dns', {
      spec: {
        selector: LABELS,
        clusterIP: DNS_ADDRESS,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
        ],
      },
    }),
  ]
    .map((manifest) => stringify(manifest))
    .join('---\n');
