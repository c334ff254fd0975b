import { describe, expect, it } from '@jest/globals';
import type { Condition } from './api/types.gen.ts';
import { conditionEvents, type EventSubject, moveEvents, type ToldConditions, toldOf } from './object-event.ts';
import { Reason } from './reasons.ts';

const NAS: EventSubject = { kind: 'VipPool', name: 'nas' };

const condition = (type: string, status: Condition['status'], reason: string): Condition => ({
  type,
  status,
  reason,
  message: 'because',
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

/** Texts of what is told of these, one after the other. */
function story(...steps: readonly Condition[]): string[] {
  let told: ToldConditions = new Map();
  return steps.flatMap((step) => {
    const news = conditionEvents(NAS, [step], told);
    told = news.told;
    return news.events.map(({ type, reason, note }) => `${type} ${reason} ${note}`);
  });
}

describe('a condition', () => {
  const ready = condition('Ready', 'True', Reason.AllBound);
  const failed = condition('Ready', 'False', Reason.CheckFailed);
  const moving = condition('Ready', 'False', Reason.Progressing);
  const fenced = condition('Fenced', 'True', Reason.KernelFence);
  const faulty = condition('ManagementNetworkFaulty', 'True', Reason.HolderAnswers);
  const mended = condition('ManagementNetworkFaulty', 'False', Reason.NoContradiction);

  it('is told when it changes, and only then', () => {
    expect(story(ready, ready, failed, failed, condition('Ready', 'False', Reason.InvalidSpec), ready)).toEqual([
      'Normal AllBound Ready=True: because',
      'Warning CheckFailed Ready=False: because',
      'Warning InvalidSpec Ready=False: because',
      'Normal AllBound Ready=True: because',
    ]);
  });

  it('says nothing of VIPs on their way, neither when they go nor when they arrive', () => {
    expect(story(ready, moving, ready)).toEqual(['Normal AllBound Ready=True: because']);
    expect(story(failed, moving, ready)).toEqual([
      'Warning CheckFailed Ready=False: because',
      'Normal AllBound Ready=True: because',
    ]);
  });

  it('that was never ill is no news, and when it was ill is told as well again', () => {
    expect(story(fenced, mended, condition('Fenced', 'Unknown', Reason.NodeLost))).toEqual([]);
    expect(story(mended, faulty, mended)).toEqual([
      'Warning HolderAnswers ManagementNetworkFaulty=True: because',
      'Normal NoContradiction ManagementNetworkFaulty=False: because',
    ]);
  });

  it('that is false because somebody wants it so is no warning', () => {
    expect(story(condition('Ready', 'False', Reason.Maintenance))).toEqual(['Normal Maintenance Ready=False: because']);
  });

  it('that an earlier master told is not told again', () => {
    expect(conditionEvents(NAS, [failed, fenced], toldOf([failed, fenced])).events).toEqual([]);
    expect(conditionEvents(NAS, [ready], toldOf([moving])).events).toHaveLength(1);
  });
});

describe('moves', () => {
  const move = (last: number, reason: Reason, to: string | null = 'node-b', from: string | null = 'node-a') => ({
    time: '2026-01-01T00:00:00Z',
    address: `192.0.2.${last}`,
    ...(from !== null && { from }),
    ...(to !== null && { to }),
    reason,
  });

  it('of one reason are one event, which names them', () => {
    const moves = [
      move(1, Reason.NodeLost),
      move(2, Reason.Failback, 'node-a', 'node-b'),
      move(3, Reason.NodeLost, 'node-c'),
    ];
    expect(moveEvents('nas', moves).filter(({ about }) => about.kind === 'VipPool')).toEqual([
      {
        about: NAS,
        type: 'Warning',
        reason: 'NodeLost',
        action: 'Move',
        note: '192.0.2.1 from node-a to node-b, 192.0.2.3 from node-a to node-c',
      },
      { about: NAS, type: 'Normal', reason: 'Failback', action: 'Move', note: '192.0.2.2 from node-b to node-a' },
    ]);
  });

  it('are named as far as people read', () => {
    const [event] = moveEvents(
      'nas',
      Array.from({ length: 60 }, (_, index) => move(index, Reason.PlacedAtHome, 'node-b', null)),
    );
    expect(event?.note).toMatch(/^192\.0\.2\.0 to node-b, .* and 52 more$/);
  });

  it('to nowhere are a warning whatever their reason', () => {
    expect(moveEvents('nas', [move(1, Reason.Maintenance, null)])).toEqual([
      expect.objectContaining({ about: NAS, type: 'Warning', note: '192.0.2.1 from node-a to no node' }),
      expect.objectContaining({ type: 'Warning', note: 'pool nas: 192.0.2.1 from node-a to no node' }),
    ]);
  });

  it('are told of each node that lost or was given something as well, once for each reason', () => {
    const moves = [
      move(1, Reason.NodeLost),
      move(2, Reason.NodeLost, 'node-c'),
      move(3, Reason.PlacedAtHome, 'node-c', null),
      move(4, Reason.Failback, 'node-b', 'node-b'),
    ];
    const texts = moveEvents('nas', moves)
      .filter(({ about }) => about.kind === 'NodeHealth')
      .map(({ about, type, reason, note }) => `${about.name} ${type} ${reason} ${note}`);
    expect(texts).toEqual([
      'node-a Warning NodeLost pool nas: 192.0.2.1 from node-a to node-b, 192.0.2.2 from node-a to node-c',
      'node-b Warning NodeLost pool nas: 192.0.2.1 from node-a to node-b',
      'node-b Normal Failback pool nas: 192.0.2.4 from node-b to node-b',
      'node-c Warning NodeLost pool nas: 192.0.2.2 from node-a to node-c',
      'node-c Normal PlacedAtHome pool nas: 192.0.2.3 to node-c',
    ]);
  });
});
