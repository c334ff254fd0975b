/**
 * What checks mean for who holds a VIP, and what must not follow from them: failure model, Health, service network,
 * placement and tasks.
 */
import type { PlantedBug } from './planted-bug.ts';

const BUGS: readonly Omit<PlantedBug, 'section' | 'scenario'>[] = [
  {
    name: 'unknown-counts-as-healthy',
    rule: 'a check without a new result makes a node unhealthy',
    file: 'core/health-verdict.ts',
    find: "    const state = found?.state ?? (now >= deadline ? 'Unknown' : 'Pending');",
    replace:
      "    const told = found?.state ?? (now >= deadline ? 'Unknown' : 'Pending');\n    const state = told === 'Unknown' ? 'Passing' : told;",
    expected: ['S4', 'S5'],
  },
  {
    name: 'pending-node-is-given-vips',
    rule: 'a node of which nothing is known yet is given nothing',
    file: 'core/health-verdict.ts',
    find: "isPending ? 'Pending' :",
    replace: "isPending ? 'Healthy' :",
    expected: ['S5'],
  },
  {
    name: 'maintenance-ignored',
    rule: 'a drained node gives its VIPs away and is given none',
    file: 'core/placement/candidates.ts',
    find: '  if (maintenance.has(node)) return Reason.Maintenance;\n',
    replace: '',
    expected: ['S4', 'S5'],
  },
  {
    name: 'weight-ignored',
    rule: 'weight 0 keeps VIPs away from a node',
    file: 'core/placement/roster.ts',
    find: 'declared === 0 ? 0 : (nodeWeights.get(node) ?? declared)',
    replace: 'declared',
    expected: ['S4', 'S5'],
  },
  {
    name: 'no-hold-off',
    rule: 'a node that was ill again within the window is held off',
    file: 'core/damping.ts',
    find: 'return times < 2 || baseMs === 0 ? 0 :',
    replace: 'return times < 99 || baseMs === 0 ? 0 :',
    expected: ['S8'],
  },
  {
    name: 'all-unhealthy-lets-go',
    rule: 'with no node healthy each VIP stays where it is',
    file: 'core/placement/fitness.ts',
    find: "const keeps = whenAllUnhealthy === 'Keep';",
    replace: "const keeps = whenAllUnhealthy === 'Keep' && nodes.length === 0;",
    also: [
      {
        file: 'core/placement/plan.ts',
        find: "if (health.whenAllUnhealthy !== 'Release' || !standings) return placed;",
        replace: 'if (!standings) return placed;',
      },
    ],
    expected: ['S4'],
  },
  {
    name: 'least-bad-not-given',
    rule: 'with no node healthy what lost its holder goes to the least bad one',
    file: 'core/placement/fitness.ts',
    find: 'takers.filter((node) => faults(node) === least)',
    replace: 'takers.filter((node) => faults(node) < least)',
    expected: ['S4'],
  },
  {
    name: 'penalty-ignored',
    rule: 'a check of severity Degrade makes a node carry less',
    file: 'core/health-verdict.ts',
    find: 'kept *= 1 - check.penalty / 100;',
    replace: 'kept *= 1 - 0 / 100;',
    expected: ['S6'],
  },
  {
    name: 'false-alarm-moves',
    rule: 'while all nodes fail the same check nothing moves, nor while they recover',
    file: 'core/placement/fitness.ts',
    find: 'if (keeps && (isCrisis || health.alarm))',
    replace: 'if (keeps && isCrisis)',
    expected: ['S5'],
  },
];

const HOLDER_BUGS: typeof BUGS = [
  {
    name: 'rested-counts-as-well',
    rule: 'what failed while a node held VIPs counts for a while after they left',
    file: 'core/health-verdict.ts',
    find: '        if (before && failedLast(before, check.name)) unproven.push(check);\n',
    replace: '',
    expected: ['S8'],
  },
];

const bugsOf = (scenario: string, bugs: typeof BUGS): PlantedBug[] =>
  bugs.map((bug) => ({ ...bug, section: '3.8', scenario }));

export const HEALTH_BUGS: readonly PlantedBug[] = [...bugsOf('health', BUGS), ...bugsOf('holders', HOLDER_BUGS)];
