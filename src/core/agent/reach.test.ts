import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { answeredBy, LOST_ROUNDS, newTrack, roundBegins, roundEnds, type Track } from './reach.ts';

const PEERS = ['192.0.2.2', '192.0.2.3'];
const LOST = '192.0.2.9';
const GATEWAY = '192.0.2.1';

const track = (over: Partial<Track> = {}): Track => ({
  ...newTrack({ interface: 's0', peers: PEERS, watched: [] }),
  ...over,
});

/** One round in which these are asked and those answer. */
const round = (
  before: Track,
  answering: readonly string[],
  asked: readonly string[] | undefined = [...before.peers, ...before.watched],
): Track => roundEnds(answering.reduce((now, address) => answeredBy(now, address, 1), roundBegins(before, asked)));

/** Trusted, by answers of all peers. */
const trusted = (over: Partial<Track> = {}): Track =>
  rounds(track(over), LOST_ROUNDS, [...PEERS, ...(over.watched ?? [])]);

const rounds = (before: Track, count: number, answering: readonly string[] = []): Track =>
  Array.from({ length: count }).reduce<Track>((now) => round(now, answering), before);

describe('reach of an interface', () => {
  it('is lost after some rounds in which nobody answers who did before', () => {
    const well = trusted();
    expect(well.state).toBe('Answered');
    expect(rounds(well, 1).state).toBe('Suspect');
    expect(rounds(well, LOST_ROUNDS - 1).state).toBe('Suspect');
    expect(rounds(well, LOST_ROUNDS).state).toBe('Silent');
  });

  it('is not lost while one of them answers', () => {
    const well = trusted();
    expect(rounds(well, 20, ['192.0.2.3']).state).toBe('Answered');
  });

  it('counts from anew after an answer', () => {
    const well = trusted();
    const once = round(rounds(well, LOST_ROUNDS - 1), ['192.0.2.2']);
    expect(rounds(once, LOST_ROUNDS - 1).state).toBe('Suspect');
  });

  it('is back after as many rounds with answers in a row', () => {
    const doubtful = rounds(trusted(), 2);
    expect(rounds(doubtful, 1, PEERS).state).toBe('Suspect');
    expect(rounds(doubtful, 2, PEERS).state).toBe('Answered');
    const silent = rounds(trusted(), LOST_ROUNDS);
    expect(rounds(silent, 1, PEERS).state).toBe('Suspect');
    expect(rounds(silent, LOST_ROUNDS - 1, PEERS).state).toBe('Suspect');
    expect(rounds(silent, LOST_ROUNDS, PEERS).state).toBe('Answered');
    const wavering = round(rounds(silent, LOST_ROUNDS - 1, PEERS), []);
    expect(wavering.state).toBe('Suspect');
    expect(rounds(wavering, LOST_ROUNDS - 1, PEERS).state).toBe('Suspect');
    expect(rounds(wavering, LOST_ROUNDS - 1).state).toBe('Silent');
  });

  it('is trusted after some rounds with answers in a row, also at first', () => {
    expect(rounds(track(), LOST_ROUNDS - 1, PEERS).state).toBe('Unknown');
    expect(rounds(track(), LOST_ROUNDS, PEERS).state).toBe('Answered');
    const broken = round(rounds(track(), LOST_ROUNDS - 1, PEERS), []);
    expect(rounds(broken, LOST_ROUNDS - 1, PEERS).state).toBe('Suspect');
    expect(rounds(broken, LOST_ROUNDS, PEERS).state).toBe('Answered');
  });

  it('is missed from the first answer on', () => {
    expect(rounds(rounds(track(), 1, PEERS), LOST_ROUNDS - 1).state).toBe('Suspect');
    expect(rounds(rounds(track(), 1, PEERS), LOST_ROUNDS).state).toBe('Silent');
  });

  it('takes an answer that was late for one to the next question', () => {
    const ended = round(trusted(), []);
    const late = roundEnds(roundBegins(answeredBy(ended, '192.0.2.2', 900), PEERS));
    expect([ended.state, late.state]).toEqual(['Suspect', 'Answered']);
  });

  it('says nothing of a network where nobody ever answers', () => {
    expect(rounds(track(), 50).state).toBe('Unknown');
  });

  it('is of no concern to a lone node without a gateway', () => {
    const lone = track({ peers: [] });
    expect(rounds(lone, 50).state).toBe('Alone');
    expect(rounds({ ...rounds(trusted(), LOST_ROUNDS), peers: [] }, 1).state).toBe('Alone');
  });

  it('rests while there is no carrier', () => {
    const suspect = rounds(trusted(), LOST_ROUNDS - 1);
    const later = Array.from({ length: 9 }).reduce<Track>((now) => roundEnds(roundBegins(now, undefined)), suspect);
    expect(later.state).toBe('Suspect');
  });

  it('has to be answered as often as at first after its carrier was away', () => {
    const withoutCarrier = (before: Track): Track => roundEnds(roundBegins(before, undefined));
    const unplugged = withoutCarrier(trusted());
    expect(unplugged.state).toBe('Unknown');
    expect(rounds(unplugged, LOST_ROUNDS - 1, PEERS).state).toBe('Unknown');
    expect(rounds(unplugged, LOST_ROUNDS, PEERS).state).toBe('Answered');
    const silent = withoutCarrier(rounds(trusted(), LOST_ROUNDS));
    expect(rounds(silent, LOST_ROUNDS - 1, PEERS).state).toBe('Suspect');
  });

  it('depends on the gateway where it alone answers', () => {
    const asked = [...PEERS, GATEWAY];
    const often = (before: Track, answering: readonly string[]): Track =>
      Array.from({ length: LOST_ROUNDS }).reduce<Track>((now) => round(now, answering, asked), before);
    const well = often(track(), [GATEWAY]);
    const silent = often(well, []);
    expect([well.state, silent.state]).toEqual(['Answered', 'Silent']);
  });

  it('does not depend on lost nodes, whose answers are told', () => {
    const watching = round(track({ watched: [LOST] }), [...PEERS, LOST]);
    expect([...watching.alive.keys()]).toEqual([LOST]);
    expect([...rounds(watching, LOST_ROUNDS - 1, PEERS).alive.keys()]).toEqual([LOST]);
    expect([...rounds(watching, LOST_ROUNDS, PEERS).alive.keys()]).toEqual([]);
    expect(rounds(watching, 9, PEERS).state).toBe('Answered');
    const alone = round(track({ peers: [], watched: [LOST] }), [LOST]);
    expect(rounds(alone, LOST_ROUNDS).state).toBe('Alone');
  });

  it('measures the first answer of a round', () => {
    const begun = roundBegins(track(), PEERS);
    const first = answeredBy(begun, '192.0.2.3', 4);
    expect(answeredBy(first, '192.0.2.2', 90).rttMs).toBe(4);
    expect(answeredBy(roundBegins(roundEnds(first), PEERS), '192.0.2.2', 12).rttMs).toBe(5);
  });

  it('ignores whom nobody asked', () => {
    expect(rounds(track(), 1, ['203.0.113.7']).state).toBe('Unknown');
  });

  it('is judged alike with and without neighbours that never answer', () => {
    const answers = fc.array(fc.subarray([GATEWAY, ...PEERS]), { minLength: 1, maxLength: 40 });
    const mutes = fc.uniqueArray(
      fc.integer({ min: 10, max: 99 }).map((host) => `192.0.2.${host}`),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(answers, mutes, (script, mute) => {
        const asked = [GATEWAY, ...PEERS];
        let without = track();
        let withMutes = track({ peers: [...PEERS, ...mute] });
        for (const answering of script) {
          without = round(without, answering, asked);
          withMutes = round(withMutes, answering, [...asked, ...mute]);
          expect(withMutes.state).toBe(without.state);
        }
      }),
    );
  });

  it('is lost only after rounds in which everybody was silent who had answered', () => {
    const script = fc.array(fc.subarray(PEERS), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(script, (steps) => {
        let now = track();
        for (const [index, answering] of steps.entries()) {
          const { isLost } = now;
          now = round(now, answering);
          if (now.state !== 'Silent' || isLost) continue;
          const last = steps.slice(Math.max(0, index + 1 - LOST_ROUNDS), index + 1);
          expect(last).toEqual(Array.from({ length: LOST_ROUNDS }, () => []));
          expect(steps.slice(0, index).some((earlier) => earlier.length > 0)).toBe(true);
        }
      }),
    );
  });

  it('is never well on one host and lost on another behind the same switch, whoever asks first', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 6 })), { maxLength: 6 }), (script) => {
        // A switch that carries everything or nothing, for some rounds; the second host asks just after the first.
        const carries = [true, ...script.flatMap(([is, length]) => Array.from({ length }, () => is))];
        let [first, second] = [track(), track()];
        for (const [index, is] of carries.entries()) {
          first = round(first, is ? PEERS : []);
          expect([first.state, second.state].sort()).not.toEqual(['Answered', 'Silent']);
          // It may fail or mend between the two.
          second = round(second, (carries[index + 1] ?? is) ? PEERS : []);
          expect([first.state, second.state].sort()).not.toEqual(['Answered', 'Silent']);
        }
      }),
    );
  });
});
