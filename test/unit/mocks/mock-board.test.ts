import { describe, expect, test } from 'vitest';
import {
  arm,
  disarm,
  hello,
  ping,
  read,
  result,
  run,
  safe,
  wave,
} from '../../../firmware-protocol/commands.ts';
import { readLine, spellLine } from '../../../firmware-protocol/line.ts';
import { createMockBoard } from '../../../mocks/index.ts';
import { clientOf } from '../../support/mock-client.ts';

const quiet = () => createMockBoard({ preset: 'dam-a', cells: 8, noise: 'off', mismatch: 'off' });
const SET0 = { cell: 0, kind: 'SET', wave: 0 } as const;
const base = { wave: 0, amplitudeV: 0.2236, widthUs: 200_000 };

function armed(mock = quiet()) {
  const client = clientOf(mock);
  client.ask(wave, base);
  client.ask(arm, { maxAmplitudeV: 0.2236, maxWidthUs: 200_000 });
  return { mock, client };
}

describe('physics of dam-a with noise and mismatch off', () => {
  test('free decay from 8.5 V follows dV/dt = -1.358e-3 V/s at first', () => {
    const mock = quiet();
    const startV = mock.trueNodeV(0, 'SET');
    mock.elapse(0.01);
    expect((startV - mock.trueNodeV(0, 'SET')) / 0.01 / 1.358e-3).toBeCloseTo(1, 3);
  });

  test('a base pulse moves W by 58.5 uV and leaves the neighbour alone', () => {
    const { mock, client } = armed();
    client.ask(run, { batch: 1, gapUs: 0, slots: [[SET0]] });
    expect((mock.trueNodeV(0, 'RESET') - mock.trueNodeV(0, 'SET')) * 1e6).toBeCloseTo(58.4, 0);
    expect(mock.trueNodeV(1, 'RESET')).toBe(mock.trueNodeV(1, 'SET'));
    expect(mock.pulsesApplied(0, 'SET')).toBe(1);
    expect(mock.pulsesApplied(0, 'RESET')).toBe(0);
  });

  test('4 V, 50 ms moves W by 1619 uV at 8.5 V', () => {
    const mock = quiet();
    const client = clientOf(mock);
    client.ask(wave, { wave: 3, amplitudeV: 4, widthUs: 50_000 });
    client.ask(arm, { maxAmplitudeV: 4, maxWidthUs: 50_000 });
    client.ask(run, { batch: 1, gapUs: 0, slots: [[{ ...SET0, wave: 3 }]] });
    // The DAC is 480 ppm low, which takes 0.5 % of the response; so the nominal value is met within 1 %.
    expect((mock.trueNodeV(0, 'RESET') - mock.trueNodeV(0, 'SET')) / 1619e-6).toBeCloseTo(1, 2);
  });

  test('codes are the node voltage through gain 0.4 and a 24-bit converter of 4 V', () => {
    const mock = quiet();
    const startV = mock.trueNodeV(0, 'SET');
    const { codes } = clientOf(mock).ask(read, { cells: [0] });
    expect(codes[0]).toBe(Math.round(((startV * 0.4) / 4) * 2 ** 23));
  });

  test('the board clock advances by pulses, rests and conversions', () => {
    const { client } = armed();
    const { startedUs, boardTimeUs } = client.ask(run, { batch: 1, gapUs: 1000, slots: [[SET0], []] });
    expect(boardTimeUs - startedUs).toBe(2048 + 200_000 + 2048 + 1000 + 1000);
  });
});

describe('noise and mismatch', () => {
  const nodes = (mock = createMockBoard({ preset: 'dam-a', cells: 2000, seed: 5 })) =>
    Array.from({ length: 2000 }, (_, cell) => mock.trueNodeV(cell, 'SET'));
  const deviation = (values: readonly number[]) => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  };

  test('start voltages spread by 1 mV, and the seed decides them', () => {
    expect(deviation(nodes())).toBeCloseTo(1e-3, 4);
    expect(nodes()).toEqual(nodes());
    expect(nodes(createMockBoard({ preset: 'dam-a', cells: 2000, seed: 6 }))).not.toEqual(nodes());
  });

  test('a reading has 12.9 uV rms over the root of 16 averages, through the gain', () => {
    const mock = createMockBoard({ preset: 'dam-a', cells: 1 });
    const client = clientOf(mock);
    const errors = Array.from({ length: 2000 }, () => {
      const trueV = mock.trueNodeV(0, 'SET');
      const { codes } = client.ask(read, { cells: [0] });
      return ((codes[0] ?? 0) / 2 ** 23) * 10 - trueV;
    });
    expect(deviation(errors) / (12.9e-6 / 4 / 0.4)).toBeCloseTo(1, 1);
  });

  test('tunneled charge has shot noise', () => {
    const mock = createMockBoard({ preset: 'dam-a', cells: 4000, mismatch: 'off' });
    const startV = nodes(mock);
    mock.elapse(0.2);
    const drops = nodes(mock).map((nodeV, cell) => (startV[cell] ?? 0) - nodeV);
    expect(deviation(drops) / Math.sqrt((271.4e-6 * 1.602e-19) / 1e-12)).toBeCloseTo(1, 1);
  });
});

describe('refusals', () => {
  test('each names its code and field, and emits nothing', () => {
    const { mock, client } = armed();
    client.ask(wave, { wave: 1, amplitudeV: 0.5, widthUs: 200_000 });
    expect(client.refusal(wave, { ...base, amplitudeV: 5.1 })).toBe('out-of-range amp_uv');
    expect(client.refusal(wave, { ...base, amplitudeV: 0.1 })).toBe('out-of-range amp_uv');
    expect(client.refusal(wave, { ...base, widthUs: 2_000_000 })).toBe('out-of-range width_us');
    expect(client.refusal(read, { cells: [8] })).toBe('out-of-range cells');
    expect(client.refusal(run, { batch: 1, gapUs: 0, slots: [[{ ...SET0, cell: 8 }]] })).toBe(
      'out-of-range slots',
    );
    expect(client.refusal(run, { batch: 1, gapUs: 0, slots: [[SET0], [{ ...SET0, wave: 9 }]] })).toBe(
      'no-wave slots',
    );
    expect(client.refusal(run, { batch: 1, gapUs: 0, slots: [[{ ...SET0, wave: 1 }]] })).toBe(
      'out-of-range slots',
    );
    client.ask(disarm, {});
    expect(client.refusal(run, { batch: 1, gapUs: 0, slots: [[SET0]] })).toBe('not-armed batch');
    expect(mock.pulsesApplied(0, 'SET')).toBe(0);
  });

  test('a repeated batch is refused, and its outcome can be asked for', () => {
    const { mock, client } = armed();
    const batch = { batch: 1, gapUs: 0, slots: [[SET0]] };
    const outcome = client.ask(run, batch);
    expect(client.refusal(run, batch)).toBe('stale-batch batch');
    expect(client.refusal(run, { ...batch, batch: 3 })).toBe('batch-gap batch');
    expect(mock.pulsesApplied(0, 'SET')).toBe(1);
    const { state, codes, lastBatch } = client.ask(result, { batch: 1 });
    expect([state, lastBatch]).toEqual(['done', 1]);
    expect(codes).toEqual(outcome.codes);
    expect(client.ask(result, { batch: 2 }).state).toBe('none');
  });

  test('SAFE disarms and forgets waves', () => {
    const { mock, client } = armed();
    client.ask(safe, {});
    expect(mock.isArmed).toBe(false);
    client.ask(arm, { maxAmplitudeV: 1, maxWidthUs: 1000 });
    expect(client.refusal(run, { batch: 1, gapUs: 0, slots: [[SET0]] })).toBe('no-wave slots');
  });

  test('an unknown verb, an unknown field', () => {
    const mock = quiet();
    const { received } = clientOf(mock);
    mock.receive(`${spellLine({ kind: 'request', id: 1, verb: 'ERASE', fields: new Map() })}\n`);
    mock.receive(
      `${spellLine({ kind: 'request', id: 2, verb: 'PING', fields: new Map([['loud', '1']]) })}\n`,
    );
    const codes = received.map((line) => {
      const reply = readLine(line);
      return reply.kind === 'error' ? Object.fromEntries(reply.fields) : reply;
    });
    expect(codes).toEqual([{ code: 'unknown-verb' }, { code: 'unknown-field', field: 'loud' }]);
  });
});

describe('bytes', () => {
  const HELLO = `${spellLine({ kind: 'request', id: 1, verb: 'HELLO', fields: new Map([['proto', '1.0']]) })}\n`;

  test('split and merged as they come', () => {
    const mock = quiet();
    const { received } = clientOf(mock);
    for (const byte of HELLO) mock.receive(byte);
    mock.receive(HELLO + HELLO + HELLO.slice(0, 9));
    expect(received).toHaveLength(3);
  });

  test('bad and endless lines are counted, and the next newline starts afresh', () => {
    const mock = quiet();
    const client = clientOf(mock);
    mock.receive('nonsense\n');
    for (let i = 0; i < 1000; i += 1) mock.receive('x'.repeat(1000));
    mock.receive(`\n${HELLO}`);
    expect(client.received).toHaveLength(1);
    expect(client.ask(ping, {}).badLines).toBe(2);
  });

  test('HELLO says what the board is', () => {
    const { boardId, rows, columns, source, clock, maxAmplitudeV } = clientOf(quiet()).ask(hello, {
      proto: '1.0',
    });
    expect({ boardId, cells: rows * columns, source, clock, maxAmplitudeV }).toEqual({
      boardId: 'dam-a:1',
      cells: 8,
      source: 'mock',
      clock: 'virtual',
      maxAmplitudeV: 5,
    });
  });
});

test('an unknown preset is refused with those that there are', () => {
  expect(() => createMockBoard({ preset: 'dam-z' })).toThrow(
    /no preset 'dam-z', expected one of dam-a, dam-a-stress, dam-b/,
  );
});
