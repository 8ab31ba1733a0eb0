import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { bytesIn, type Lines } from './line-texts.ts';

export interface Reply {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** As much of it as is worth telling. */
  readonly body: string;
}

/** A reply's body is read to its end, and kept up to here. */
const BODY_KEPT = 4096;

/** Posts bodies to one address over connections that stay open. */
export class Poster {
  readonly #url: URL;
  readonly #agent: HttpAgent;

  constructor(url: URL, connections: number) {
    const Agent = url.protocol === 'https:' ? HttpsAgent : HttpAgent;
    this.#url = url;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Rejects when no reply came: the connection failed, nothing moved for `silenceMs`, or the signal aborted. */
  post(
    body: Lines,
    headers: Readonly<Record<string, string>>,
    silenceMs: number,
    signal: AbortSignal,
  ): Promise<Reply> {
    const request = this.#url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const sent = request(
        this.#url,
        {
          method: 'POST',
          agent: this.#agent,
          signal,
          timeout: silenceMs,
          headers: { ...headers, 'content-length': String(bytesIn(body)) },
        },
        (response) => void replyOf(response).then(resolve, reject),
      );
      sent.on('timeout', () => sent.destroy(new Error(`no reply within ${silenceMs / 1e3} s`)));
      sent.on('error', reject);
      sent.cork();
      for (const part of body) sent.write(part);
      sent.end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function replyOf(response: IncomingMessage): Promise<Reply> {
  let body = '';
  response.setEncoding('utf8');
  for await (const part of response) if (body.length < BODY_KEPT) body += part as string;
  return {
    status: response.statusCode ?? 0,
    retryAfter: response.headers['retry-after'],
    body: body.slice(0, BODY_KEPT),
  };
}
