import { expect, test } from 'vitest';
import { arm, hello, run, wave } from '../../../firmware-protocol/commands.ts';
import { readLine } from '../../../firmware-protocol/line.ts';
import { parseFaults } from '../../../mocks/index.ts';
import { request, SET0, WIDTH_US } from './armed.ts';
import { wired } from './wired.ts';

const RATES = [
  'corrupt',
  'drop',
  'duplicate',
  'split',
  'merge',
  'delay',
  'garbage',
  'swallow-before',
  'swallow-after',
];
const FAULTS = [...RATES.map((name) => `${name}:0.03`), 'stall:0.01', 'reboot:10@5000', 'brown-out:10@5000'];
const SLOTS = Array.from({ length: 5 }, () => [SET0]);

/** A host that knows no better than to ask again, on a wire with every fault there is. */
function suffer(seed: number, time: 'virtual' | 'real') {
  const { board, end, hostTime } = wired({
    time,
    seed,
    jitterMs: 3,
    baud: 115_200,
    faults: parseFaults(FAULTS.join(), seed),
  });
  let text = '';
  end.onSend = (bytes) => {
    text += bytes;
  };
  let lastBatch = 0;
  for (let turn = 1; turn <= 600; turn += 1) {
    end.receive(`\n${request(1, hello, { proto: '1.0' })}`);
    end.receive(request(2, wave, { wave: 0, amplitudeV: 0.2236, widthUs: WIDTH_US }));
    end.receive(request(3, arm, { maxAmplitudeV: 0.2236, maxWidthUs: WIDTH_US }));
    end.receive(request(4, run, { batch: lastBatch + 1, gapUs: 0, slots: SLOTS }));
    hostTime.advance(time === 'real' ? 700 : 70);
    for (const line of text.split('\n').map(readLine)) {
      const found = line.kind === 'ok' && line.id === 1 ? line.fields.get('last_batch') : undefined;
      if (found !== undefined) lastBatch = Number(found);
    }
    text = '';
  }
  return board;
}

test.each([
  'virtual',
  'real',
] as const)('in %s time no batch runs twice in a boot, and the truth adds up', (time) => {
  const board = suffer(11, time);
  const runs = board.batchesRun;
  expect(new Set(runs.map(({ bootNonce, batch }) => `${bootNonce} ${batch}`)).size).toBe(runs.length);
  expect(runs.reduce((sum, { slotsDone }) => sum + slotsDone, 0)).toBe(board.totalPulses);
  expect(board.pulsesApplied(0, 'SET')).toBe(board.totalPulses);
  expect(new Set(runs.map(({ bootNonce }) => bootNonce)).size).toBeGreaterThan(3);
  expect(board.totalPulses).toBeGreaterThan(500);
  expect(suffer(11, time).batchesRun).toEqual(runs);
});
