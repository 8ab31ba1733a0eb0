import { expect, test } from 'vitest';
import { routes } from '../../../../src/daemon/routes/index.ts';
import { PatientClient } from '../../../../src/daemon/web/patient-client.ts';
import { startApi } from '../../../support/daemon-api.ts';

test('two things are asked at once, in their order, and a lost connection gives up all of them', async () => {
  const { lab, url } = await startApi();
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  lab.info = (name) =>
    new Promise((_, refuse) => {
      asked.push(name);
      answers.push(() => refuse(new Error('no matter')));
    });
  const isLost = new AbortController();
  const client = new PatientClient({ url }, isLost.signal);
  const asking = ['left', 'right', 'left', 'right'].map((board) =>
    client.ask(routes.boardInfo, { params: { board } }),
  );
  const settled = Promise.allSettled(asking);
  await expect.poll(() => asked).toEqual(['left', 'right']);
  answers[0]?.();
  await expect.poll(() => asked).toEqual(['left', 'right', 'left']);
  isLost.abort();
  expect((await settled).slice(1)).toMatchObject(
    Array(3).fill({
      reason: { code: 'daemon-unavailable', message: expect.stringMatching(/may have been done/) },
    }),
  );
  expect(asked.length).toBe(3);
});
