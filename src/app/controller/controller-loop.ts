import { followed } from '../../core/ballot.ts';
import { controllerWakeAt, stepController } from '../../core/controller/controller.ts';
import {
  type ControllerConfig,
  type ControllerEffect,
  type ControllerEvent,
  type ControllerState,
  initialController,
} from '../../core/controller/controller-state.ts';
import type { Difference } from '../../core/controller/differences.ts';
import { takesPart, whomToReach } from '../../core/controller/standing.ts';
import { jumpRefusal } from '../../core/electorate-change.ts';
import { byVotes, mayAct } from '../../core/controller/mandate.ts';
import type { ElectorateMember } from '../../core/electorate.ts';
import type { ControllerMessage } from '../../core/messages.ts';
import { formatTerm } from '../../core/term.ts';
import type { AgentServer, SessionId } from '../../ports/agent-server.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ControllerMemoryStore } from '../../ports/controller-memory.ts';
import type { ElectionStore } from '../../ports/election-store.ts';
import type { Log } from '../../ports/log.ts';
import type { MemberProbe } from '../../ports/member-probe.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { PeerLink } from '../../ports/peer-link.ts';
import type { Source, SourceSnapshot } from '../../ports/source.ts';
import { Lateness } from '../lateness.ts';
import { pause } from '../pause.ts';
import { SerialQueue } from '../serial-queue.ts';
import { FleetMetrics } from './fleet-metrics.ts';
import { ElectionRunner } from './election-runner.ts';
import { EventWriter } from './event-writer.ts';
import { StatusWriter } from './status-writer.ts';
import { TaskWriter } from './task-writer.ts';

export interface ControllerPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly store: ElectionStore;
  readonly server: AgentServer;
  readonly source: Source;
  readonly peers: PeerLink;
  readonly memory: ControllerMemoryStore;
  /** Without one, nodes are not asked by multicast. */
  readonly members?: MemberProbe;
}

/** Of the differences that a new master finds so many are told one by one. */
const DIFFERENCES_SHOWN = 10;
/** Who leaves looks this often whether it has left. */
const LEAVE_LOOK_MS = 100;

/** The imperative shell of a controller: queue -> core.step -> effects. Decides nothing. */
export class ControllerLoop {
  readonly #ports: ControllerPorts;
  readonly #config: ControllerConfig;
  readonly #queue: SerialQueue<ControllerEvent>;
  readonly #election: ElectionRunner;
  readonly #events: EventWriter;
  readonly #status: StatusWriter;
  readonly #fleet: FleetMetrics;
  readonly #tasks: TaskWriter;
  #hasTasks = false;
  readonly #problemsSeen = new Set<string>();
  #state: ControllerState;

  constructor(ports: ControllerPorts, config: ControllerConfig) {
    this.#ports = ports;
    this.#config = config;
    this.#state = initialController(ports.clock.now(), config, undefined);
    const lateness = new Lateness(ports, config.timing.leaseMs / 4);
    this.#queue = new SerialQueue<ControllerEvent>(
      ports.clock,
      { kind: 'tick' },
      (event) => this.#handle(event),
      () => controllerWakeAt(this.#state, config),
      (lateMs) => lateness.note(lateMs),
    );
    this.#election = new ElectionRunner(ports, (event) => this.#queue.push(event));
    const mayWrite = (): boolean => mayAct(this.#state, ports.clock.now());
    this.#fleet = new FleetMetrics(ports.metrics);
    this.#events = new EventWriter({ ...ports, events: ports.source.events }, mayWrite);
    this.#status = new StatusWriter(ports, mayWrite, (events) => this.#events.tell(events));
    this.#tasks = new TaskWriter(ports, mayWrite);
  }

  async start(): Promise<void> {
    const { log, server, source, peers } = this.#ports;
    this.#state = initialController(this.#ports.clock.now(), this.#config, this.#ports.memory.load());
    this.#fleet.start();
    await server.start((event) =>
      event.kind === 'closed'
        ? this.#streamEnded(event.session)
        : this.#queue.push({ kind: 'agent', session: event.session, message: event.message }),
    );
    await this.#startMembers();
    peers.connect(whomToReach(this.#state.electorate, this.#config));
    await peers.start((event) => this.#queue.push({ kind: 'peer', from: event.from, message: event.message }));
    source.start(
      (snapshot) => {
        this.#reportProblems(snapshot.problems);
        this.#status.observe(snapshot);
        this.#queue.push({ kind: 'snapshot', snapshot });
        this.#tell(snapshot);
      },
      (err) => log.log('error', 'manifests cannot be read; what is known stays in force', { err }),
    );
    this.#election.start();
    this.#queue.push({ kind: 'tick' });
  }

  /** Why this controller takes no part; undefined: it is the master, follows one, or waits for its turn. */
  notReady(): string | undefined {
    const now = this.#ports.clock.now();
    const { electorate, standing, ballot, election } = this.#state;
    const refusal = electorate && jumpRefusal(electorate, this.#config.controllers);
    if (refusal !== undefined) return refusal;
    if (mayAct(this.#state, now)) return undefined;
    if (!electorate) return 'has not learnt from etcd yet which controllers there are';
    // Ready to be a member, or to be stopped: the pods of a change wait for each other.
    if (standing !== 'member') return this.#isWanted() ? undefined : 'is none of --controllers: it may be stopped';
    if (followed(ballot, now)) return undefined;
    if (!byVotes(this.#state) && election.phase === 'queued') return undefined;
    return 'neither master nor following one';
  }

  /** That nodes can be asked by multicast is good to have, and no more. */
  async #startMembers(): Promise<void> {
    try {
      await this.#ports.members?.start((answer) => this.#queue.push({ kind: 'member-answered', ...answer }));
    } catch (err) {
      this.#ports.log.log('error', 'nodes are not asked by multicast', { err });
    }
  }

  #isWanted(): boolean {
    return this.#config.controllers.some(({ id }) => id === this.#config.self.id);
  }

  /** Gives mastership to another controller and goes on. */
  resign(reason: string): void {
    this.#queue.push({ kind: 'resign', reason });
  }

  /** Wants to be none of the controllers any more. Resolves when it is none, or after `patienceMs`. */
  async leave(wanted: readonly ElectorateMember[], patienceMs: number): Promise<void> {
    const { clock, log } = this.#ports;
    const until = clock.now() + patienceMs;
    log.log('info', 'leaving the electorate', { stay: wanted.map(({ id }) => id).join(',') });
    this.#queue.push({ kind: 'leave', wanted });
    const isPart = (): boolean => takesPart(this.#state.standing);
    while (isPart() && clock.now() < until) {
      await pause(clock, LEAVE_LOOK_MS);
    }
    if (isPart()) log.log('warn', 'ends as a member of the electorate: the others did not let it go in time', {});
  }

  /** Hands mastership over at once; agents keep what they hold. */
  async stop(): Promise<void> {
    this.#queue.push({ kind: 'stop' });
    this.#queue.stop();
    // At the same time: a store that is away must not keep the agents waiting for the next master.
    await Promise.all([
      this.#election.stop(),
      Promise.all([this.#status.stop(), this.#tasks.stop(), this.#events.stop()]).then(() => this.#ports.source.stop()),
      this.#ports.server.stop(),
      this.#ports.peers.stop(),
      this.#ports.members?.stop(),
    ]);
  }

  /** Nearly always there are no tasks, and none before. */
  #tell({ tasks = [], tasksAsOf: asOf }: SourceSnapshot): void {
    if (tasks.length > 0 || this.#hasTasks) {
      this.#queue.push({ kind: 'tasks', tasks, asOf, wallMs: this.#ports.clock.wallNow().getTime() });
    }
    this.#hasTasks = tasks.length > 0;
  }

  #handle(event: ControllerEvent): void {
    const { clock } = this.#ports;
    const now = clock.now();
    const [state, effects] = stepController(this.#state, event, now, this.#config);
    this.#state = state;
    const decidedMs = clock.now() - now;
    for (const effect of effects) this.#run(effect);
    const published = effects.find((effect) => effect.kind === 'publish');
    if (published) {
      this.#fleet.decided(published.report, decidedMs);
      this.#queue.push({ kind: 'decided', tookMs: clock.now() - now });
    }
    this.#reportDifferences(effects.flatMap((effect) => (effect.kind === 'difference' ? [effect.difference] : [])));
  }

  /** A thousand lines at the start of a reign would cost the new master its reign. */
  #reportDifferences(found: readonly Difference[]): void {
    const { log, metrics } = this.#ports;
    if (found.length > 0) metrics.count('record_differences_total', {}, found.length);
    for (const difference of found.slice(0, DIFFERENCES_SHOWN)) {
      log.log('warn', 'record and reality differ', { ...difference });
    }
    const more = found.length - DIFFERENCES_SHOWN;
    if (more > 0) log.log('warn', 'record and reality differ for further VIPs', { count: more });
  }

  #run(effect: ControllerEffect): void {
    switch (effect.kind) {
      case 'send':
        this.#ports.server.send(effect.session as SessionId, effect.message);
        return this.#trace(effect.message);
      case 'peer':
        return this.#ports.peers.send(effect.to, effect.message);
      case 'connect':
        return this.#ports.peers.connect(effect.controllers);
      case 'save':
        return this.#ports.memory.save(effect.memory);
      case 'save-promise':
        return this.#ports.memory.savePromise(effect.until);
      case 'ask-members':
        return this.#ports.members?.ask(effect.term);
      case 'elected':
      case 'deposed':
        return this.#masterChanged(effect);
      case 'election':
        return this.#election.run(effect.effect);
      case 'difference':
        // All of them together, by whoever called this.
        return undefined;
      case 'tasks':
        return this.#tasks.order(effect.orders);
      case 'publish':
        return this.#status.publish(effect.report);
      case 'protect':
      case 'finalize':
        return this.#status.lifecycle(effect.kind, effect.pool);
      case 'log':
        return this.#ports.log.log(effect.level, effect.message, effect.fields);
    }
  }

  /** Once per change, since an assignment is sent when it differs from the one before. */
  #trace(message: ControllerMessage): void {
    if (message.kind !== 'assignment') return;
    const { node, term, version, vips } = message;
    this.#ports.log.log('debug', 'assignment sent', { node, term: formatTerm(term), version, vips: vips.length });
  }

  #streamEnded(session: number): void {
    const node = [...this.#state.nodes.values()].find((entry) => entry.session === session)?.node;
    if (node !== undefined) this.#ports.log.log('debug', 'agent disconnected', { node });
    this.#queue.push({ kind: 'session-closed', session });
  }

  #masterChanged(effect: ControllerEffect & { kind: 'elected' | 'deposed' }): void {
    const { log, metrics } = this.#ports;
    const elected = effect.kind === 'elected';
    if (!elected) {
      this.#status.pause();
      this.#tasks.pause();
      this.#events.pause();
      this.#fleet.deposed();
    }
    metrics.gauge('controller_is_master', elected ? 1 : 0);
    metrics.count('election_transitions_total', { reason: effect.kind });
    const term = formatTerm(effect.term);
    if (elected) this.#ports.source.readTasks(term);
    if (elected) metrics.gauge('election_term', effect.term.number);
    if (elected) log.log('info', 'elected master', { term });
    else log.log('info', 'no longer master', { term, reason: effect.reason });
  }

  /** One line per problem, and again only after it had been away. */
  #reportProblems(problems: readonly { where: string; message: string }[]): void {
    const now = new Set(problems.map(({ where, message }) => `${where}: ${message}`));
    for (const text of now) {
      if (!this.#problemsSeen.has(text)) this.#ports.log.log('warn', 'manifest refused', { problem: text });
    }
    this.#problemsSeen.clear();
    for (const text of now) this.#problemsSeen.add(text);
  }
}
