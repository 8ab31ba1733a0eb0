import { type Benchmark, number, type Row, share, text } from './benchmark.ts';
import { type Flow, measureFlow } from './flow.ts';
import { withFolder } from './folder.ts';
import { oneAtATime } from './one-at-a-time.ts';

const BITS_PER_BYTE = 10;
interface Pace {
  readonly name: string;
  readonly baud: number | undefined;
  readonly targetPerS: number;
  readonly leastS: number;
}

const paces: readonly Pace[] = [
  { name: '115,200 baud', baud: 115_200, targetPerS: 1_200, leastS: 15 },
  { name: '1,000,000 baud', baud: 1_000_000, targetPerS: 10_000, leastS: 15 },
  { name: 'unpaced', baud: undefined, targetPerS: 100_000, leastS: 6 },
];

/** Fully accounted updates a second over a pseudo-terminal, beside one request at a time on the same wire. */
export const link: Benchmark = {
  name: 'link',
  summary: 'fully accounted updates a second, and how busy the wire is',
  run: async (note) => {
    const rows: Row[] = [];
    for (const pace of paces) {
      note(`link: ${pace.name} ...`);
      const windowed = await withFolder((folder) =>
        measureFlow({ folder, ...pace, through: (endpoint) => endpoint }),
      );
      note(`link: ${pace.name}, one request at a time ...`);
      const baseline = await withFolder((folder) => measureFlow({ folder, ...pace, through: oneAtATime }));
      rows.push(rowOf(pace, windowed, baseline));
    }
    return {
      rows,
      columns: [
        text('wire', 'wire'),
        number('updates/s', 'updatesPerS', 0),
        number('target', 'targetPerS', 0),
        share('busy out', 'busyOut'),
        share('busy in', 'busyIn'),
        text('limit', 'limit'),
        number('B/update out', 'bytesOutPerUpdate', 2),
        number('B/update in', 'bytesInPerUpdate', 2),
        number('mended', 'troubles', 0),
        share('host CPU', 'cpuShare'),
        number('one at a time', 'baselinePerS', 0),
        number('ratio', 'ratio', 2),
      ],
    };
  },
};

function rowOf({ name, baud, targetPerS }: Pace, flow: Flow, baseline: Flow): Row {
  const { updatesPerS, bytesOutPerS, bytesInPerS, cpuShare } = flow;
  const paceOf = (bytesPerS: number) => bytesPerS / ((baud ?? 0) / BITS_PER_BYTE);
  const busy = baud === undefined ? {} : { busyOut: paceOf(bytesOutPerS), busyIn: paceOf(bytesInPerS) };
  return {
    wire: name,
    updatesPerS,
    targetPerS,
    ...busy,
    limit: baud === undefined ? 'host or mock' : bytesOutPerS > bytesInPerS ? 'out' : 'in',
    bytesOutPerUpdate: bytesOutPerS / updatesPerS,
    bytesInPerUpdate: bytesInPerS / updatesPerS,
    troubles: flow.troubles,
    cpuShare,
    baselinePerS: baseline.updatesPerS,
    ratio: updatesPerS / baseline.updatesPerS,
  };
}
