/** What an author of a NodeHealth reads, besides what checks say; the CEL rules of its CRD say the same words. */
export const NODE_MESSAGES = {
  sameCheck: 'two entries for the same check: write all of it into one entry',
  poolName: 'not the name of a pool: write lower-case letters, digits, "-" and ".", for example "nas"',
} as const;

/** As names of API objects are, in a syntax that RE2 and JavaScript read alike. */
export const POOL_NAME_PATTERN = '^[a-z0-9]([a-z0-9-]*[a-z0-9])?([.][a-z0-9]([a-z0-9-]*[a-z0-9])?)*$';
