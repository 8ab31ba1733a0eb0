/**
 * Serves the built mock in a process of its own: `node board-process.mjs SEED [PTY_PATH]`, on TCP without a path. Its parent is told
 * the address, asks for the pulses of each node (S then R of each cell), and pulls the wire out.
 */
import { createMock, servePty, serveTcp } from '../../../dist/mocks/index.js';

const CELLS = 64;
const [seed, path] = process.argv.slice(2);
const { board, end } = createMock({ preset: 'dam-a', cells: CELLS, seed: Number(seed) });
const served =
  path === undefined ? await serveTcp(end, { host: '127.0.0.1', port: 0 }) : await servePty(end, path);

const pulses = () =>
  Array.from({ length: 2 * CELLS }, (_, node) =>
    board.pulsesApplied(Math.floor(node / 2), node % 2 === 0 ? 'SET' : 'RESET'),
  );
process.on('message', (message) => {
  if ('unplugForMs' in message) served.unplug(message.unplugForMs);
  else process.send({ pulses: pulses(), isArmed: board.isArmed });
});
process.on('disconnect', () => process.exit(0));
process.send({ address: path === undefined ? `tcp:127.0.0.1:${served.port}` : `serial:${path}` });
