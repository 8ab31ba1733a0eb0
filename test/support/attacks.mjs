// Troubles a daemon until it is killed: `node attacks.mjs KIND URL [TOKEN]`. Prints `ready` once it does, and each second what came of it.
import { connect } from 'node:net';

const [, , kind, url, token, run = 'last'] = process.argv;
const { hostname, port } = new URL(url);
const tally = new Map();
const count = (what, by = 1) => tally.set(what, (tally.get(what) ?? 0) + by);
const authorization = token ? `authorization: Bearer ${token}\r\n` : '';
const head = (method, path, more = '') =>
  `${method} ${path} HTTP/1.1\r\nhost: ${hostname}\r\n${authorization}${more}\r\n`;
const post = (path, body, type = 'application/json') =>
  `${head('POST', path, `content-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`)}${body}`;

/** Keeps so many connections, each treated as `use` says, and opened again when it ends. */
function keep(most, use, reads = true) {
  const open = () => {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    socket.on('connect', () => {
      count('connected');
      use(socket);
    });
    if (reads) socket.on('data', (bytes) => answered(bytes));
    socket.on('close', () => {
      count('closed');
      setTimeout(open, 5);
    });
  };
  for (let each = 0; each < most; each += 1) open();
}

function answered(bytes) {
  const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(bytes.subarray(0, 16).toString('latin1')) ?? [];
  if (status) count(status);
}

/** Asks one after the other on each of so many connections. */
function ask(most, next) {
  keep(most, (socket) => {
    const send = () => socket.write(next());
    // Answers are short: one piece each, as a rule.
    socket.on('data', () => send());
    send();
  });
}

const trickle = (socket, text) => {
  const timer = setInterval(() => socket.write(text), 200);
  socket.on('close', () => clearInterval(timer));
};

const word = (index) =>
  `${index < 26 ? '' : word(Math.floor(index / 26))}${String.fromCharCode(97 + (index % 26))}`;
const fill = (room, line) => {
  let text = '';
  for (let index = 0; text.length < room; index += 1) text += line(index);
  return text;
};
const ROOM = 65_000;
const yaml = [
  fill(ROOM, (index) => `${word(index)}:\n`),
  `board: left\nexperiment:\n${fill(ROOM, (index) => ` ${word(index)}:\n`)}`,
  fill(ROOM, () => '? '),
  fill(ROOM, () => '[{a: '),
  fill(ROOM, (index) => `- &${word(index)} 1\n`),
];
const object = (most) => Object.fromEntries(Array.from({ length: most }, (_, index) => [word(index), null]));
const json = [
  JSON.stringify({ board: 'left', experiment: object(16_000) }),
  JSON.stringify({ board: 'left', experiment: 'breast-cancer', overrides: { budget: object(16_000) } }),
  JSON.stringify(object(60_000)),
  `{"board":"left","experiment":${'['.repeat(500_000)}`,
  `{"board":"left","experiment":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`,
  JSON.stringify({ board: 'x'.repeat(900_000), experiment: 'breast-cancer' }),
  `[${'1,'.repeat(400_000)}1]`,
];
let turn = 0;
function of(list) {
  turn += 1;
  return list[turn % list.length];
}
const paths = [
  '/runs',
  '/runs?limit=200',
  '/boards',
  '/jobs',
  '/experiments',
  '/tasks/breast-cancer/samples',
  '/openapi.json',
  '/bounds',
  '/calibrations',
  '/runs/last/tables/updates?limit=10000',
  '/nothing',
  '/runs?limit=x',
].map((path) => head('GET', `/api/v1${path}`));
const documents = [
  ...yaml.map((text) => post('/api/v1/plans', text, 'application/yaml')),
  ...json.map((text) => post('/api/v1/plans', text)),
];
const mixed = [
  ...paths,
  ...documents,
  'NONSENSE\r\n\r\n',
  head('GET', '/healthz', `x: ${'x'.repeat(20_000)}\r\n`),
  head('POST', '/api/v1/boards/left/safe', 'content-length: 0\r\n'),
];
const heavy = [
  `/runs/${run}`,
  `/runs/${run}/curve`,
  `/runs/${run}/report`,
  `/runs/${run}/tables/updates?form=csv`,
  `/runs/${run}/tables/updates?form=arrow`,
  `/runs/${run}/tables/updates?form=parquet`,
  `/runs/${run}/tables/updates?limit=10000`,
].map((path) => head('GET', `/api/v1${path}`, 'connection: close\r\n'));

const kinds = {
  'silent-512': () => keep(512, () => {}),
  'silent-5000': () => keep(5_000, () => {}),
  'slow-heads': () => keep(400, (socket) => trickle(socket, 'x')),
  'slow-bodies': () =>
    keep(400, (socket) => {
      socket.write(
        head('POST', '/api/v1/plans', 'content-type: application/json\r\ncontent-length: 9000\r\n'),
      );
      trickle(socket, ' ');
    }),
  'half-open': () => keep(300, (socket) => socket.end(of(paths))),
  'no-readers': () => keep(400, (socket) => socket.write(of(paths).repeat(3)), false),
  'event-readers': () => keep(200, (socket) => socket.write(head('GET', '/api/v1/events')), false),
  pipelined: () => keep(32, (socket) => socket.write(head('GET', '/healthz').repeat(1_000))),
  documents: () => ask(16, () => of(documents)),
  exports: () => keep(16, (socket) => socket.write(of(heavy))),
  requests: () => ask(64, () => of(mixed)),
};
kinds[kind]();
setTimeout(() => process.stdout.write('ready\n'), 500);
setInterval(() => process.stdout.write(`${JSON.stringify(Object.fromEntries(tally))}\n`), 1_000);
