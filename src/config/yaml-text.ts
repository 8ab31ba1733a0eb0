import {
  CORE_SCHEMA,
  constructFromEvents,
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  YAMLException,
} from 'js-yaml';
import { documentBounds, excessOf } from './bounds.ts';

export type Path = readonly (string | number)[];

/** What a YAML text says, and where. */
export interface YamlText {
  readonly value: unknown;
  /** Where the deepest part of each path begins that the document has. */
  placesOf(paths: readonly Path[]): Place[];
}

/** A place in a text: characters before it, and its line from 1. */
export interface Place {
  readonly offset: number;
  readonly line: number;
}

/** Reads one YAML document (1.2, core schema) within `documentBounds`, in linear time. A sentence without subject where it is none. */
export function readYaml(text: string): YamlText | string {
  // UTF-8 has no character of fewer bytes, so this is no less than what is let in.
  if (text.length > documentBounds.bytes) return tooLong();
  if (text.includes('\0'))
    return 'has zero bytes, as UTF-16 without a byte-order mark does: save it as UTF-8';
  try {
    const events = parseEvents(text, { maxDepth: documentBounds.depth });
    const documents = events.filter(({ type }) => type === EVENT_ID.DOCUMENT).length;
    if (documents > 1) return `has ${documents.toLocaleString('en')} documents: expected one a file`;
    const [value = null] = constructFromEvents(events, { source: text, schema: CORE_SCHEMA });
    return excessOf(value) ?? { value, placesOf: (paths) => placesOf(events, text, paths) };
  } catch (error) {
    if (error instanceof YAMLException) return sentenceOf(error);
    throw error;
  }
}

export const tooLong = (): string =>
  `is too long: expected at most ${documentBounds.bytes.toLocaleString('en')} bytes`;

/** Without the lines around it that the parser shows: they may be long, or secret. */
function sentenceOf({ reason, mark }: YAMLException): string {
  const said = reason.replace(
    /^nesting exceeded maxDepth.*/,
    `is nested more than ${documentBounds.depth} levels deep`,
  );
  const place =
    mark === undefined || mark === null ? '' : ` at line ${mark.line + 1}, column ${mark.column + 1}`;
  return `${said.length > 120 ? `${said.slice(0, 120)}…` : said}${place}`;
}

interface Frame {
  readonly key: string;
  readonly isMap: boolean;
  /** Of the item that comes next, or of the key whose value does. */
  at: string | undefined;
  items: number;
}

const BETWEEN = '\0';
const spelled = (path: Path): string => path.map((part) => `${BETWEEN}${part}`).join('');

function placesOf(events: readonly Event[], text: string, paths: readonly Path[]): Place[] {
  const wanted = new Map<string, number>();
  for (const path of paths)
    for (let depth = 1; depth <= path.length; depth += 1) wanted.set(spelled(path.slice(0, depth)), -1);
  find(events, text, (place, offset) => {
    if (wanted.get(place) === -1) wanted.set(place, offset);
  });
  const starts = lineStarts(text);
  const at = (offset: number): Place => ({ offset, line: lineAt(starts, offset) });
  return paths.map((path) => {
    for (let depth = path.length; depth > 0; depth -= 1) {
      const offset = wanted.get(spelled(path.slice(0, depth))) ?? -1;
      if (offset >= 0) return at(offset);
    }
    const first = events.find(({ type }) => type !== EVENT_ID.DOCUMENT);
    return at(first === undefined ? 0 : Math.max(0, startOf(first)));
  });
}

/** Tells where each key and item of the document begins. */
function find(events: readonly Event[], text: string, told: (place: string, offset: number) => void): void {
  const open: (Frame | undefined)[] = [];
  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      open.pop();
      continue;
    }
    const parent = open.at(-1);
    let key = '';
    if (parent !== undefined) {
      if (parent.isMap && parent.at === undefined) {
        // A key that is a map itself has no name.
        parent.at = `${parent.key}${BETWEEN}${event.type === EVENT_ID.SCALAR ? getScalarValue(text, event) : ''}`;
        told(parent.at, startOf(event));
      } else {
        key = parent.at ?? `${parent.key}${BETWEEN}${parent.items}`;
        if (!parent.isMap) told(key, startOf(event));
        parent.at = undefined;
        parent.items += 1;
      }
    }
    if (event.type === EVENT_ID.DOCUMENT) open.push(undefined);
    if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE)
      open.push({ key, isMap: event.type === EVENT_ID.MAPPING, at: undefined, items: 0 });
  }
}

function startOf(event: Event): number {
  switch (event.type) {
    case EVENT_ID.SCALAR:
      return event.valueStart;
    case EVENT_ID.MAPPING:
    case EVENT_ID.SEQUENCE:
      return event.start;
    case EVENT_ID.ALIAS:
      return event.anchorStart;
    default:
      return 0;
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function lineAt(starts: readonly number[], offset: number): number {
  let [from, to] = [0, starts.length];
  while (to - from > 1) {
    const middle = (from + to) >> 1;
    if ((starts[middle] ?? 0) <= offset) from = middle;
    else to = middle;
  }
  return from + 1;
}
