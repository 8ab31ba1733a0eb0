import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { relaxV } from '../../calibration/physics/tunneling.ts';
import type { ChipTruth } from '../../mocks/index.ts';
import { Board } from '../../src/board/board.ts';
import { systemClock } from '../../src/core/clock.ts';
import { parseAddress } from '../../src/transport/address.ts';
import { openEndpoint } from '../../src/transport/open.ts';
import { startMock } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';

const WAIT_MS = 60_000;
const NODE_V_PER_CODE = 4 / 2 ** 23 / 0.4;
/** 12.9 uV at the converter, 16 averages, gain 0.4. */
const READ_SIGMA_V = 8.06e-6;
const QUANTUM_V = 1.602e-7;

test('for a minute of real time every node falls as the closed form says for the time that the board tells', {
  timeout: 2 * WAIT_MS,
}, async () => {
  const folder = temporaryFolder();
  const truthFile = join(folder, 'truth.json');
  const { ready } = await startMock(
    ...[
      '--pty',
      join(folder, 'board'),
      '--time',
      'real',
      '--cells',
      '16',
      '--seed',
      '8',
      '--truth',
      truthFile,
    ],
  );
  const truth = JSON.parse(readFileSync(truthFile, 'utf8')) as ChipTruth;
  const board = await Board.connect(await openEndpoint(parseAddress(ready.address), { seed: 1 }), {
    clock: systemClock,
  });
  try {
    const cells = Array.from({ length: 16 }, (_, cell) => cell);
    const startMs = performance.now();
    const before = await board.read(cells);
    await sleep(WAIT_MS);
    const after = await board.read(cells);
    const hostS = (performance.now() - startMs) / 1e3;
    const boardS = (after.boardTimeUs - before.boardTimeUs) / 1e6;
    // Board time is host time, but for what the second reading had to wait for.
    expect(Math.abs(boardS - hostS)).toBeLessThan(1);

    const nodeV = (code: number, node: number) =>
      (code * NODE_V_PER_CODE) / (1 + truth.readGainRel) - (truth.channelOffsetV[node % 8] ?? 0);
    let chi2 = 0;
    before.cells.forEach(({ cell, setCode, resetCode, convertedUs }, index) => {
      const later = after.cells[index] ?? expect.unreachable();
      const elapsedS = (later.convertedUs - convertedUs) / 1e6;
      for (const [side, codes] of [
        [0, [setCode, later.setCode]],
        [1, [resetCode, later.resetCode]],
      ] as const) {
        const node = 2 * cell + side;
        const { k1PerS, k2V } = truth.nodes[node] ?? expect.unreachable();
        const [startV, foundV] = codes.map((code) => nodeV(code, node)) as [number, number];
        const expectedV = relaxV(startV, elapsedS, { k1PerS, k2V });
        const fallV = startV - expectedV;
        expect(fallV).toBeGreaterThan(0.05);
        // Electrons of the fall, and two readings: less what decay forgets of both.
        const sigmaV = Math.sqrt(QUANTUM_V * fallV + 2 * READ_SIGMA_V ** 2);
        expect(Math.abs(foundV - expectedV)).toBeLessThan(5 * sigmaV);
        chi2 += ((foundV - expectedV) / sigmaV) ** 2;
      }
    });
    expect(chi2 / 32).toBeGreaterThan(0.3);
    expect(chi2 / 32).toBeLessThan(2);
  } finally {
    await board.close();
  }
});
