/** Who is cut off from the service network, and what follows: docs/networks.md. */
import type { PlantedBug } from './planted-bug.ts';

export const SERVICE_BUGS: readonly PlantedBug[] = [
  {
    name: 'switch-taken-for-hosts',
    section: '3.8',
    rule: 'where nobody reaches anybody nothing moves',
    file: 'core/placement/cut-off.ts',
    find: '  if (!takersAmong(nodes).some(({ node }) => isWell(states.get(node)))) return nodes;\n',
    replace: '',
    expected: ['S4', 'S5', 'S8'],
    scenario: 'service',
  },
  {
    name: 'strangers-missed',
    section: '3.8',
    rule: 'the silence of those who have never answered says nothing',
    file: 'core/agent/reach.ts',
    find: "  if (!isKnown && !track.isLost) return { ...track, ...unjudged, state: 'Unknown' };\n",
    replace: '',
    expected: ['S5', 'S6', 'S8'],
    scenario: 'service',
  },
  {
    name: 'trusted-at-once',
    section: '3.8',
    rule: 'hosts behind a switch that mends never look cut off and well at the same time',
    file: 'core/agent/reach.ts',
    find: '  const owedRounds = Math.max(0, track.owedRounds - 1);\n',
    replace: '  const owedRounds = 0;\n',
    expected: ['S5', 'S8'],
    scenario: 'service',
  },
  {
    name: 'cut-off-ignored',
    section: '3.8',
    rule: 'a host that reaches nobody holds nothing that others can hold',
    file: 'core/placement/cut-off.ts',
    find: 'unfit: node.unfit ?? Reason.ServiceUnreachable',
    replace: 'unfit: node.unfit',
    expected: ['S4'],
    scenario: 'service',
  },
];
