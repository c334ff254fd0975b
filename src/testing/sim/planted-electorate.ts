/** Which controllers decide, and how that changes (failure model: Electorate). */
import type { PlantedBug, TestedBug } from './planted-bug.ts';

export const ELECTORATE_BUGS: readonly PlantedBug[] = [
  {
    name: 'two-members-at-once',
    section: '3.11',
    rule: 'one member joins or leaves at a time',
    file: 'core/electorate-change.ts',
    find: "  if (comer) return { kind: 'change', to: { version: electorate.version + 1, members, joining: comer } };",
    replace:
      "  if (comer) return { kind: 'change', to: { version: electorate.version + 1, members: [...members, ...absent] } };",
    also: [
      {
        file: 'core/electorate-change.ts',
        find: '  return firstPossible(electorate, [...silent, ...surplus], wishes);',
        replace:
          "  return surplus.length === 0 ? undefined : { kind: 'change', to: { version: electorate.version + 1, members: members.filter((member) => !isUnwanted(member)) } };",
      },
    ],
    expected: ['S1', 'S2'],
    scenario: 'electorate-losses',
    schedules: 1_000,
  },
  {
    name: 'nodes-left-behind',
    section: '3.11',
    rule: 'the next change waits until everything that a known node may hold rests on the present version',
    file: 'core/controller/electorate-walk.ts',
    find: '  if (unsettled.length > 0) return',
    replace: '  if (unsettled.length > 1_000) return',
    expected: ['S1'],
    scenario: 'electorate-heirs',
  },
  {
    name: 'rests-on-too-soon',
    section: '3.11',
    rule: 'a node that holds something by the version before says so until a majority of the new one has acknowledged it',
    file: 'core/agent/electorate-following.ts',
    find: 'restsOn: holds(before) ? before.restsOn : electorate.version,',
    replace: 'restsOn: electorate.version,',
    expected: ['S1'],
    scenario: 'electorate-heirs',
  },
  {
    name: 'lock-outlives-votes',
    section: '3.11',
    rule: 'who was master by the lock alone is none any more once there are two',
    file: 'core/controller/mandate.ts',
    find: 'state.reign !== undefined && hasAuthority(state.reign, now) : lockMayAct(state.election, now);',
    replace:
      '(state.reign !== undefined && hasAuthority(state.reign, now)) || lockMayAct(state.election, now) : lockMayAct(state.election, now);',
    also: [
      {
        file: 'core/controller/electorate-keeping.ts',
        find: "  return lock(state, { kind: 'yield', reason }, now, config);",
        replace: '  return [state, []];',
      },
    ],
    expected: ['S1', 'S2'],
    scenario: 'electorate',
    schedules: 1_000,
  },
  {
    name: 'either-of-two-decides',
    section: '3.11',
    rule: 'two controllers on the way from one to three, or back, decide only together',
    file: 'core/electorate.ts',
    find: '(members.length === 2 && version > 1)',
    replace: '(members.length === 2 && version > 1e9)',
    expected: ['S1', 'S2'],
    scenario: 'electorate-heirs',
  },
  {
    name: 'configuration-taken-for-the-record',
    section: '3.11',
    rule: 'a controller acts by the recorded electorate, whatever it is configured with',
    file: 'core/controller/controller-state.ts',
    find: '    electorate: recalled?.electorate,\n    standing: standingIn(recalled?.electorate, config),',
    replace:
      '    electorate: { version: 1, members: config.controllers },\n    standing: standingIn({ version: 1, members: config.controllers }, config),',
    expected: ['S1', 'S2'],
    scenario: 'strangers',
  },
];

/** Rules that others cover for in every schedule. */
export const TESTED_ELECTORATE_BUGS: readonly TestedBug[] = [
  {
    name: 'lower-version-elects',
    section: '3.11',
    rule: 'a vote and a promise are given by the same version only',
    file: 'core/controller/mandate.ts',
    find: 'return theirs === own ? undefined',
    replace: 'return theirs !== own || own ? undefined',
    test: {
      file: 'core/controller/electorate-keeping.test.ts',
      name: 'gets neither a vote nor a promise of who acts by this one',
    },
  },
  {
    name: 'reign-outlives-its-version',
    section: '3.11',
    rule: 'a reign ends with the version in which it began',
    file: 'core/controller/electorate-keeping.ts',
    find: '  if (state.reign) return resign(state, reason, undefined, now, config);\n',
    replace: '',
    test: { file: 'core/controller/electorate-keeping.test.ts', name: 'ends the reign of who adopts it' },
  },
  {
    name: 'agent-of-another-version-acknowledged',
    section: '3.11',
    rule: 'a controller acknowledges only agents of its own version, and an agent counts only such acknowledgements',
    file: 'core/controller/agent-messages.ts',
    find: ' || beat.electorate !== electorate.version) return',
    replace: ') return',
    test: { file: 'core/controller/electorate-keeping.test.ts', name: 'is acknowledged to no agent' },
  },
  {
    name: 'learns-from-anybody',
    section: '3.11',
    rule: 'a controller without memory learns from etcd alone which controllers there are',
    file: 'core/controller/electorate-keeping.ts',
    find: '(state.electorate ? adoptHigher(state, electorate, now, config) : [soon(state, now), []]);',
    replace: 'adoptHigher(state, electorate, now, config);',
    test: { file: 'core/controller/mandate.test.ts', name: 'learns from etcd alone which controllers there are' },
  },
  {
    name: 'held-through-two-steps',
    section: '3.11',
    rule: 'an agent that was left behind by two versions lets go of what it still holds',
    file: 'core/agent/electorate-following.ts',
    find: 'electorate.version > known + 1 && holds(before)',
    replace: 'electorate.version > known + 1e9 && holds(before)',
    test: { file: 'core/agent/electorate-following.test.ts', name: 'that is two steps away ends all that is held' },
  },
  {
    name: 'upheld-by-who-is-left',
    section: '3.11',
    rule: 'a lease that rests on an earlier electorate may have been revoked by controllers that have left since',
    file: 'core/controller/claims.ts',
    find: 'if (version > 1 && ',
    replace: 'if (version > 1e9 && ',
    test: {
      file: 'core/controller/claims.test.ts',
      name: 'may have been revoked by those that have left, where it rests on an electorate with them',
    },
  },
  {
    name: 'waits-for-the-lost',
    section: '3.11',
    rule: 'one that is lost goes before one that leaves, where the rest could not decide otherwise',
    file: 'core/electorate-change.ts',
    find: "steps.find(({ kind }) => kind === 'change') ?? steps[0]",
    replace: 'steps[0]',
    test: { file: 'core/electorate-change.test.ts', name: 'removes one that is lost before one that leaves' },
  },
  {
    name: 'two-for-want-of-a-third',
    section: '3.11',
    rule: 'one controller makes way for two only when the third is there as well',
    file: 'core/electorate-change.ts',
    find: ' && (!comer || members.length === 1)',
    replace: ' && !comer',
    test: { file: 'core/electorate-change.test.ts', name: 'does not leave one for two before the third is there' },
  },
];
