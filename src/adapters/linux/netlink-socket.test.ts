import { describe, expect, test } from '@jest/globals';
import { encodeMessage, messagesOf, NLM_F_DUMP_INTR } from './netlink-message.ts';
import { type DatagramSocket, NetlinkSocket } from './netlink-socket.ts';
import { SysError } from './sys-error.ts';

const ENOBUFS = 105;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const THING = 20;

/** A message from the kernel. */
function answer(type: number, sequence: number, payload: Uint8Array = Buffer.alloc(4), flags = 0): Buffer {
  const message = encodeMessage(type, flags, payload);
  message.writeUInt32LE(sequence, 8);
  return message;
}
const result = (sequence: number, errno = 0): Buffer => {
  const payload = Buffer.alloc(20);
  payload.writeInt32LE(-errno, 0);
  return answer(NLMSG_ERROR, sequence, payload);
};

interface Request {
  readonly sequence: number;
  readonly acknowledge: boolean;
}

/** A kernel that queues the datagrams that `react` makes of each datagram sent. An Error is thrown when it is read. */
function kernel(react: (requests: readonly Request[]) => readonly (Buffer | Error)[]) {
  const queue: (Buffer | Error)[] = [];
  const sent: (readonly Request[])[] = [];
  const socket: DatagramSocket = {
    fd: 3,
    send: (datagram) => {
      const requests = [...messagesOf(Buffer.from(datagram))].map(({ sequence, flags }) => {
        return { sequence, acknowledge: (flags & 4) !== 0 };
      });
      sent.push(requests);
      queue.push(...react(requests));
    },
    receive: (buffer) => {
      const next = queue.shift();
      if (next instanceof Error) throw next;
      if (next) buffer.set(next.subarray(0, buffer.length));
      return next?.length;
    },
    close: () => undefined,
  };
  return { netlink: new NetlinkSocket(socket), sent, queue };
}
const requests = (count: number, bytes = 0): Buffer[] =>
  Array.from({ length: count }, () => encodeMessage(THING, 0, Buffer.alloc(bytes)));
const last = (sent: readonly Request[]): number => sent.at(-1)?.sequence ?? 0;
const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('batch', () => {
  test('only the last request asks for an acknowledgement', () => {
    const { netlink, sent } = kernel((batch) => [result(last(batch))]);
    expect(netlink.batch(requests(3))).toEqual([]);
    expect(sent.map((batch) => batch.map(({ acknowledge }) => acknowledge))).toEqual([[false, false, true]]);
  });

  test('failures are told by position, the last one included', () => {
    const { netlink } = kernel(([, second, third]) => [
      result(second?.sequence ?? 0, 17),
      result(third?.sequence ?? 0, 19),
    ]);
    expect(netlink.batch(requests(3))).toEqual([
      { index: 1, code: 'EEXIST' },
      { index: 2, code: 'ENODEV' },
    ]);
  });

  test('what does not fit into one datagram goes into the next, with positions counted on', () => {
    const { netlink, sent } = kernel((batch) => [result(last(batch), 17)]);
    expect(netlink.batch(requests(5, 25_000))).toEqual([
      { index: 1, code: 'EEXIST' },
      { index: 3, code: 'EEXIST' },
      { index: 4, code: 'EEXIST' },
    ]);
    expect(sent.map((batch) => batch.length)).toEqual([2, 2, 1]);
  });

  test('answers to earlier requests are passed over', () => {
    const { netlink, queue } = kernel((batch) => [result(last(batch))]);
    netlink.batch(requests(2));
    queue.push(result(1, 22), answer(THING, 0));
    expect(netlink.batch(requests(1))).toEqual([]);
  });

  test('nothing to do is nothing sent', () => {
    const { netlink, sent } = kernel(() => []);
    expect(netlink.batch([])).toEqual([]);
    expect(sent).toEqual([]);
  });

  test('an acknowledgement that is missing or lost is an error', () => {
    const silent = kernel(() => []);
    expect(thrownBy(() => silent.netlink.batch(requests(1)))).toMatchObject({ name: 'SysError', code: 'EIO' });
    const full = kernel(() => [new SysError('recv', ENOBUFS)]);
    expect(thrownBy(() => full.netlink.batch(requests(1)))).toMatchObject({ name: 'SysError', code: 'ENOBUFS' });
  });
});

describe('dump', () => {
  const text = (value: string) => Buffer.from(value.padEnd(4));
  const dump = (netlink: NetlinkSocket): string[] =>
    netlink.dump(encodeMessage(22, 0x300, Buffer.alloc(8)), ({ type, payload }) =>
      type === THING ? payload.toString().trim() : undefined,
    );

  test('collects the parts of the answer', () => {
    const { netlink } = kernel(([{ sequence } = { sequence: 0 }]) => [
      Buffer.concat([answer(THING, sequence, text('a')), answer(THING, sequence, text('b'))]),
      answer(THING, sequence - 1, text('old')),
      Buffer.concat([answer(THING, sequence, text('c')), answer(NLMSG_DONE, sequence)]),
    ]);
    expect(dump(netlink)).toEqual(['a', 'b', 'c']);
  });

  test('asks again where the kernel says that things changed meanwhile', () => {
    let tries = 0;
    const { netlink } = kernel(([{ sequence } = { sequence: 0 }]) => {
      const flags = ++tries < 3 ? NLM_F_DUMP_INTR : 0;
      return [
        answer(THING, sequence, text(`try${tries}`), flags),
        answer(NLMSG_DONE, sequence, Buffer.alloc(4), flags),
      ];
    });
    expect(dump(netlink)).toEqual(['try3']);
  });

  test('takes the last picture where it never comes to rest', () => {
    let tries = 0;
    const { netlink } = kernel(([{ sequence } = { sequence: 0 }]) => [
      answer(THING, sequence, text(String(++tries))),
      answer(NLMSG_DONE, sequence, Buffer.alloc(4), NLM_F_DUMP_INTR),
    ]);
    expect(dump(netlink)).toEqual([String(tries)]);
  });

  test('a refusal is an error', () => {
    const { netlink } = kernel(([{ sequence } = { sequence: 0 }]) => [result(sequence, 1)]);
    expect(thrownBy(() => dump(netlink))).toMatchObject({ name: 'SysError', code: 'EPERM' });
  });
});

describe('receive', () => {
  test('tells messages, nothing, and losses apart', () => {
    const { netlink, queue } = kernel(() => []);
    queue.push(answer(THING, 0), new SysError('recv', ENOBUFS), Buffer.alloc(70_000));
    expect(Array.from({ length: 4 }, () => netlink.receive().kind)).toEqual([
      'messages',
      'overflow',
      'overflow',
      'empty',
    ]);
  });

  test('other errors are thrown', () => {
    const { netlink, queue } = kernel(() => []);
    queue.push(new SysError('recv', 9));
    expect(thrownBy(() => netlink.receive())).toMatchObject({ code: 'EBADF' });
  });
});

describe('a transaction', () => {
  test('is one datagram, and the request before its end asks for an acknowledgement', () => {
    const { netlink, sent } = kernel((got) =>
      got.flatMap(({ sequence, acknowledge }) => (acknowledge ? [result(sequence)] : [])),
    );
    expect(netlink.transaction(requests(4))).toEqual([]);
    expect(sent.map((datagram) => datagram.map(({ acknowledge }) => acknowledge))).toEqual([
      [false, false, true, false],
    ]);
  });

  test('tells every request that failed', () => {
    const { netlink } = kernel((got) => [result(got[1]?.sequence ?? 0, 1), result(got[2]?.sequence ?? 0)]);
    expect(netlink.transaction(requests(4))).toEqual([{ index: 1, code: 'EPERM' }]);
  });

  test('that nobody acknowledged has failed', () => {
    const { netlink } = kernel(() => []);
    expect(() => netlink.transaction(requests(4))).toThrow('EIO');
  });
});

describe('a question', () => {
  const question = (): Buffer => encodeMessage(THING, 0, Buffer.alloc(4));

  test('gives what the kernel answered before it acknowledged', () => {
    const { netlink } = kernel((got) => [
      answer(THING, got[0]?.sequence ?? 0, Buffer.from('abcd')),
      result(got[0]?.sequence ?? 0),
    ]);
    expect(netlink.ask(question(), ({ payload }) => payload.toString())).toBe('abcd');
  });

  test('throws what the kernel refused', () => {
    const { netlink } = kernel((got) => [result(got[0]?.sequence ?? 0, 2)]);
    expect(() => netlink.ask(question(), () => true)).toThrow('ENOENT');
  });
});
