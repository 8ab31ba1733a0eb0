import { createConnection } from 'node:net';
import { expect, test } from 'vitest';
import { encodeFields } from '../../firmware-protocol/codec.ts';
import { commands } from '../../firmware-protocol/commands.ts';
import { spellLine } from '../../firmware-protocol/line.ts';
import { createMockBoard, serveTcp } from '../../mocks/index.ts';
import { fnloop, fnloopJson, startMock } from '../support/fnloop.ts';

test('fnloop safe disarms a board that another program left armed, and says so', async () => {
  const mock = createMockBoard({ preset: 'dam-a', cells: 8 });
  const { port, close } = await serveTcp(mock, { host: '127.0.0.1', port: 0 });
  try {
    const fields = encodeFields(commands.arm.request, {
      maxAmplitudeV: 1,
      maxWidthUs: 1000,
      holdMs: undefined,
    });
    const armed = `${spellLine({ kind: 'request', id: 1, verb: 'ARM', fields })}\n`;
    await new Promise<void>((resolve) => {
      const socket = createConnection(port, '127.0.0.1', () => socket.write(armed));
      socket.once('data', () => socket.end());
      socket.once('close', () => resolve());
    });
    expect(mock.isArmed).toBe(true);
    const board = `tcp:127.0.0.1:${port}`;
    const { code, stdout } = await fnloop('safe', '--board', board);
    expect(stdout).toBe(
      `Board dam-a:1 at ${board} was armed. It has confirmed: outputs at rest, disarmed, waves forgotten.\n`,
    );
    expect(code).toBe(0);
    expect(mock.isArmed).toBe(false);
    expect(await fnloopJson('safe', '--board', board)).toMatchObject({ wasArmed: 'no', isAtRest: true });
  } finally {
    await close();
  }
});

test('fnloop safe fails where nobody confirms', async () => {
  expect(await fnloop('safe', '--board', 'tcp:127.0.0.1:9')).toMatchObject({ code: 3, stdout: '' });
  const { ready } = await startMock('--tcp', '127.0.0.1:0', '--faults', 'drop:1');
  expect(await fnloop('safe', '--board', ready.address)).toMatchObject({
    code: 3,
    stdout: '',
    stderr: expect.stringContaining('did not answer SAFE'),
  });
});
