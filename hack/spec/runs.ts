import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { REPOSITORY } from '../source/files.ts';
import { expectationOf } from './verdict.ts';

export interface Run {
  /** Name of its file in spec/cfg, without the ending. */
  readonly config: string;
  /** Name of its file in spec, without the ending. */
  readonly module: string;
  /** Part of `make test`. */
  readonly quick: boolean;
  /** Random walks instead of every state. */
  readonly walks: boolean;
  /** It may end without having seen every state. */
  readonly bounded: boolean;
  /** It is stopped then; several times what it takes on an idle core, where it has to end by itself. */
  readonly seconds: number;
}

/** Those of `make test`: each takes 1 to 13 s of processor time, all of them about two minutes. */
const QUICK: readonly string[] = [
  'Election-mut-ActByPromise',
  'Election-promise',
  'Election-sane-two',
  'Electorate-1to3',
  'Electorate-mut-1to3-at-once',
  'Electorate-mut-Settle',
  'Electorate-mut-replace-at-once',
  'Electorate-sane-given',
  'Hold-mut-Bar',
  'Hold-sane-take',
  'Vippool-mut-FenceDeadline',
  'Vippool-mut-KeepVer',
  'Vippool-mut-NewInc',
  'Vippool-mut-RestoreSeq',
  'Vippool-mut-StickyAgent',
  'Vippool-mut-StickyHere',
  'Vippool-mut-Tables',
  'Vippool-mut-TagKey',
  'Vippool-mut-VerGuard',
  'Vippool-mut-abstain',
  'Vippool-mut-margin',
  'Vippool-restore',
  'Vippool-sane-back',
];

/** Seconds for each of those that cannot be explored to the end: they are stopped, and the table says so. */
const BOUNDED: Readonly<Record<string, number>> = {
  'Electorate-3to5': 60,
  'Electorate-replace': 60,
  'Vippool-3terms-loss': 300,
  'Vippool-adopt': 120,
  'Vippool-big-sim': 120,
  'Vippool-lowterm-slow': 300,
  'Vippool-terms': 300,
  'Vippool-terms-loss': 300,
};

/** Every name in these lists. */
export const NAMED: readonly string[] = [...QUICK, ...Object.keys(BOUNDED)];

const QUICK_SECONDS = 240;
const SECONDS = 1_800;

/** Every configuration in spec/cfg, those that must end with a violation first. */
export function allRuns(): readonly Run[] {
  const configs = globSync('*.cfg', { cwd: join(REPOSITORY, 'spec/cfg') }).map((file) => basename(file, '.cfg'));
  const rank = (config: string): number => (expectationOf(config) === 'violated' ? 0 : 1);
  return configs.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b)).map(runOf);
}

function runOf(config: string): Run {
  const quick = QUICK.includes(config);
  const bound = BOUNDED[config];
  return {
    config,
    module: config.slice(0, config.indexOf('-')),
    quick,
    walks: config.endsWith('-sim'),
    bounded: bound !== undefined,
    seconds: bound ?? (quick ? QUICK_SECONDS : SECONDS),
  };
}
