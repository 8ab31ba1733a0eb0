import * as pty from '@lydell/node-pty';
import { onTestFinished } from 'vitest';

/** A real terminal in which a shell runs one line; `hangUp` closes it, as when its window is closed. */
export function terminal(line: string, environment: Readonly<Record<string, string>> = {}) {
  const shell = pty.spawn('bash', ['--norc', '--noprofile', '-i'], {
    cols: 200,
    env: { ...process.env, ...environment, PS1: '$ ' },
  });
  let text = '';
  shell.onData((data) => {
    text += data;
  });
  onTestFinished(() => shell.kill('SIGKILL'));
  shell.write(`${line}\r`);
  return {
    /** What it shows so far. */
    text: () => text,
    hangUp: () => {
      // Closes the master: whoever has the terminal sees it go.
      (shell as unknown as { destroy(): void }).destroy();
    },
  };
}
