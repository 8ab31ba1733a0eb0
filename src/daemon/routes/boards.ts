import * as z from 'zod';
import type { LinkStatistics } from '../../board/link-statistics.ts';
import { noLinkStatistics } from '../../board/link-statistics.ts';
import type { BoardIdentity } from '../../board/types.ts';
import { type BoardInfo, type BoardStatus, boardStates, type CellStatus } from '../lab.ts';
import { count, name, wallNs } from './quantities.ts';
import { route } from './route.ts';

const positive = z.number().positive();

const identity: z.ZodType<BoardIdentity> = z
  .strictObject({
    proto: z.string(),
    source: z.enum(['board', 'mock']),
    clock: z.enum(['real', 'virtual']),
    firmware: z.string(),
    boardId: z.string(),
    bootNonce: count,
    lastBatch: count,
    rows: count,
    columns: count,
    minAmplitudeV: z.number(),
    maxAmplitudeV: positive,
    minWidthUs: count,
    maxWidthUs: count,
    waves: count,
    lineBytes: count,
    window: count,
    receiveBytes: count,
    results: count,
    adcFullScaleV: positive,
    adcBits: count,
    readGain: positive,
    readAverages: count,
    readGroupNodes: count,
    readGroupUs: count,
    dacFullScaleV: positive,
    dacBits: count,
    boardTimeUs: count,
    rests: count.optional(),
  })
  .meta({ id: 'BoardIdentity', description: 'What the board says of itself' });

/** Counters, each of the kind that its zero is of. */
export const linkStatistics = z
  .strictObject({
    ...(Object.fromEntries(Object.keys(noLinkStatistics()).map((key) => [key, count])) as Record<
      Exclude<keyof LinkStatistics, 'roundTripMs' | 'leastSlackUs'>,
      typeof count
    >),
    roundTripMs: z.number(),
    leastSlackUs: z.number().nullable(),
  })
  .meta({ id: 'LinkStatistics' }) satisfies z.ZodType<LinkStatistics>;

export const boardStatus: z.ZodType<BoardStatus> = z
  .strictObject({
    name: z.string(),
    address: z.string(),
    state: z.enum(boardStates),
    reason: z.string().nullable(),
    sinceWallNs: wallNs,
    identity: identity.nullable(),
    job: z.string().nullable(),
    session: z.string().nullable(),
    temperatureK: z.number().nullable(),
    link: linkStatistics.nullable(),
  })
  .meta({ id: 'BoardStatus' });

const cellStatus: z.ZodType<CellStatus> = z
  .strictObject({
    cell: count,
    weightV: z.number(),
    pulses: count,
    chargeFC: z.number(),
    budgetUsedRel: z.number().nullable(),
    fault: z.string().nullable(),
  })
  .meta({ id: 'CellStatus' });

const boardInfo: z.ZodType<BoardInfo> = z
  .strictObject({
    address: z.string(),
    identity,
    armed: z.enum(['yes', 'no']),
    badLines: count,
    link: linkStatistics,
  })
  .meta({ id: 'BoardInfo' });

const params = z.strictObject({ board: name });
const tag = 'boards';

export const boardRoutes = {
  listBoards: route({
    method: 'get',
    path: '/boards',
    tag,
    summary: 'All boards and their state',
    role: 'read',
    answer: z.array(boardStatus).readonly(),
  }),
  oneBoard: route({
    method: 'get',
    path: '/boards/{board}',
    tag,
    summary: 'One board',
    role: 'read',
    params,
    answer: boardStatus,
  }),
  boardInfo: route({
    method: 'get',
    path: '/boards/{board}/info',
    tag,
    summary: 'What the board says of itself now, and how its link does; a run goes on meanwhile',
    role: 'read',
    params,
    answer: boardInfo,
  }),
  boardCells: route({
    method: 'get',
    path: '/boards/{board}/cells',
    tag,
    summary: 'The array by its last reading: weight, use and faults of each cell',
    role: 'read',
    params,
    answer: z.array(cellStatus).readonly(),
  }),
  makeSafe: route({
    method: 'post',
    path: '/boards/{board}/safe',
    tag,
    summary:
      'Brings outputs to rest and disarms, whatever the board is doing, until somebody says go on; never refused for being asked too often',
    role: 'run',
    params,
    answer: z.strictObject({ wasArmed: z.boolean() }),
  }),
  goOn: route({
    method: 'post',
    path: '/boards/{board}/go-on',
    tag,
    summary:
      'Lets a board work again that was brought to rest; its paused job goes on, or the next one begins',
    role: 'run',
    params,
    answer: boardStatus,
  }),
  quarantine: route({
    method: 'post',
    path: '/boards/{board}/quarantine',
    tag,
    summary: 'Takes a board out of service',
    role: 'admin',
    params,
    body: z.strictObject({ reason: z.string().min(1).max(500) }),
    answer: boardStatus,
  }),
  release: route({
    method: 'post',
    path: '/boards/{board}/release',
    tag,
    summary: 'Puts a board back into service',
    role: 'admin',
    params,
    answer: boardStatus,
  }),
};
