/** Rules that no schedule shows: what unit tests must find (failure model, Health, service network, placement and tasks). */
import type { TestedBug } from './planted-bug.ts';
import { TESTED_CHECK_BUGS } from './planted-checks.ts';
import { TESTED_ELECTORATE_BUGS } from './planted-electorate.ts';
import { TESTED_HOLD_BUGS } from './planted-hold.ts';

type Bug = Omit<TestedBug, 'section'>;

const REPAIRS_AND_LOAD: readonly Bug[] = [
  {
    name: 'repair-not-waited-for',
    rule: 'while a repair is tried VIPs stay',
    file: 'core/health-verdict.ts',
    find: '} else if (found?.repairing) {',
    replace: '} else if (found?.repairing && isPending) {',
    test: { file: 'core/master-health.test.ts', name: 'stays while a repair is tried, and leaves when that failed' },
  },
  {
    name: 'repairs-that-help-not-counted',
    rule: 'repairs are tried so many times within the window, whether they help or not',
    file: 'core/agent/repairing.ts',
    find: 'Math.max(number - 1, begun.length)',
    replace: 'number - 1',
    test: { file: 'core/agent/repairing.test.ts', name: 'that helps each time is tried `attempts` times' },
  },
  {
    name: 'low-mark-ignored',
    rule: 'a node that was full gets nothing more before it is below the low mark',
    file: 'core/placement/signals.ts',
    find: ' || (before.has(node) && used >= marks.lowPercent)',
    replace: '',
    test: { file: 'core/health-signals.test.ts', name: 'until it is below the low mark' },
  },
];

const MASTERS: readonly Bug[] = [
  {
    name: 'ill-master-stays',
    rule: 'a master whose own node is ill hands over',
    file: 'core/controller/own-node.ts',
    find: 'if (fault && !health.alarm) return',
    replace: 'if (fault && health.alarm) return',
    test: { file: 'core/controller/own-node.test.ts', name: 'hands over at once when a check fails' },
  },
  {
    name: 'old-report-counts-as-held',
    rule: 'what a node said under another master does not tell that its VIPs are held, where the master does not hear it',
    file: 'core/controller/deafness.ts',
    find: ' || isOld(nodes.get(node)?.applied?.term)',
    replace: '',
    test: {
      file: 'core/controller/deafness.test.ts',
      name: 'it told that to another master: it may have let go since',
    },
  },
  {
    name: 'drained-master-stays',
    rule: 'a master whose own node is drained hands over',
    file: 'core/controller/own-node.ts',
    find: "  if (isDrained(state, node)) return 'it is drained';\n",
    replace: '',
    test: { file: 'core/controller/own-node.test.ts', name: 'hands over when its node is drained' },
  },
  {
    name: 'isolated-master-stays',
    rule: 'a master that no node answers by multicast, and that hears no majority of them, hands over',
    file: 'core/controller/member-probe.ts',
    find: "verdict: isCutOff ? 'isolated' : 'no-multicast' }",
    replace: "verdict: 'no-multicast' }",
    test: {
      file: 'core/controller/asking-members.test.ts',
      name: 'hands over when it reaches no node any more and hears none',
    },
  },
  {
    name: 'filtered-multicast-isolates',
    rule: 'where heartbeats arrive nothing is concluded from the multicast of the master',
    file: 'core/controller/member-probe.ts',
    find: 'heard.length * 2 <= expected.length && ',
    replace: '',
    test: {
      file: 'core/controller/member-probe.test.ts',
      name: 'says nothing where nobody answers and heartbeats arrive',
    },
  },
  {
    name: 'lock-not-first-after-failures',
    rule: 'after two rounds without a majority the holder of the lock stands first',
    file: 'core/candidacy.ts',
    find: 'candidacy.failures >= ROUNDS_BEFORE_LOCK || !ballot.promise',
    replace: '!ballot.promise',
    test: { file: 'core/candidacy.test.ts', name: 'twice in a row: the holder of the lock goes first' },
  },
  {
    name: 'lock-not-first-at-first',
    rule: 'before anybody was followed the holder of the lock stands first',
    file: 'core/candidacy.ts',
    find: 'candidacy.failures >= ROUNDS_BEFORE_LOCK || !ballot.promise',
    replace: 'candidacy.failures >= ROUNDS_BEFORE_LOCK',
    test: { file: 'core/candidacy.test.ts', name: 'is for the holder of the lock; the others leave it' },
  },
  {
    name: 'tasks-of-before-the-reign',
    rule: 'a master goes on with no task before it has read the tasks in its reign',
    file: 'core/controller/tasking.ts',
    find: 'if (!isCurrent || (tasks',
    replace: 'if ((tasks',
    test: { file: 'app/controller/controller-loop.test.ts', name: 'leaves no task that is finished to a successor' },
  },
];

const DAMPING: readonly Bug[] = [
  {
    name: 'hold-off-never-doubles',
    rule: 'the hold-off of what flaps doubles each time',
    file: 'core/damping.ts',
    find: 'baseMs * 2 ** (times - 2)',
    replace: 'baseMs',
    test: { file: 'core/damping.test.ts', name: 'holds off for base, then for twice as long each time' },
  },
  {
    name: 'hold-off-without-limit',
    rule: 'a hold-off grows up to its limit',
    file: 'core/damping.ts',
    find: 'Math.min(maxMs, baseMs * 2 ** (times - 2))',
    replace: 'baseMs * 2 ** (times - 2)',
    test: { file: 'core/damping.test.ts', name: 'grows up to max and stays there' },
  },
  {
    name: 'flaps-never-forgotten',
    rule: 'flaps are forgotten when the window has passed since the end of the hold-off',
    file: 'core/damping.ts',
    find: '{ ...item, times: 0 }',
    replace: 'item',
    test: { file: 'core/damping.test.ts', name: 'forgets when the window has passed since its hold-off ended' },
  },
  {
    name: 'holders-chased',
    rule: 'where holders fail a check one after the other, the third keeps its VIPs for a while',
    file: 'core/false-alarm.ts',
    find: 'count >= Math.min(IN_A_ROW, nodes.length)',
    replace: 'count > nodes.length',
    test: { file: 'core/false-alarm.test.ts', name: 'is a check of holders that failed on three of them in a row' },
  },
];

const FLAPS: readonly Bug[] = [
  {
    name: 'planned-stop-counted',
    rule: 'an agent that was stopped in order has not failed',
    file: 'core/node-flaps.ts',
    find: "if (gone !== 'lease-ended' || leaving",
    replace: "if (gone === 'no'",
    test: { file: 'core/node-flaps.test.ts', name: 'is an agent that was stopped in order, or was about to' },
  },
  {
    name: 'work-on-a-node-held-against-it',
    rule: 'what happened to a node until it is no longer drained is forgotten',
    file: 'core/node-flaps.ts',
    find: '|| !isDrained(entry.node)',
    replace: '|| isDrained(entry.node)',
    test: { file: 'core/node-flaps.test.ts', name: 'is what happened until an administrator had done with the node' },
  },
];

const PLACES: readonly Bug[] = [
  {
    name: 'unheard-member-not-missed',
    rule: 'every master misses the nodes on record',
    file: 'core/controller/status-report.ts',
    find: 'now >= blindUntil && expectedIn(pools.nodes).has(node)',
    replace: 'now < blindUntil && expectedIn(pools.nodes).has(node)',
    test: { file: 'core/controller/status-report.test.ts', name: 'are those on record' },
  },
  {
    name: 'leaver-missed',
    rule: 'no node is missed that left in order',
    file: 'core/controller/status-report.ts',
    find: '.filter((record) => !hasLeft(record))',
    replace: '',
    test: { file: 'core/controller/status-report.test.ts', name: 'are not those that left in order' },
  },
  {
    name: 'load-of-other-pools-ignored',
    rule: 'of equally good nodes a VIP comes to one that has less of other pools',
    file: 'core/placement/board.ts',
    find: '-1 : (others[i] ?? 0)',
    replace: '-1 : 0',
    test: { file: 'core/placement/place.test.ts', name: 'breaks ties by what a node holds of other pools' },
  },
  {
    name: 'homes-of-other-pools-ignored',
    rule: 'of equally good nodes one becomes the home of a VIP that is the home of less of other pools',
    file: 'core/placement/homes.ts',
    find: 'otherLoad: input.otherHomes ?? (() => new Map()),',
    replace: 'otherLoad: () => new Map(),',
    test: { file: 'core/placement/plan.test.ts', name: 'leaves the nodes that are homes of other pools to those' },
  },
  {
    name: 'moved-to-a-quiet-node',
    rule: 'a holder that serves a VIP keeps it while nothing is heard of the node that shall have it',
    file: 'core/planned-moves.ts',
    find: 'if (!isGone && quiet.has(node) && ',
    replace: 'if (!isGone && receivers.has(node) && ',
    test: { file: 'core/quiet-nodes.test.ts', name: 'waits with its holder' },
  },
];

const AGENTS: readonly Bug[] = [
  {
    name: 'lost-vips-not-asked-for',
    rule: 'a host asks for the VIPs that it lost with its lease',
    file: 'core/agent/rejoining.ts',
    find: 'hasLease(state, now) ? rejoining.addresses.filter(isOpen) : rejoining.addresses',
    replace: 'rejoining.addresses.filter(isOpen)',
    test: { file: 'core/agent/rejoining.test.ts', name: 'asks who has what it lost' },
  },
  {
    name: 'taken-vips-not-asked-for',
    rule: 'a host asks for the VIPs that were taken from it while nobody answered it on the service network',
    file: 'core/agent/rejoining.ts',
    find: 'return lost.length === 0 ?',
    replace: 'return lost.length >= 0 ?',
    test: { file: 'core/agent/rejoining.test.ts', name: 'asks for them where nobody answers on that network' },
  },
  {
    name: 'asker-always-answered',
    rule: 'a holder answers each asker once a second',
    file: 'core/agent/rejoining.ts',
    find: '  if (recent.some(([asker]) => asker === key)) return [state, []];\n',
    replace: '',
    test: { file: 'core/agent/rejoining.test.ts', name: 'does so once a second for each host' },
  },
  {
    name: 'new-master-waits-for-a-beat',
    rule: 'a node that learns of a higher term tells its master so at once',
    file: 'core/agent/reports.ts',
    find: 'if (term === before.highestTerm || term === undefined',
    replace: 'if (term !== before.highestTerm || term === undefined',
    test: { file: 'core/agent/lease-keeping.test.ts', name: 'is told at once that its term is known' },
  },
  {
    name: 'doubtful-holder-not-told',
    rule: 'where the lost holder has answered not long ago, the next one is told to ask for longer',
    file: 'core/last-holders.ts',
    find: 'insistent: answered.has(vip)',
    replace: 'insistent: false',
    test: { file: 'core/last-holders.test.ts', name: 'with insistence where its lost holder has answered' },
  },
  {
    name: 'doubtful-holder-asked-once',
    rule: 'an agent that was told so asks for longer and more often',
    file: 'core/agent/questions.ts',
    find: 'insistent ? insistenceMs(timing) : probeMs(timing)',
    replace: 'insistent ? probeMs(timing) : probeMs(timing)',
    test: {
      file: 'core/agent/probing.test.ts',
      name: 'is asked again and again where the holder was found alive not long ago',
    },
  },
];

const HOSTS: readonly Bug[] = [
  {
    name: 'one-lane-for-all',
    rule: 'a read that hangs keeps only its own directory or device waiting',
    file: 'adapters/checks/lanes.ts',
    find: 'this.#laneOf(key)',
    replace: "this.#laneOf('')",
    test: { file: 'adapters/checks/lanes.test.ts', name: 'let one key hang without the others' },
  },
  {
    name: 'hanging-reads-without-limit',
    rule: 'threads are left for the rest of the agent',
    file: 'adapters/checks/lanes.ts',
    find: 'new Slots(limit, limit)',
    replace: 'new Slots(limit + 1, limit + 1)',
    test: { file: 'adapters/checks/lanes.test.ts', name: 'never begin more than the limit' },
  },
  {
    name: 'program-takes-all-memory',
    rule: 'a program of a check may take a quarter of the memory of its container',
    file: 'adapters/checks/program-memory.ts',
    find: 'limitBytes / SHARES',
    replace: 'limitBytes',
    test: { file: 'adapters/checks/program-memory.test.ts', name: 'a program has a quarter of the limit' },
  },
  {
    name: 'own-container-taken-for-the-host',
    rule: 'it is known where the agent sees only the processes of its own container',
    file: 'adapters/checks/process-view.ts',
    find: "? 'container' : 'another'",
    replace: "? 'host' : 'another'",
    test: { file: 'adapters/checks/process-view.test.ts', name: 'the processes that are seen in a pod without' },
  },
  {
    name: 'process-of-container-believed',
    rule: 'a process is not looked for where the agent sees only those of its own container',
    file: 'adapters/checks/process-probe.ts',
    find: "if (this.#view === 'container') {",
    replace: "if (this.#view === 'host') {",
    test: { file: 'adapters/checks/process-probe.test.ts', name: 'is not looked for among those of its container' },
  },
];

export const TESTED_BUGS: readonly TestedBug[] = [
  ...TESTED_ELECTORATE_BUGS,
  ...TESTED_HOLD_BUGS,
  ...[...REPAIRS_AND_LOAD, ...MASTERS, ...DAMPING, ...FLAPS, ...TESTED_CHECK_BUGS, ...PLACES, ...AGENTS, ...HOSTS].map(
    (bug) => ({
      ...bug,
      section: '3.8',
    }),
  ),
];
