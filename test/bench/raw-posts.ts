import { closeSync, openSync, readSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { INFLUX_USER } from '../support/influxd.ts';
import type { LineFile } from './long-run.ts';

/** Nothing but posts, two under way; returns points a second. */
export async function postedRaw({ path, posts }: LineFile, port: number, database: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  const file = openSync(path, 'r');
  const { INFLUX_USERNAME, INFLUX_PASSWORD } = INFLUX_USER;
  const post = (body: Buffer) =>
    new Promise<void>((resolve, reject) => {
      const sent = request(
        {
          port,
          agent,
          method: 'POST',
          path: `/write?db=${database}&precision=ns`,
          auth: `${INFLUX_USERNAME}:${INFLUX_PASSWORD}`,
        },
        (response) => {
          response.resume();
          response.on('end', () =>
            response.statusCode === 204 ? resolve() : reject(new Error(`status ${response.statusCode}`)),
          );
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  const waiting = posts.values();
  const work = async () => {
    for (const { at, bytes } of waiting) {
      const body = Buffer.allocUnsafe(bytes);
      readSync(file, body, 0, bytes, at);
      await post(body);
    }
  };
  const startMs = performance.now();
  await Promise.all([work(), work()]);
  const points = posts.reduce((sum, part) => sum + part.points, 0);
  agent.destroy();
  closeSync(file);
  return points / ((performance.now() - startMs) / 1e3);
}
