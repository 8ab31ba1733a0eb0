import { onTestFinished } from 'vitest';
import { createMockBoard, type MockChoices, serveTcp, type WireEnd } from '../../mocks/index.ts';

/** A mock that a test can look into, at a TCP address that outlives its hosts; its replies can be withheld. */
export async function mutableMock(choices: Partial<MockChoices> = {}) {
  const mock = createMockBoard({ preset: 'dam-a', cells: 64, ...choices });
  let isMute = false;
  let runsHeard = 0;
  let muteAtRun = Number.POSITIVE_INFINITY;
  const end: WireEnd = {
    onSend: () => {},
    receive: (bytes) => {
      runsHeard += bytes.split(' RUN ').length - 1;
      isMute ||= runsHeard >= muteAtRun;
      mock.receive(bytes);
    },
  };
  mock.onSend = (bytes) => {
    if (!isMute) end.onSend(bytes);
  };
  const served = await serveTcp(end, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => served.close());
  return {
    mock,
    served,
    address: `tcp:127.0.0.1:${served.port}`,
    /** Resolves once the board has heard so many batches; from that one on it answers nothing. */
    async muteAt(runs: number): Promise<void> {
      muteAtRun = runs;
      while (!isMute) await new Promise((resolve) => setTimeout(resolve, 1));
    },
    /** Resolves once the board has heard so many batches. */
    async heard(runs: number): Promise<void> {
      while (runsHeard < runs) await new Promise((resolve) => setTimeout(resolve, 1));
    },
    unmute(): void {
      muteAtRun = Number.POSITIVE_INFINITY;
      isMute = false;
    },
  };
}
