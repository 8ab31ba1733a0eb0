import { routes } from '../../routes/index.ts';
import { AskButton } from '../shell/ask-button.tsx';
import { usePage } from '../shell/page-context.ts';

/** Opens the report of a run in another tab, by a ticket: a browser sends no token where it opens a link. */
export function ReportButton({ run }: { readonly run: string }) {
  const { act } = usePage();
  return (
    <AskButton
      aria-label={`Report of ${run}`}
      onClick={() =>
        void act(`Report of ${run}`, 'The report is open in another tab', async (client) => {
          const { path } = await client.ask(routes.reportTicket, { params: { run } });
          window.open(path, '_blank', 'noopener');
        })
      }
    >
      Report
    </AskButton>
  );
}
