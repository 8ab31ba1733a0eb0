import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { summarize } from '../../store/summary.ts';
import { API_PATH } from '../routes/route.ts';
import { type RunListed, type runRoutes, type TableForm, tableForms, tableMedia } from '../routes/runs.ts';
import { DOCUMENT_POLICY } from './headers.ts';
import type { Handlers } from './mount.ts';
import { curveOf } from './run-curve.ts';
import type { RunShelf } from './run-shelf.ts';
import { pageOf, sendWritten, writtenTable } from './run-tables.ts';
import type { Tickets } from './tickets.ts';

export const runHandlers = (shelf: RunShelf, tickets: Tickets): Handlers<typeof runRoutes> => ({
  listRuns: async ({ query: { text, before, limit, ...wanted } }) => {
    const found: RunListed[] = [];
    for (const id of shelf.ids()) {
      if (found.length >= limit) break;
      if ((before !== undefined && id >= before) || (text !== undefined && !id.includes(text))) continue;
      const run = await shelf.listed(id);
      if (run !== undefined && isWanted(run, wanted)) found.push(run);
    }
    return found;
  },
  oneRun: ({ params }) =>
    shelf.read(params.run, async (run) => {
      const { file: _, report: __, figuresFolder: ___, ...summary } = await summarize(run);
      return {
        ...summary,
        hasReport: shelf.hasReport(run.folder),
        figures: shelf.figuresOf(run.folder),
      };
    }),
  runCurve: ({ params }) => shelf.read(params.run, curveOf),
  runTable: async ({ params: { run: name, table }, query: { form: asked, offset, limit }, preferred }) => {
    const form =
      asked ?? formOf(preferred([tableMedia.json, tableMedia.csv, tableMedia.parquet, tableMedia.arrow]));
    if (form === 'json') {
      const text = await shelf.read(name, (run) => pageOf(run, table, { offset, limit }));
      return new Response(text, { headers: { 'content-type': tableMedia.json } });
    }
    const { id } = shelf.folderOf(name);
    const written = await shelf.read(name, (run) => writtenTable(run, table, form));
    return sendWritten(written, form, `${id}-${table}.${form}`);
  },
  runReport: ({ params }) => document(shelf.reportOf(shelf.folderOf(params.run).folder), 'text/html'),
  reportTicket: ({ params, caller }) => {
    const { id, folder } = shelf.folderOf(params.run);
    shelf.reportOf(folder);
    const path = `${API_PATH}/runs/${id}/report`;
    const { ticket, validS } = tickets.issue(path, caller);
    return { path: `${path}?ticket=${ticket}`, validS };
  },
  runFigure: ({ params }) =>
    document(shelf.figureOf(shelf.folderOf(params.run).folder, params.figure), 'image/svg+xml'),
});

type Wanted = Partial<Pick<RunListed, 'status' | 'source' | 'board' | 'task' | 'policy'>>;

const isWanted = (run: RunListed, wanted: { readonly [Key in keyof Wanted]?: Wanted[Key] | undefined }) =>
  (Object.entries(wanted) as [keyof Wanted, string | undefined][]).every(
    ([key, value]) => value === undefined || run[key] === value,
  );

const formOf = (media: string): TableForm => tableForms.find((form) => tableMedia[form] === media) ?? 'json';

const document = (file: string, media: string): Response =>
  new Response(Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>, {
    headers: { 'content-type': `${media}; charset=utf-8`, 'content-security-policy': DOCUMENT_POLICY },
  });
