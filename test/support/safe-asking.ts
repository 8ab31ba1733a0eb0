import { Agent, request } from 'node:http';

export interface AskedSafe {
  /** From the connection to the answer, ms, the least first. */
  readonly tookMs: readonly number[];
  /** What came instead of status 200. */
  readonly refused: readonly string[];
}

interface Asking {
  readonly url: string;
  readonly token?: string | undefined;
  readonly board: string;
  readonly times: number;
  /** Every other time on a connection that is kept, else always on a new one. */
  readonly pauseMs?: number;
}

/** Asks for SAFE one time after the other, in turn on a new connection and on one that is kept. */
export async function askSafe({ url, token, board, times, pauseMs = 5 }: Asking): Promise<AskedSafe> {
  const kept = new Agent({ keepAlive: true, maxSockets: 1 });
  const tookMs: number[] = [];
  const refused: string[] = [];
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const once = (agent: Agent | false) =>
    new Promise<string>((resolve) => {
      const sent = request(
        `${url}/api/v1/boards/${board}/safe`,
        { method: 'POST', agent, headers: { ...authorization, 'content-length': 0 } },
        (response) => {
          response.resume();
          response.on('end', () => resolve(String(response.statusCode)));
        },
      );
      sent.on('error', ({ message }) => resolve(message));
      sent.end();
    });
  for (let time = 0; time < times; time += 1) {
    const isKept = time % 2 === 1;
    const startMs = performance.now();
    let said = await once(isKept ? kept : false);
    // A kept connection may be cut while nobody asks: who asks again has lost that time.
    if (isKept && said !== '200') said = await once(false);
    tookMs.push(performance.now() - startMs);
    if (said !== '200') refused.push(said);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  kept.destroy();
  return { tookMs: tookMs.toSorted((one, other) => one - other), refused };
}

/** Of sorted values. */
export const quantileOf = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
