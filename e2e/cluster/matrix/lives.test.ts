import { expect, it } from '@jest/globals';
import { ended, type Lives } from './lives.ts';

const before: Lives = {
  pods: [
    { name: 'vippool-agent-a', uid: '1', restarts: 0 },
    { name: 'vippool-controller-0', uid: '2', restarts: 1 },
  ],
  processes: { 'node-1': [10, 11], 'node-2': [20] },
};

it('finds nothing where everybody goes on, whoever has come', () => {
  const more = { name: 'vippool-agent-b', uid: '3', restarts: 0 };
  expect(ended(before, before)).toEqual([]);
  expect(
    ended(before, { pods: [more, ...before.pods], processes: { 'node-1': [10, 11, 12], 'node-2': [20] } }),
  ).toEqual([]);
});

it('names pods that are gone or replaced, containers that were started anew, and processes that have ended', () => {
  const after: Lives = {
    pods: [{ name: 'vippool-controller-0', uid: '2', restarts: 3 }],
    processes: { 'node-1': [11] },
  };
  expect(ended(before, after)).toEqual([
    'the pod vippool-agent-a is gone',
    'containers of vippool-controller-0 were started 2 times anew',
    'process 10 of node-1 has ended',
    'process 20 of node-2 has ended',
  ]);
  const replaced = { ...before, pods: before.pods.map((pod) => ({ ...pod, uid: `${pod.uid}0` })) };
  expect(ended(before, replaced)).toEqual([
    'the pod vippool-agent-a was replaced',
    'the pod vippool-controller-0 was replaced',
  ]);
});
