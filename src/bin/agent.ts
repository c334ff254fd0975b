import { join } from 'node:path';
import { ScheduledCheckRunner } from '../adapters/checks/check-runner.ts';
import { ProgramRecord, type ProgramRecordPlace } from '../adapters/checks/program-record.ts';
import { majorityLetsIn } from '../adapters/grpc/controller-reach.ts';
import { GrpcControllerLink } from '../adapters/grpc/grpc-controller-link.ts';
import { GrpcWitnessLink } from '../adapters/grpc/grpc-witness-link.ts';
import { KernelFence } from '../adapters/linux/fence/kernel-fence.ts';
import { readHostIdentity } from '../adapters/linux/host-identity.ts';
import { acquireHostLock } from '../adapters/linux/host-lock.ts';
import { LinuxNetwork } from '../adapters/linux/linux-network.ts';
import { endAtOnce, endWithParent } from '../adapters/linux/process-calls.ts';
import { ProcLoadMeter } from '../adapters/linux/proc-load-meter.ts';
import { Realtime } from '../adapters/linux/realtime.ts';
import { UdpMemberResponder } from '../adapters/multicast/udp-member-responder.ts';
import { FileAgentMemory } from '../adapters/memory-file/file-agent-memory.ts';
import { memoryPlace } from '../adapters/memory-file/memory-place.ts';
import { rememberNames } from '../adapters/names/remembered-names.ts';
import { addressTowards, anyAddress } from '../adapters/system/local-address.ts';
import { neverWaitForThreads } from '../adapters/system/process-exit.ts';
import { systemClock as clock } from '../adapters/system/system-clock.ts';
import { systemSockets as sockets } from '../adapters/system/system-sockets.ts';
import { systemRandom as random } from '../adapters/system/system-random.ts';
import { addressLifetimeMs } from '../app/agent/address-lifetime.ts';
import { AgentLoop } from '../app/agent/agent-loop.ts';
import { Succession } from '../app/agent/succession.ts';
import type { AgentConfig } from '../config/options/agent.ts';
import { membersOf, targetOf } from '../config/options/electorate.ts';
import { effectiveTiming } from '../config/options/timing.ts';
import { nodeIdentity } from '../core/identity.ts';
import { OpError } from '../core/op-error.ts';
import { programVersion } from '../config/process.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import { agentProbes } from './agent-probes.ts';
import { openCredentials } from './credentials.ts';
import { openEnrolment } from './enrolling.ts';
import { observability } from './observability.ts';
import { startupFile } from './startup-file.ts';
import { endOfProcess } from './termination.ts';

/** Runs the agent until it is told to stop. */
export async function runAgent(config: AgentConfig): Promise<void> {
  const { log, metrics, logLevel, readyUnless, serve, close } = observability(config, {
    component: 'agent',
    node: config.nodeName,
  });
  if (config.supervise === 'on') endWithParent();
  neverWaitForThreads(endAtOnce);
  const startup = startupFile(config.startupFile);
  const succession = new Succession({ acquire: acquireHostLock, clock, memory: memoryPlace(config.stateDir) });
  const inOffice = async (): Promise<void> => {
    await serve();
    startup.write();
  };
  const predecessor = succession.take();
  if (predecessor === undefined) await inOffice();
  else if (config.ifRunning === 'refuse') throw new OpError('Conflict', predecessor);
  rememberNames(clock);
  const identity = readHostIdentity();
  const enrolment = openEnrolment(config, { clock, random, sockets, log, metrics });
  if (enrolment) readyUnless(() => 'there is no certificate yet');
  await enrolment?.start();
  const security = await openCredentials(config, nodeIdentity(config.nodeName), { clock, log, metrics });
  const { credentials } = security;
  const controllers = membersOf(config.controllers);
  const linkOptions = { credentials, sockets, clock, random, log, metrics };
  const told = endOfProcess();
  if (predecessor !== undefined) {
    log.log('info', 'waiting until the agent that runs on this host ends', { predecessor });
    const trying = new AbortController();
    const prepared = majorityLetsIn(controllers, linkOptions, trying.signal);
    const onReady = (): void => {
      log.log('info', 'ready to follow the agent that runs on this host');
      startup.write();
    };
    const isOurs = await succession.follow(prepared, onReady, told);
    trying.abort();
    if (!isOurs) {
      enrolment?.stop();
      security.close();
      return close();
    }
    await inOffice();
  }
  const timing = effectiveTiming(config);
  // First: on a busy host it decides whether an agent that was brought back is in time, and the fence tests its timing.
  const realtime = new Realtime(config.realtime, clock);
  realtime.start(() => {
    log.log('warn', 'real-time scheduling given up', { ...realtime.capability });
    agent.realtimeChanged();
  });
  log.log('info', 'scheduling', { ...realtime.capability });
  const fence = new KernelFence({ interfaces: config.interfaces, leaseMs: timing.leaseMs }, { clock, log, random });
  const fenceReport = fence.start();
  const lifetimeMs = addressLifetimeMs(fenceReport, config.addressLifetimeMs, timing);
  const network = new LinuxNetwork(
    {
      interfaces: config.interfaces,
      allowedAddresses: config.allowedAddresses,
      lifetimeSeconds: lifetimeMs / 1_000,
    },
    { clock, log, metrics },
  );
  const link = new GrpcControllerLink(linkOptions);
  const memory = new FileAgentMemory(config.stateDir, identity.bootId);
  const witnessHost = config.managementAddress ?? (await addressTowardsFirst(config));
  const listen = [targetOf({ host: anyAddress(), port: config.witnessPort })];
  const witness = new GrpcWitnessLink({
    self: config.nodeName,
    listen,
    credentials,
    sockets,
    clock,
    random,
    log,
    metrics,
  });
  const members = await memberResponder(config, witnessHost, { log, metrics });
  const record = { path: join(config.stateDir, 'agent-programs'), bootId: identity.bootId };
  endLeftPrograms(record, log);
  const { probes, repairs, stopProbes } = agentProbes(config.checkDirs, {
    record,
    clock,
    random,
    state: () => network.state,
    serviceInterfaces: (pool) => agent.serviceInterfaces(pool),
  });
  const agent = new AgentLoop(
    {
      clock,
      random,
      log,
      metrics,
      network,
      link,
      memory,
      fence,
      fenceReport,
      witness,
      realtime: () => (realtime.isWanted ? realtime.capability : undefined),
      load: new ProcLoadMeter(),
      checks: new ScheduledCheckRunner({ probes, clock, random, log, node: config.nodeName }),
      repairs,
      logLevel,
    },
    {
      node: config.nodeName,
      ...identity,
      labels: config.labels,
      agentVersion: programVersion(),
      controllers,
      interfaces: config.interfaces,
      allowedAddresses: config.allowedAddresses,
      timing,
      witnessAddress: witnessHost === undefined ? '' : targetOf({ host: witnessHost, port: config.witnessPort }),
      answersMulticast: members !== undefined,
      addressLifetimeMs: lifetimeMs,
    },
  );
  await agent.start();
  readyUnless(() => agent.notReady());
  const signal = await told;
  const isFollowed = await succession.isFollowed(() => agent.successionChance());
  const mode = isFollowed ? 'keep' : config.onStop;
  log.log('info', 'stopping', { signal, mode, successor: isFollowed });
  await agent.stop(mode);
  await stopProbes();
  await members?.stop();
  enrolment?.stop();
  security.close();
  realtime.stop();
  await close();
  succession.leave();
}

/** An agent that was killed could not end the programs of its checks. */
function endLeftPrograms(place: ProgramRecordPlace, log: Log): void {
  try {
    ProgramRecord.open(place).close();
  } catch (err) {
    const problem = 'programs of checks cannot be written down: they run on where the agent is killed';
    log.log('error', problem, { path: place.path, err });
  }
}

/** Undefined: nothing answers the multicast of a master, because nobody asked for that or because it is not possible. */
async function memberResponder(
  { nodeName: node, multicastProbe: group }: AgentConfig,
  managementAddress: string | undefined,
  { log, metrics }: { readonly log: Log; readonly metrics: Metrics },
): Promise<UdpMemberResponder | undefined> {
  if (group === undefined) return undefined;
  const responder = new UdpMemberResponder({ node, managementAddress: managementAddress ?? '', group, metrics });
  try {
    await responder.start();
    return responder;
  } catch (err) {
    log.log('error', 'the multicast of a master is not answered', { err });
    return undefined;
  }
}

/** Without a route nobody learns where this agent answers its peers. */
async function addressTowardsFirst({ controllers }: AgentConfig): Promise<string | undefined> {
  const [first] = controllers;
  return first && addressTowards(first.host, first.port);
}
