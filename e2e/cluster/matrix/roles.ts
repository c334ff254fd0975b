/** What users may do who have the cluster's own roles view and edit, and nothing else. */
import { stringify } from 'yaml';
import { poolManifest } from '../../lib/pool-manifest.ts';
import { waitFor } from '../../lib/wait.ts';
import { nothing } from '../../matrix/promises.ts';
import type { Client } from '../client.ts';
import { NAMESPACE } from '../release.ts';
import { AUTHORITY_SECRET } from './certificates.ts';
import type { ClusterFault } from './fault.ts';
import { refusalOf } from './refused.ts';

export const ROLES = ['view', 'edit'] as const;
export type Role = (typeof ROLES)[number];

/** A pool that no node is asked to hold. */
const POOL = 'roles';
const MANIFEST = poolManifest(POOL, ['192.0.2.99'], { role: 'nobody' });
const STATUS = `/apis/vippool.io/v1alpha1/vippools/${POOL}/status`;
/** The controller manager has to add our rules to the roles. */
const AGGREGATED_WITHIN_MS = 60_000;

/** Something to ask for, by a real request and by `kubectl auth can-i`. */
export interface Wish {
  readonly request: readonly string[];
  readonly input?: string;
  /** Arguments of `kubectl auth can-i`. */
  readonly canI: readonly string[];
  /** Who is served; everybody else is forbidden. */
  readonly served: readonly Role[];
}

const NODES: Wish = { request: ['get', 'nodes'], canI: ['list', 'nodes'], served: [] };
/** Of the release. Kubernetes itself lets edit read every Secret of a namespace. */
const SECRET: Wish = {
  request: ['-n', NAMESPACE, 'get', 'secret', AUTHORITY_SECRET],
  canI: ['get', `secret/${AUTHORITY_SECRET}`, '-n', NAMESPACE],
  served: ['edit'],
};

/** In this order: what edit applies is there to be looked at, and gone in the end. */
export const WISHES: readonly Wish[] = [
  { request: ['apply', '-f', '-'], input: MANIFEST, canI: ['create', 'vippools.vippool.io'], served: ['edit'] },
  ...['vippools', 'nodehealths', 'viptasks'].map((plural): Wish => {
    const resource = `${plural}.vippool.io`;
    return { request: ['get', resource], canI: ['list', resource], served: ROLES };
  }),
  { request: ['get', 'vippool', POOL], canI: ['get', 'vippools.vippool.io'], served: ROLES },
  {
    request: ['patch', 'vippool', POOL, '--type=merge', '-p', '{"spec":{"failback":{"delay":"3s"}}}'],
    canI: ['patch', 'vippools.vippool.io'],
    served: ['edit'],
  },
  {
    request: ['replace', '--raw', STATUS, '-f', '-'],
    input: stringify({ apiVersion: 'vippool.io/v1alpha1', kind: 'VipPool', metadata: { name: POOL }, status: {} }),
    canI: ['update', 'vippools.vippool.io', '--subresource=status'],
    served: [],
  },
  SECRET,
  NODES,
  {
    request: ['get', 'clusterroles', 'vippool-controller'],
    canI: ['get', 'clusterroles.rbac.authorization.k8s.io'],
    served: [],
  },
  { request: ['delete', 'vippool', POOL, '--timeout=60s'], canI: ['delete', 'vippools.vippool.io'], served: ['edit'] },
];

export const ROLES_STORY: ClusterFault = {
  name: 'roles',
  does: "users with the cluster's roles view and edit ask for what they may, and for what they may not",
  heals: 'their bindings are deleted',
  promised: nothing,
  promisedBack: nothing,
  once: true,
  keepsPods: true,
  async inflict({ kube: { client }, findings }) {
    for (const role of ROLES) await client.apply(stringify(binding(role)));
    for (const role of ROLES) {
      await waitFor(
        `the role ${role} to know pools`,
        () => may(client, role, ['list', 'vippools.vippool.io']),
        AGGREGATED_WITHIN_MS,
      );
    }
    // Before what view may not do could be hidden by what edit has done.
    for (const wish of WISHES) {
      for (const role of ROLES) findings.push(...(await asked(client, role, wish)));
    }
    return () => client.kubectl(['delete', 'clusterrolebinding', ...ROLES.map(userOf)]);
  },
};

const userOf = (role: Role): string => `lab-${role}`;

const binding = (role: Role): object => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: userOf(role) },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: userOf(role) }],
});

const may = async (client: Client, role: Role, args: readonly string[]): Promise<boolean> =>
  (await refusalOf(client.kubectl(['auth', 'can-i', '--quiet', '--as', userOf(role), ...args]))) === undefined;

async function asked(client: Client, role: Role, wish: Wish): Promise<readonly string[]> {
  const { request, input, canI } = wish;
  const said = await refusalOf(
    client.kubectl(['--as', userOf(role), ...request], input === undefined ? {} : { input }),
  );
  return judged(role, wish, said, await may(client, role, canI));
}

/** What was not as promised. @param said undefined where the request was served. Pure. */
export function judged(
  role: Role,
  { request, canI, served }: Wish,
  said: string | undefined,
  isAllowed: boolean,
): string[] {
  const what = `kubectl ${request.join(' ')} as ${role}`;
  const isServed = served.includes(role);
  const broken: string[] = [];
  if (isServed && said !== undefined) broken.push(`${what}: was refused: ${said}`);
  if (!isServed && said === undefined) broken.push(`${what}: was served`);
  if (!isServed && said !== undefined && !said.includes('orbidden')) broken.push(`${what}: failed otherwise: ${said}`);
  if (isAllowed !== isServed)
    broken.push(`kubectl auth can-i ${canI.join(' ')} as ${role}: ${isAllowed ? 'yes' : 'no'}`);
  return broken;
}
