import type { NodeName } from '../../core/ids.ts';
import { parseNodeSettings } from '../../core/node-settings.ts';
import type { SourceSnapshot } from '../../ports/source.ts';

/** What keeps `maintenance` of a NodeHealth from coming into force when it is written there; a sentence for each fault. */
export function nodeFaults({ nodes }: SourceSnapshot, node: NodeName, maintenance: boolean): readonly string[] {
  const spec = nodes.find(({ name }) => name === node)?.spec;
  if (typeof spec !== 'object' || spec === null) return [];
  const parsed = parseNodeSettings({ ...spec, maintenance });
  if (parsed.ok) return [];
  return parsed.problems.map(
    ({ path, message }) => `nothing of NodeHealth ${node} comes into force before this is mended: ${path}: ${message}`,
  );
}
