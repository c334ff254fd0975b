/** What an author of `spec.placement` reads when it is wrong. */

export const MAX_NODE_TERMS = 64;
export const MAX_GROUPS = 128;
export const MAX_GROUP_MEMBERS = 64;

/** The same words as in the CEL rules of crds/vippool.io_vippools.yaml. */
export const PLACEMENT_SCHEMA_MESSAGES = {
  nodeChoice: 'give exactly one way to choose nodes: write node (node-a) or matchLabels ({ disk: ssd })',
  groupName:
    'not the name of a group: write at most 63 lower-case letters, digits and "-", with a letter or digit at both ends',
  groupMember: 'a group needs single addresses as its members: write for example "192.0.2.10"',
  followCheck:
    'kind Check needs the name of a check of this pool, and the other kinds take none: write { kind: Check, check: primary }',
  checkName:
    'not the name of a check: write at most 63 lower-case letters, digits and "-", with a letter or digit at both ends',
  followUnknown:
    'not a check of this pool: declare one of that name in spec.health.checks, or write the name of one that is there',
  followRole:
    'this check runs only on nodes that hold addresses, or on those that hold none: remove its role, so that every node tells whether it can be followed',
  capacityMarks: 'the low mark is not below the high one: write for example { highPercent: 90, lowPercent: 75 }',
} as const;

/** What only the controller can see: addresses have many notations, and CEL may not compare every pair. */
export const PLACEMENT_MESSAGES = {
  weightMissing: 'has no weight: write for example { node: node-a, weight: 50 }',
  nobodyLeft:
    'weight 0 for every node leaves nobody to hold the pool: give some nodes a weight above 0 in an earlier entry, or choose fewer nodes here',
  termNeverUsed: (index: number): string =>
    `is never used, since spec.placement.weights[${index}] matches the same nodes before it: remove it, or write it first`,
  homeWithoutWeight: (vip: string, node: string): string =>
    `${node} has weight 0 and is the home of ${vip}: give it a weight above 0, or the address another home`,
  homesOverLimit: (node: string, homes: number): string =>
    `${node} is the home of ${homes} addresses: write at least ${homes}, or give some of them another home`,
  memberOutside: (vip: string): string =>
    `${vip} is no address of this pool: add it to spec.addresses, or remove it from the group`,
  memberTwice: (vip: string): string => `${vip} is listed twice: remove one`,
  groupTwice: (name: string): string => `there is another group ${name}: give each group a name of its own`,
  groupTooSmall: 'a group of fewer than two addresses means nothing: write at least two members, or remove the group',
  inTwoTogether: (vip: string, other: string): string =>
    `${vip} is in group ${other} already, which stays together as well: write one group with the members of both`,
  togetherAndApart: (a: string, b: string, other: string): string =>
    `${a} and ${b} shall be apart here and together in group ${other}: remove one of them from one of the two groups`,
  togetherOverLimit: (size: number, limit: number): string =>
    `${size} addresses shall be together, and maxPerNode is ${limit}: write maxPerNode: ${size} or more, or a smaller group`,
  togetherHomes: (a: string, b: string, homeA: string, homeB: string): string =>
    `${a} and ${b} shall be together and have the homes ${homeA} and ${homeB}: give both the same home, or only one of them a home`,
  apartHomes: (a: string, b: string, home: string): string =>
    `${a} and ${b} shall be apart and both have the home ${home}: give one of them another home`,
  apartAtMaster:
    'these addresses shall be apart, and all that follows the master is on its one node: remove the group, or spec.placement.follow',
  limitAtMaster: (vips: number): string =>
    `${vips} addresses follow the master, which is one node: write at least ${vips}, or remove maxPerNode`,
  homesAtMaster: 'addresses that follow the master have no homes: remove them, or spec.placement.follow',
} as const;
