import { arm, wave } from '../../../firmware-protocol/commands.ts';
import {
  createMock,
  type FaultScript,
  faultScript,
  type MockChoices,
  type WireConditions,
} from '../../../mocks/index.ts';
import { request, WIDTH_US } from './armed.ts';
import { manualTime } from './manual-time.ts';

type Rates = FaultScript['rates'];

/** A board behind a wire, on host time that the test moves; `received` is what came, chunk by chunk. */
export function wired(conditions: Partial<MockChoices> & WireConditions) {
  const hostTime = manualTime();
  const { board, end } = createMock(
    { preset: 'dam-a', cells: 8, noise: 'off', mismatch: 'off', batchLog: true, ...conditions },
    hostTime,
  );
  const received: string[] = [];
  end.onSend = (bytes) => received.push(bytes);
  return { board, end, received, hostTime };
}

/** One with these faults at every line, and no others. */
export const faulty = (rates: Rates, others: Partial<FaultScript> = {}) =>
  wired({ faults: faultScript.parse({ rates, ...others }) });

/** Defines wave 0 and arms, by itself: no fault is in the way. */
export function prepare(board: { receive(bytes: string): void }): void {
  board.receive(request(1, wave, { wave: 0, amplitudeV: 0.2236, widthUs: WIDTH_US }));
  board.receive(request(2, arm, { maxAmplitudeV: 0.2236, maxWidthUs: WIDTH_US }));
}
