// Makes a fresh clone ready and runs it: `node src/set-up.mjs start | test | build | bench [arguments]`.
// Needs nothing but Node, since nothing may be installed yet.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [task, ...args] = process.argv.slice(2);
const tasks = { start, test, build, bench };

/** System parts that tests use, by the command that shows them present. */
const systemParts = [
  { command: 'udevadm', package: 'udev' },
  { command: 'chromium', package: 'chromium' },
  { command: 'influxd', package: 'influxdb' },
  { command: 'influx', package: 'influxdb-client' },
  { command: 'systemd-notify', package: 'systemd' },
  { command: 'python3', package: 'python3' },
];

if (!Object.hasOwn(tasks, task))
  stop(`expected one of ${Object.keys(tasks).join(', ')}, found '${task ?? ''}'`);
requireNode();
installPackages();
await tasks[task]();

async function start() {
  build();
  process.exitCode = await watch(['dist/src/cli/main.js', 'train', 'breast-cancer', ...args]);
}

async function test() {
  installSystemParts();
  build();
  for (const project of ['test', 'src/daemon/web'])
    run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project]);
  run(
    process.execPath,
    ['node_modules/@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', '.'],
    'ignore',
  );
  const folder = mkdtempSync(join(tmpdir(), 'fnloop-test-'));
  const results = join(folder, 'results.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
  const config = ['--config', 'test/vitest.config.ts'];
  const status = await watch(['node_modules/vitest/vitest.mjs', 'run', ...config, ...reporters, ...args]);
  if (!existsSync(results)) stop('the test runner ended without a result', status || 1);
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, success } = JSON.parse(
    readFileSync(results, 'utf8'),
  );
  rmSync(folder, { recursive: true });
  const skipped = numPendingTests + numTodoTests;
  console.log(
    `${numPassedTests} passed, ${numFailedTests} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
  );
  process.exitCode = status || (success && numPassedTests > 0 ? 0 : 1);
}

/** Benchmarks are compiled beside what they measure, so that both run as they do in the field. */
async function bench() {
  build();
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'test/bench']);
  process.exitCode = await watch(['dist/test/bench/main.js', ...args]);
}

function requireNode() {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [major, minor] = engines.node.match(/\d+/g).map(Number);
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
  if (ownMajor < major || (ownMajor === major && ownMinor < minor)) {
    stop(`Node ${engines.node} is needed, this is ${process.versions.node}`);
  }
}

/** `npm ci` unless node_modules was installed from this very lock file. */
function installPackages() {
  const stamp = join(root, 'node_modules', '.fnloop-lock');
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  note('installing packages (npm ci)');
  run('npm', ['ci', '--no-audit', '--no-fund'], 'ignore');
  writeFileSync(stamp, lock);
}

/** Compiler and bundler take some two seconds, so they run each time; the commit is left for manifests to name. */
function build() {
  run(process.execPath, ['node_modules/typescript/bin/tsc']);
  run(process.execPath, [
    'node_modules/vite/bin/vite.js',
    'build',
    '--config',
    'src/daemon/web/vite.config.mjs',
  ]);
  mkdirSync(join(root, 'dist'), { recursive: true });
  const describe = ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*'];
  const git = spawnSync('git', describe, { cwd: root, encoding: 'utf8' });
  const commit = join(root, 'dist', 'commit.txt');
  if (git.status === 0) writeFileSync(commit, git.stdout);
  else rmSync(commit, { force: true });
}

/** Runs a program of ours to its end and returns its exit status; signals are its own to handle. */
function watch(parameters) {
  const child = spawn(process.execPath, parameters, { cwd: root, stdio: 'inherit' });
  // A terminal sends these to the whole group, so the child has them already.
  process.on('SIGINT', () => {});
  process.on('SIGQUIT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.on('close', (status) => resolve(status ?? 1)));
}

function installSystemParts() {
  const missing = systemParts.filter(
    ({ command }) => spawnSync(command, ['--version'], { stdio: 'ignore' }).error !== undefined,
  );
  if (missing.length === 0) return;
  const install = ['install', '-y', '--no-install-recommends', ...missing.map((part) => part.package)];
  if (
    process.getuid?.() !== 0 ||
    spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).error !== undefined
  ) {
    stop(
      `the tests need ${missing.map(({ command }) => command).join(', ')}. Install with: sudo apt-get ${install.join(' ')}`,
    );
  }
  note(`installing ${missing.map((part) => part.package).join(', ')} (apt-get)`);
  process.env['DEBIAN_FRONTEND'] = 'noninteractive';
  run('apt-get', ['update', '-qq'], 'ignore');
  run('apt-get', install, 'ignore');
}

/** Runs a command; where it fails, ends with its status, having shown what it printed. */
function run(command, parameters, stdout = 'inherit') {
  try {
    execFileSync(command, parameters, {
      cwd: root,
      stdio: ['inherit', stdout === 'ignore' ? 'pipe' : stdout, 'inherit'],
    });
  } catch (error) {
    if (error.stdout) process.stderr.write(error.stdout);
    stop(
      `${command} ${parameters.join(' ')} failed${error.status === null ? `: ${error.message}` : ''}`,
      error.status ?? 1,
    );
  }
}

function note(text) {
  console.error(`fnloop set-up: ${text}`);
}

function stop(reason, status = 1) {
  note(reason);
  process.exit(status);
}
