import type { TcpProbe as TcpCheck } from '../../core/checks.ts';
import type { Probe } from '../../ports/check-probe.ts';
import { endpointText } from './endpoint.ts';
import { passed } from './outcome.ts';
import { converse } from './wire.ts';

/**
 * Opens a connection and closes it. The kernel accepts connections for a process that has stopped; a probe that asks
 * something finds that.
 */
export const tcpProbe: Probe<TcpCheck> = {
  run: (probe, { timeoutMs }, signal) =>
    converse(probe, timeoutMs, signal, () => passed(`${endpointText(probe)} accepts connections`)),
};
