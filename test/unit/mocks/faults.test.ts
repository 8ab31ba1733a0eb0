import { describe, expect, test } from 'vitest';
import { ping, run } from '../../../firmware-protocol/commands.ts';
import { faultScript, parseFaults } from '../../../mocks/index.ts';
import { request, SET0 } from './armed.ts';
import { faulty, prepare, wired } from './wired.ts';

const PING = request(7, ping, {});
const batch = (id: number, number = id, slots = 5) =>
  request(id, run, { batch: number, gapUs: 0, slots: Array.from({ length: slots }, () => [SET0]) });
const linesOf = (received: readonly string[]) => received.join('').split('\n').slice(0, -1);
const badLines = (board: { receive(bytes: string): void; onSend: (bytes: string) => void }) => {
  let reply = '';
  board.onSend = (bytes) => {
    reply = bytes;
  };
  board.receive(`\n${PING}`);
  return Number(/bad_lines=(\d+)/.exec(reply)?.[1]);
};

test('without conditions the wire is the board', () => {
  const { board, end } = wired({});
  expect(end).toBe(board);
});

describe('at every line', () => {
  test('corrupt flips one to three bits', () => {
    const { board, end, received } = faulty({ corrupt: 1 });
    for (let i = 0; i < 100; i += 1) end.receive(PING);
    expect(received).toEqual([]);
    // A flipped newline makes one bad line of two, a flip into a newline two of one.
    const counted = badLines(board);
    expect(counted).toBeGreaterThan(60);
    expect(counted).toBeLessThan(140);
  });

  test('corrupt on the way back alters the reply by one to three bits', () => {
    const { board, received } = faulty({ corrupt: 1 });
    for (let i = 0; i < 50; i += 1) board.receive(PING);
    const [sent = ''] = linesOf(wiredReply());
    for (const line of received) {
      const flips = [...line].reduce((sum, char, index) => {
        const difference = char.charCodeAt(0) ^ `${sent}\n`.charCodeAt(index);
        return sum + difference.toString(2).replaceAll('0', '').length;
      }, 0);
      expect(flips).toBeGreaterThanOrEqual(1);
      expect(flips).toBeLessThanOrEqual(3);
    }
    expect(received).toHaveLength(50);
  });

  test('drop loses it', () => {
    const { board, end, received } = faulty({ drop: 1 });
    end.receive(PING);
    board.receive(PING);
    expect([received, badLines(board)]).toEqual([[], 0]);
  });

  test('duplicate lets it come twice', () => {
    const { end, received } = faulty({ duplicate: 1 });
    end.receive(PING);
    const lines = linesOf(received);
    expect(lines).toHaveLength(4);
    expect(new Set(lines).size).toBe(1);
  });

  test('split lets it come in pieces, the later ones a little later', () => {
    const { board, received, hostTime } = faulty({ split: 1 });
    for (let i = 0; i < 20; i += 1) board.receive(PING);
    expect(linesOf(received).length).toBeLessThan(20);
    hostTime.advance(500);
    expect(received.length).toBeGreaterThan(25);
    expect(linesOf(received)).toEqual(Array.from({ length: 20 }, () => linesOf(wiredReply())[0]));
  });

  test('merge holds it back for the next one, but not for ever', () => {
    const { board, received, hostTime } = faulty({ merge: 1 });
    board.receive(PING);
    expect(received).toEqual([]);
    board.receive(PING);
    expect(received.map((chunk) => linesOf([chunk]).length)).toEqual([2]);
    board.receive(PING);
    hostTime.advance(20);
    expect(received.map((chunk) => linesOf([chunk]).length)).toEqual([2, 1]);
  });

  test('delay makes it late by up to delayMs, order kept', () => {
    const { board, received, hostTime } = faulty({ delay: 1 }, { delayMs: 50 });
    for (let id = 1; id <= 20; id += 1) board.receive(request(id, ping, {}));
    expect(received).toEqual([]);
    hostTime.advance(50);
    expect(received.map((line) => Number(/^#(\d+)/.exec(line)?.[1]))).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
  });

  test('garbage stands before it', () => {
    const { board, received } = faulty({ garbage: 1 });
    board.receive(PING);
    const [reply = ''] = wiredReply();
    expect(received[0]?.endsWith(reply)).toBe(true);
    expect(received[0]?.length).toBeGreaterThan(reply.length);
    expect(received[0]?.length).toBeLessThanOrEqual(reply.length + 16);
  });

  test('swallow-before keeps a RUN from the board, and nothing else', () => {
    const { board, end, received } = faulty({ 'swallow-before': 1 });
    prepare(end);
    end.receive(batch(3, 1));
    expect([board.totalPulses, received.length]).toEqual([0, 2]);
  });

  test('swallow-after loses the reply of a RUN that was executed, and nothing else', () => {
    const { board, end, received } = faulty({ 'swallow-after': 1 });
    prepare(end);
    end.receive(batch(3, 1) + request(4, ping, {}));
    expect(board.totalPulses).toBe(5);
    expect(linesOf(received).map((line) => line.slice(0, 2))).toEqual(['#1', '#2', '#4']);
  });

  test('stall silences the board, which then goes on', () => {
    const { end, received, hostTime } = faulty({ stall: 1 }, { stallMs: 300 });
    end.receive(PING);
    hostTime.advance(299);
    expect(received).toEqual([]);
    hostTime.advance(2);
    expect(received).toHaveLength(1);
  });
});

test('rates hold on average, and the seed decides which lines they hit', () => {
  const arrived = (seed: number) => {
    const { board, received } = wired({ faults: faultScript.parse({ seed, rates: { drop: 0.2 } }) });
    for (let i = 0; i < 2000; i += 1) board.receive(request((i % 60_000) + 1, ping, {}));
    return received.map((line) => line.split(' ', 1)[0]);
  };
  expect(arrived(1).length).toBeGreaterThan(1500);
  expect(arrived(1).length).toBeLessThan(1700);
  expect(arrived(1)).toEqual(arrived(1));
  expect(arrived(1)).not.toEqual(arrived(2));
});

describe('at a number of pulses', () => {
  const at = (...faults: object[]) => {
    const bench = wired({ faults: faultScript.parse({ at: faults }) });
    prepare(bench.end);
    bench.received.length = 0;
    return bench;
  };

  test('unplug asks whoever serves the wire, and loses what is on its way', () => {
    const { board, end, received } = at({ fault: 'unplug', afterPulses: 7, forMs: 123 });
    const asked: number[] = [];
    end.onUnplug = (forMs) => {
      asked.push(forMs);
      end.onSend = () => {};
      end.unplugged?.();
    };
    end.receive(batch(3, 1) + batch(4, 2));
    expect(asked).toEqual([123]);
    expect(linesOf(received)).toHaveLength(1);
    expect(board.totalPulses).toBe(10);
  });

  test('reboot ends a batch, whose reply is lost or not', () => {
    const replied = Array.from({ length: 20 }, (_, seed) => {
      const bench = wired({ faults: faultScript.parse({ seed, at: [{ fault: 'reboot', afterPulses: 3 }] }) });
      prepare(bench.end);
      bench.received.length = 0;
      bench.end.receive(batch(3, 1));
      expect(bench.board.batchesRun.map(({ slotsDone }) => slotsDone)).toEqual([5]);
      expect(bench.received.at(-1)).toMatch(/^!BOOT /);
      return bench.received.length - 1;
    });
    expect(new Set(replied)).toEqual(new Set([0, 1]));
  });

  test('brown-out cuts a batch', () => {
    const { board, end, received } = at({ fault: 'brown-out', afterPulses: 5, slots: 3 });
    end.receive(batch(3, 1));
    expect(linesOf(received)).toEqual([expect.stringMatching(/^!BOOT /)]);
    expect(board.batchesRun.map(({ slotsDone }) => slotsDone)).toEqual([5]);

    const next = at({ fault: 'brown-out', afterPulses: 1, slots: 3 });
    next.end.receive(batch(3, 1));
    expect(next.board.batchesRun.map(({ slotsDone }) => slotsDone)).toEqual([3]);
  });

  test('stall silences the board', () => {
    const { end, received, hostTime } = at({ fault: 'stall', afterPulses: 1, forMs: 40 });
    end.receive(batch(3, 1));
    expect(received).toEqual([]);
    hostTime.advance(41);
    expect(received).toHaveLength(1);
  });
});

describe('the compact form', () => {
  test('holds rates and spreads counts over pulses, by seed', () => {
    const script = parseFaults('corrupt:0.01,drop:.005,unplug:20@1000000,reboot:2@1000', 4);
    expect(script).toMatchObject({ seed: 4, rates: { corrupt: 0.01, drop: 0.005 } });
    const unplugs = script.at.filter(({ fault }) => fault === 'unplug').map(({ afterPulses }) => afterPulses);
    expect(unplugs.map((pulses) => Math.floor((pulses - 1) / 50_000))).toEqual(
      Array.from({ length: 20 }, (_, index) => index),
    );
    expect(new Set(unplugs.map((pulses) => pulses % 50_000)).size).toBe(20);
    expect(parseFaults('unplug:20@1000000', 4).at).toEqual(script.at.slice(0, 20));
    expect(parseFaults('unplug:20@1000000', 5).at).not.toEqual(script.at.slice(0, 20));
  });

  test.each([
    [
      'corupt:0.1',
      /no fault 'corupt', expected one of corrupt, drop, .*stall, unplug, reboot, brown-out, button, interlock$/,
    ],
    ['', /no fault '', expected one of/],
    ['drop:1.5', "expected a rate from 0 to 1 such as drop:0.01, found 'drop:1.5'"],
    ['drop:5@100', 'expected a rate'],
    ['unplug:0.1', "expected a count over so many pulses such as unplug:20@1000000, found 'unplug:0.1'"],
    ['stall', 'expected a rate from 0 to 1 such as stall:0.01 or a count'],
    ['drop:0.1,drop:0.2', "the fault 'drop' stands twice"],
    ['reboot:0@10', 'expected a count'],
  ])('refuses %s', (text, message) => {
    expect(() => parseFaults(text)).toThrow(RangeError);
    expect(() => parseFaults(text)).toThrow(message);
  });
});

test('a script with what it does not know is refused', () => {
  expect(faultScript.safeParse({ rates: { corupt: 0.1 } }).success).toBe(false);
  expect(faultScript.safeParse({ rate: {} }).success).toBe(false);
  expect(faultScript.safeParse({ at: [{ fault: 'melt', afterPulses: 1 }] }).success).toBe(false);
  expect(faultScript.safeParse({ at: [{ fault: 'reboot', afterPulses: 1, forMs: 3 }] }).success).toBe(false);
  expect(faultScript.parse({})).toEqual({ rates: {}, at: [], delayMs: 20, stallMs: 500 });
});

/** What a fresh board answers to `PING`. */
function wiredReply(): string[] {
  const { end, received } = wired({});
  end.receive(PING);
  return received;
}
