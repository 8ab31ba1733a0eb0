import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { arm, count, ping, read, run, wave } from '../../../firmware-protocol/commands.ts';
import { createMockBoard, type MockChoices } from '../../../mocks/index.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { clientOf } from '../../support/mock-client.ts';
import { manualTime } from './manual-time.ts';

const newFile = () => join(temporaryFolder(), 'chip.json');

function opened(state: string, choices: Partial<MockChoices> = {}) {
  const hostTime = manualTime();
  const mock = createMockBoard({ preset: 'dam-a', cells: 8, seed: 5, state, ...choices }, hostTime);
  const client = clientOf(mock);
  const work = (batches: number) => {
    client.ask(wave, { wave: 0, amplitudeV: 4, widthUs: 50_000 });
    client.ask(arm, { maxAmplitudeV: 4, maxWidthUs: 50_000 });
    const slots = Array.from({ length: 20 }, (_, slot) => [
      { cell: slot % 8, kind: 'SET', wave: 0 } as const,
    ]);
    for (let batch = 1; batch <= batches; batch += 1) client.ask(run, { batch, gapUs: 1000, slots });
  };
  return { mock, client, hostTime, work };
}
const voltages = ({ mock }: ReturnType<typeof opened>) =>
  Array.from({ length: 8 }, (_, cell) => cell).flatMap((cell) => [
    mock.trueNodeV(cell, 'SET'),
    mock.trueNodeV(cell, 'RESET'),
  ]);

describe('a chip with a state file', () => {
  test('goes on where it was: two openings are one life', () => {
    const whole = opened(newFile(), { noise: 'off' });
    whole.work(2);
    whole.mock.elapse(3600);
    whole.mock.reboot();
    whole.work(3);

    const file = newFile();
    const first = opened(file, { noise: 'off' });
    first.work(2);
    first.mock.elapse(3600);
    first.mock.close();
    const second = opened(file, { noise: 'off' });
    expect(second.client.ask(ping, {})).toMatchObject({ boardTimeUs: 0, lastBatch: 0, armed: 'no' });
    second.work(3);
    // Saving cuts a rest in two, which rounds once more.
    voltages(second).forEach((nodeV, node) => {
      expect(nodeV).toBeCloseTo(voltages(whole)[node] ?? 0, 13);
    });
    const counted = second.client.ask(count, { cells: [0, 7] });
    expect(counted).toEqual(whole.client.ask(count, { cells: [0, 7] }));
    expect([counted.since, ...counted.counts]).toEqual(['ever', 15, 0, 10, 0]);
    expect(second.mock.totalPulses).toBe(100);
  });

  test('each opening is another boot with new noise, the chip itself the same', () => {
    const file = newFile();
    const openings = [1, 2, 3].map(() => {
      const { mock, client } = opened(file);
      const { codes } = client.ask(read, { cells: [0, 1, 2, 3] });
      const truth = mock.truth;
      mock.close();
      return { codes: Array.from(codes), truth, bootNonce: mock.bootNonce };
    });
    const [one, two, three] = openings;
    expect(new Set(openings.map(({ bootNonce }) => bootNonce)).size).toBe(3);
    expect(two?.truth).toEqual(one?.truth);
    // Of a fall of 6 uV between readings, 8 uV of noise leaves nothing that could be equal by itself.
    const noise = (a = one, b = two) => a?.codes.map((code, index) => code - (b?.codes[index] ?? 0));
    expect(noise(one, two)).not.toEqual(noise(two, three));
  });

  test('temperature goes on too, unless another is said', () => {
    const file = newFile();
    const first = opened(file, { temperatureK: 310, driftKPerHour: 2 });
    first.mock.elapse(1800);
    first.mock.close();
    expect(opened(file).mock.temperatureK).toBeCloseTo(311, 9);
    expect(opened(file, { temperatureK: 295 }).mock.temperatureK).toBe(295);
  });

  test('in real time too, its clock goes on and new boots begin at 0', () => {
    const file = newFile();
    const first = opened(file, { time: 'real' });
    first.hostTime.advance(60_000);
    first.mock.close();
    const second = opened(file, { time: 'real', noise: 'off' });
    second.hostTime.advance(1_000);
    expect(second.client.ask(ping, {}).boardTimeUs).toBe(1_000_000);
    const fresh = createMockBoard({ preset: 'dam-a', cells: 8, seed: 5, noise: 'off' });
    fresh.elapse(61);
    expect(second.mock.trueNodeV(3, 'SET')).toBeCloseTo(fresh.trueNodeV(3, 'SET'), 12);
  });

  test('is saved while it changes, at most once a second, and leaves no other file', () => {
    const file = newFile();
    const { client, hostTime, work } = opened(file);
    const opening = existsSync(file);
    hostTime.advance(5_000);
    client.ask(ping, {});
    hostTime.advance(5_000);
    expect([opening, existsSync(file)]).toEqual([false, false]);
    work(1);
    hostTime.advance(999);
    expect(existsSync(file)).toBe(false);
    hostTime.advance(1);
    const content = readFileSync(file, 'utf8');
    hostTime.advance(10_000);
    expect(readFileSync(file, 'utf8')).toBe(content);
    expect(opened(file).mock.totalPulses).toBe(20);
    expect(readdirSync(join(file, '..'))).toEqual(['chip.json']);
  });
});

describe('a state file that cannot be gone on from is refused', () => {
  const written = () => {
    const file = newFile();
    const { mock, work } = opened(file);
    work(1);
    mock.close();
    return file;
  };
  const refusal = (file: string, choices: Partial<MockChoices> = {}) => {
    try {
      opened(file, choices);
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      return (error as Error).message.replace(file, 'FILE');
    }
    return undefined;
  };

  test.each<[string, Partial<MockChoices>, string]>([
    ['another kind', { preset: 'dam-b' }, 'it is the state of dam-a:5, expected one of dam-b:5'],
    ['another seed', { seed: 6 }, 'it is the state of dam-a:5, expected one of dam-a:6'],
    ['more cells', { cells: 16 }, 'it has 8 cells, expected 16'],
    ['another start', { startV: 8 }, 'it is of another kind of chip: startV is 8.5, expected 8'],
    ['no mismatch', { mismatch: 'off' }, 'its mismatch is on, expected off'],
    [
      'more defects',
      { dead: 1 },
      'it is of another kind of chip: defects is {"stuck":0,"leaky":0,"dead":0}, expected {"stuck":0,"leaky":0,"dead":1}',
    ],
  ])('%s', (_, choices, message) => {
    expect(refusal(written(), choices)).toBe(`the chip state FILE cannot be used: ${message}`);
  });

  test.each<[string, (text: string) => string, string]>([
    ['truncated', (text) => text.slice(0, 200), 'it is not whole: expected one JSON document, found 200 '],
    [
      'edited',
      (text) => text.replace('"boardId":"dam-a:5"', '"boardId":"dam-a:6"'),
      'its checksum does not fit',
    ],
    [
      'newer',
      (text) => text.replace('"schemaVersion":1', '"schemaVersion":2'),
      'it has schema version 2, this',
    ],
    ['no object', () => '[]', 'expected a JSON object'],
  ])('%s', (_, damage, message) => {
    const file = written();
    writeFileSync(file, damage(readFileSync(file, 'utf8')));
    expect(refusal(file)).toContain(`the chip state FILE cannot be used: ${message}`);
  });

  test('and one that cannot be written says so when the board closes', () => {
    const file = join(temporaryFolder(), 'nowhere', 'chip.json');
    const { mock, work, hostTime } = opened(file);
    work(1);
    hostTime.advance(5_000);
    expect(() => mock.close()).toThrow(RangeError);
  });
});

test('the truth is written where it is asked for, and is what the board has', () => {
  const truth = join(temporaryFolder(), 'truth.json');
  const mock = createMockBoard({ preset: 'dam-a-stress', cells: 3, seed: 9, leaky: 2, truth });
  expect(JSON.parse(readFileSync(truth, 'utf8'))).toEqual({ boardId: 'dam-a-stress:9', ...mock.truth });
  expect(mock.truth).toMatchObject({ seed: 9, rows: 3, columns: 1, disturbRel: 0.001, temperatureK: 300 });
  expect(mock.truth.nodes.map(({ cell, kind }) => `${kind} ${cell}`)).toEqual([
    'SET 0',
    'RESET 0',
    'SET 1',
    'RESET 1',
    'SET 2',
    'RESET 2',
  ]);
});
