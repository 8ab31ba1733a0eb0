import { documentBounds } from '../../src/config/bounds.ts';
import { seededRandom } from '../../src/core/random.ts';

type Line = (index: number) => string;

const letters = 'abcdefghijklmnopqrstuvwxyz';
/** A short word of its own for each number. */
export function wordOf(index: number): string {
  const last = letters[index % letters.length] ?? '';
  return index < letters.length ? last : `${last}${wordOf(Math.floor(index / letters.length))}`;
}

const experiment = `board: mock:dam-a
device: dam-a
task: { name: breast-cancer }
model: { name: logistic, weightPerVolt: 100 }
method: { name: gradient, steps: 10, learningRate: 0.3 }
policy: { name: matched, amplitudeV: 0.2236, baseWidthUs: 200000, maxWidthUs: 1000000 }
`;

/** YAML of the largest size that is let in, each of another kind of trouble: a line again and again, after a head. */
const kinds: Readonly<
  Record<string, { readonly head?: string; readonly line: Line; readonly foot?: string }>
> = {
  'many keys': { line: (index) => `${wordOf(index)}:\n` },
  'many keys below a known one': { head: `${experiment}budget:\n`, line: (index) => ` ${wordOf(index)}:\n` },
  'many keys in braces': { head: '{', line: (index) => `${wordOf(index)}: 1,`, foot: '}' },
  'near-miss names': { head: experiment, line: (index) => `accountin${wordOf(index)}: 1\n` },
  'near-miss names, long': { line: (index) => `${'accounting'.repeat(12)}${wordOf(index)}: 1\n` },
  'the same key': { line: () => 'a: 1\n' },
  'a long key': { line: () => 'a', foot: ': 1\n' },
  'a long key in quotes': { head: '"', line: () => '\\n', foot: '": 1\n' },
  'a long scalar': { head: 'board: ', line: () => 'b' },
  escapes: { head: 'board: "', line: () => '\\x41', foot: '"\n' },
  'a folded scalar': { head: 'board: >\n', line: () => ' b\n' },
  'a scalar on many lines': { head: 'board: ', line: () => 'b\n ' },
  brackets: { line: () => '[' },
  'braces in brackets': { line: () => '[{a: ' },
  braces: { line: () => '{' },
  dashes: { line: () => '- ' },
  'question marks': { line: () => '? ' },
  'question marks on lines': { line: () => '?\n' },
  colons: { line: () => ': ' },
  'deeper and deeper': { line: (index) => `${' '.repeat(index)}a:\n` },
  'a list': { line: () => '- 1\n' },
  'a list for a text': { head: 'board:\n', line: () => '- 1\n' },
  'a list in brackets': { head: 'board: [', line: () => '1,', foot: ']\n' },
  commas: { head: '[', line: () => ',' },
  'empty lists': { head: 'board: [', line: () => '[],', foot: ']\n' },
  anchors: { line: (index) => `- &${wordOf(index)} 1\n` },
  aliases: { head: 'a: &a {b: 1}\n', line: (index) => `k${wordOf(index)}: *a\n` },
  'aliases of aliases': {
    head: 'a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]\n',
    line: (index) =>
      `a${index + 1}: &a${index + 1} [${Array.from({ length: 9 }, () => `*a${index}`).join(', ')}]\n`,
  },
  'aliases of everything before': {
    head: 'a0: &a0 [1]\n',
    line: (index) => `a${index + 1}: &a${index + 1} [*a${index}]\n`,
  },
  'an alias in itself': { head: 'a: &a [', line: () => '*a,', foot: ']\n' },
  'aliases of none': { line: () => '- *a\n' },
  tags: { line: (index) => `- !${wordOf(index)} 1\n` },
  'tags of programs': { line: () => '- !!js/function x\n' },
  documents: { line: () => '---\na\n' },
  'ends of documents': { line: () => '...\n' },
  comments: { line: () => '# a\n' },
  'empty lines': { line: () => '\n' },
  tabs: { line: () => '\t' },
  errors: { line: () => '@\n' },
  'colons in values': { line: () => 'a: b: c\n' },
  directives: { line: (index) => `%TAG !${wordOf(index)}! !\n` },
  'merge keys': { head: 'a: &a {b: 1}\n', line: (index) => `${wordOf(index)}: {<<: *a}\n` },
  quotes: { line: () => '"a" ' },
  properties: { line: () => '&a !b ' },
  'block scalars': { line: () => '- |\n' },
  numbers: { line: (index) => `${index}: ${index}e${index % 400}\n` },
  'names of prototypes': {
    line: (index) =>
      `${['__proto__', 'constructor', 'toString'][index % 3]}${index % 7 ? index : ''}: {a: 1}\n`,
  },
  'control characters': { line: () => 'a\u0001: \u001b[2J\n' },
  'zero bytes': { line: () => 'b\0o\0' },
  emoji: { line: (index) => `🧪${wordOf(index)}: 🧪\n` },
};

export interface HostileDocument {
  readonly kind: string;
  readonly text: string;
}

/** Documents of all kinds in turn, of the largest size that is let in, no two alike. */
export function hostileDocuments(count: number, seed: number): HostileDocument[] {
  const names = Object.keys(kinds);
  const random = seededRandom(seed, 'documents');
  return Array.from({ length: count }, (_, nth) => {
    const kind = names[nth % names.length] ?? '';
    const { head = '', line, foot = '' } = kinds[kind] ?? { line: () => '' };
    // Some begin right, and some are of two kinds.
    const other = kinds[names[random.integer(names.length)] ?? ''];
    const before = nth < names.length ? head : `${random.integer(3) === 0 ? experiment : ''}${head}`;
    const lastOf = nth >= names.length && random.integer(3) === 0 ? (other?.line ?? line) : line;
    return { kind, text: filled(before, line, lastOf, foot) };
  });
}

function filled(head: string, line: Line, lastOf: Line, foot: string): string {
  const room = documentBounds.bytes - Buffer.byteLength(head) - Buffer.byteLength(foot);
  const parts: string[] = [];
  let bytes = 0;
  for (let index = 0; ; index += 1) {
    const part = bytes < room / 2 ? line(index) : lastOf(index);
    bytes += Buffer.byteLength(part);
    if (bytes > room) break;
    parts.push(part);
  }
  return `${head}${parts.join('')}${foot}`;
}
