import { expect, test } from 'vitest';
import { Board } from '../../src/board/board.ts';
import { systemClock } from '../../src/core/clock.ts';
import { parseAddress } from '../../src/transport/address.ts';
import { openEndpoint } from '../../src/transport/open.ts';
import { daemonConfig, experimentOf, labOf, servedMock, until } from '../support/daemon.ts';

const VALID_MS = 600;
const request = { board: 'b0', purpose: 'fnloop calibrate, process 1', askedBy: 'ann' };

async function labWithOneBoard() {
  const served = await servedMock();
  const { file, runs } = daemonConfig({ b0: served.address });
  const begin = () => labOf(file, { loanValidMs: VALID_MS });
  const opened = begin();
  const stateOf = () => opened.lab.boards()[0]?.state;
  await until(() => stateOf() === 'ready', 'ready');
  return { ...served, ...opened, runs, stateOf, begin };
}

test('a lent board has a free port and outputs at rest; jobs wait, all else is refused with the reason', async () => {
  const { lab, mock, address, stateOf } = await labWithOneBoard();
  const { id, validMs } = await lab.lend(request);
  expect(validMs).toBe(VALID_MS);
  const keeping = setInterval(() => void lab.keepLoan(id), VALID_MS / 4);
  expect([stateOf(), mock.isArmed]).toEqual(['lent', false]);
  const reason = 'Lent to ann: fnloop calibrate, process 1.';
  expect(lab.boards()[0]?.reason).toBe(reason);
  const endpoint = await openEndpoint(parseAddress(address), { seed: 1 });
  const board = await Board.connect(endpoint, { clock: systemClock });
  expect(board.identity.boardId).toBe('dam-a:1');

  const { policy } = experimentOf(1);
  const refusal = { code: 'usage', message: expect.stringContaining(reason) };
  await expect(lab.lend(request)).rejects.toMatchObject(refusal);
  await expect(lab.info('b0')).rejects.toMatchObject(refusal);
  await expect(lab.plan('b0', experimentOf(1))).rejects.toMatchObject(refusal);
  await expect(lab.openSession({ board: 'b0', cells: 1, policy, askedBy: 'x' })).rejects.toMatchObject(
    refusal,
  );
  await expect(lab.safe('b0', 'a test')).rejects.toMatchObject(refusal);
  await expect(lab.safe('b0', 'a test')).rejects.toThrow(`'fnloop safe --board ${address}'`);
  const job = await lab.submit('b0', experimentOf(1), 'test');
  // Longer than a loan of which nothing is heard is valid.
  await new Promise((resolve) => setTimeout(resolve, 2 * VALID_MS));
  expect([stateOf(), lab.jobs()[0]?.state]).toEqual(['lent', 'queued']);

  await board.close();
  clearInterval(keeping);
  await lab.endLoan(id);
  // Somebody wanted it at rest meanwhile, although nobody answered.
  await until(() => stateOf() === 'resting', 'the board rests');
  expect(lab.jobs()[0]?.state).toBe('queued');
  await lab.goOn('b0');
  await until(() => lab.jobs()[0]?.state === 'finished', `job ${job.id} is done`);
  await expect(lab.keepLoan(id)).rejects.toMatchObject({ code: 'not-found' });
  await expect(lab.endLoan(id)).rejects.toMatchObject({ code: 'not-found' });
});

test('a loan of which nothing is heard runs out; a board at work is not lent; quarantine ends a loan', async () => {
  const { lab, stateOf } = await labWithOneBoard();
  await lab.lend(request);
  await until(() => stateOf() === 'ready', 'it is back');
  const { id } = await lab.submit('b0', experimentOf(100_000), 'test');
  await until(() => stateOf() === 'running', 'it runs');
  await expect(lab.lend(request)).rejects.toThrow(`Job ${id} is running on board b0: wait`);
  await lab.stop(id);
  await until(() => stateOf() === 'ready', 'it is free');
  const loan = await lab.lend(request);
  await lab.quarantine('b0', 'It smells.');
  await expect(lab.keepLoan(loan.id)).rejects.toMatchObject({ code: 'not-found' });
  expect(stateOf()).toBe('quarantined');
  await expect(lab.lend(request)).rejects.toThrow('It smells.');
});

test('a daemon that begins amid a loan leaves the board alone until that is over', async () => {
  const { lab, begin } = await labWithOneBoard();
  const { id } = await lab.lend(request);
  await lab.close();
  const { lab: next } = begin();
  expect(next.boards()[0]).toMatchObject({ state: 'lent', reason: expect.stringContaining('Lent to ann') });
  await next.keepLoan(id);
  await next.endLoan(id);
  await until(() => next.boards()[0]?.state === 'ready', 'it is back');
  await next.close();
  expect(begin().lab.boards()[0]?.state).toBe('connecting');
});
