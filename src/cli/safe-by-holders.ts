import { FnloopError } from '../core/errors.ts';
import type { Heard } from '../transport/ask-holders.ts';
import type { Output } from './output.ts';

/** A process that had its board confirm. */
type Holder = Pick<Heard, 'process' | 'command' | 'run' | 'goOn' | 'uid'>;

/** What processes that hold the port did to bring a board to rest. */
export interface RestByHolders {
  readonly address: string;
  readonly boardId: string | null;
  readonly wasArmed: 'yes' | 'no' | 'unknown';
  readonly boardTimeUs: number | null;
  readonly holders: readonly Holder[];
}

/** Undefined where none of them had the board confirm. One that holds its port twice over is one. */
export function restByHolders(address: string, heard: readonly Heard[]): RestByHolders | undefined {
  const byProcess = new Map(
    heard.flatMap((answer) => (answer.state === 'at-rest' ? [[answer.process, answer] as const] : [])),
  );
  const rested = [...byProcess.values()];
  const [first] = rested;
  if (first === undefined) return undefined;
  const armings = rested.map(({ wasArmed }) => wasArmed);
  return {
    address,
    boardId: first.boardId,
    wasArmed: armings.find((arming) => arming === 'yes') ?? first.wasArmed ?? 'unknown',
    boardTimeUs: first.boardTimeUs,
    holders: rested.map(({ process, command, run, goOn, uid }) => ({ process, command, run, goOn, uid })),
  };
}

export const armingInWords = {
  yes: 'was armed',
  no: 'was not armed',
  unknown: 'did not say whether it was armed',
} as const satisfies Record<RestByHolders['wasArmed'], string>;

export function holdersInWords({ address, boardId, wasArmed, holders }: RestByHolders): string {
  const goOn = holders.flatMap((holder) => (holder.goOn === null ? [] : ` It goes on with: ${holder.goOn}`));
  const verb = holders.length === 1 ? 'which holds its port, has' : 'which hold its port, have';
  return (
    `Board ${boardId ?? 'without a name'} at ${address} ${armingInWords[wasArmed]}. ` +
    `${holders.map(nameOf).join(' and ')}, ${verb} had it confirm: outputs at rest, disarmed.${[...new Set(goOn)].join('')}`
  );
}

const nameOf = ({ process, command, run }: Holder): string =>
  `Process ${process} (${command}${run === null ? '' : `, run ${run}`})`;

/** Why what was heard is not enough, to the person at the terminal. */
export function tellUnrested(heard: readonly Heard[], note: Output['note']): void {
  for (const answer of heard) {
    const name = nameOf(answer);
    if (answer.state === 'not-connected')
      note(
        `${name} has no connection to the board, and brings it to rest once it has; it is told directly too.`,
      );
    else if (answer.state === 'failed')
      note(`${name} could not bring the board to rest: ${answer.reason ?? 'it does not say why'}`);
    else if (!answer.isBelieved)
      note(`${name} of user ${answer.uid} says that the board is at rest; it is told directly too.`);
  }
}

/** Two may hold a board behind TCP. */
export function tellSilent(
  processes: readonly number[],
  heard: readonly Heard[],
  note: Output['note'],
): void {
  for (const pid of silentOf(processes, heard))
    note(`Process ${pid}, which holds that port too, has not answered in time.`);
}

const silentOf = (processes: readonly number[], heard: readonly Heard[]): readonly number[] =>
  processes.filter((pid) => heard.every((answer) => answer.process !== pid));

/** The error of a port that is busy names the processes that hold it and say nothing. */
export function withSilent(error: unknown, processes: readonly number[], heard: readonly Heard[]): unknown {
  const silent = silentOf(processes, heard);
  if (!(error instanceof FnloopError) || error.code !== 'port-busy' || silent.length === 0) return error;
  const names = silent.join(' and ');
  return new FnloopError(
    error.code,
    `${error.message} It is fnloop, process ${names}, which does not answer: kill -9 ${silent.join(' ')} ends it, and the board disarms itself ` +
      'some seconds later.',
    { problems: error.problems, cause: error },
  );
}
