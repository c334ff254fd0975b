import { type NodeName, nodeName } from '../../core/ids.ts';
import { areSameLabels, type HostLabels, type Labels } from '../../core/node-labels.ts';
import { OpError } from '../../core/op-error.ts';
import type { ListWatchOutput } from './list-watch.ts';

/** Labels of the Nodes of the cluster, as its watch tells them. */
export class KubeHostLabels {
  #labels: HostLabels = new Map();
  #state: 'unread' | 'refused' | 'read' = 'unread';

  /** 'unread': not known yet, so that nobody may act as if there were none. 'refused': they never were readable. */
  get state(): 'unread' | 'refused' | 'read' {
    return this.#state;
  }

  /** The same object until a label changes. */
  get labels(): HostLabels {
    return this.#labels;
  }

  /** Whether anything is different now. A Node changes every few minutes; its labels hardly ever do. */
  take(output: ListWatchOutput): boolean {
    switch (output.kind) {
      case 'replace': {
        const before = this.#state;
        const labels: HostLabels = new Map(
          output.objects.map(({ metadata }) => [nodeName(metadata.name), metadata.labels]),
        );
        this.#state = 'read';
        const isSame =
          labels.size === this.#labels.size && [...labels].every(([node, own]) => isKnown(this.#labels, node, own));
        if (!isSame) this.#labels = labels;
        return !isSame || before !== 'read';
      }
      case 'put': {
        const { name, labels } = output.object.metadata;
        if (isKnown(this.#labels, nodeName(name), labels)) return false;
        this.#labels = new Map(this.#labels).set(nodeName(name), labels);
        return true;
      }
      case 'delete': {
        const labels = new Map(this.#labels);
        const wasKnown = labels.delete(nodeName(output.object.metadata.name));
        if (wasKnown) this.#labels = labels;
        return wasKnown;
      }
      case 'fault': {
        const isNews = this.#state === 'unread' && isForbidden(output.error);
        if (isNews) this.#state = 'refused';
        return isNews;
      }
      case 'healthy':
        return false;
    }
  }
}

function isKnown(known: HostLabels, node: NodeName, labels: Labels): boolean {
  const before = known.get(node);
  return before !== undefined && areSameLabels(before, labels);
}

const isForbidden = (error: Error): boolean => error instanceof OpError && error.code === 'PermissionDenied';
