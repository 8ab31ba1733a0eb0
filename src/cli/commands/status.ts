import { Command } from 'commander';
import type { AddressChoices } from '../../daemon/client/address.ts';
import { routes } from '../../daemon/routes/index.ts';
import type { App } from '../app.ts';
import { daemonCredentialsOption, daemonOf, daemonOption } from '../daemon-choice.ts';
import { boardsTable, jobsTable } from '../job-text.ts';
import { type JsonChoice, jsonOption } from '../options.ts';

export function statusCommand(app: App): Command {
  return new Command('status')
    .addOption(daemonOption())
    .addOption(daemonCredentialsOption())
    .addOption(jsonOption())
    .action(async ({ json, ...choices }: AddressChoices & JsonChoice) => {
      const daemon = daemonOf(app, choices);
      const [about, boards, jobs] = await Promise.all([
        daemon.ask(routes.about),
        daemon.ask(routes.listBoards),
        daemon.ask(routes.listJobs),
      ]);
      const open = jobs.filter(({ state }) => OPEN.has(state));
      app
        .output(json === true)
        .result({ url: daemon.url, ...about, boards, jobs: open }, () =>
          [
            `fnloop ${about.version} at ${daemon.url} ${about.isWell ? 'is well' : 'is not well'}`,
            ...about.reasons.map((reason) => `  ${reason}`),
            boards.length === 0 ? 'It looks after no boards.' : boardsTable(boards),
            ...(open.length === 0 ? [] : [jobsTable(open)]),
          ].join('\n'),
        );
    });
}

const OPEN: ReadonlySet<string> = new Set(['queued', 'running', 'paused', 'interrupted']);
