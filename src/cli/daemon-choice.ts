import { Option } from 'commander';
import { type AddressChoices, daemonAddress } from '../daemon/client/address.ts';
import { DaemonClient } from '../daemon/client/client.ts';
import { DEFAULT_URL } from '../daemon/places.ts';
import type { App } from './app.ts';

export const daemonOption = () =>
  new Option('--daemon <url>', `where the daemon is (default: FNLOOP_DAEMON, else ${DEFAULT_URL})`);

export const daemonCredentialsOption = () =>
  new Option(
    '--credentials <file>',
    'YAML with url and token of the daemon, yours alone (chmod 600); FNLOOP_TOKEN goes before it',
  );

/** The daemon that the command line means. Throws as `daemonAddress`. */
export const daemonOf = (app: App, choices: AddressChoices): DaemonClient =>
  new DaemonClient(daemonAddress(choices, process.env), app.signal);
