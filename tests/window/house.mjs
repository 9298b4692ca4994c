// A real headquarters and a real enrolled terminal in a folder of their own, on free ports.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const programs = resolve(root, process.env.CARGO_TARGET_DIR ?? 'target', 'debug');
export const terminalProgram = join(programs, 'sanxiang-terminal');
const headquartersProgram = join(programs, 'sanxiang-headquarters');

/** Officers of the example agency. */
export const officers = {
  first: { credential: '99010001', pin: '246810', name: '赵明甲' },
  second: { credential: '99010002', pin: '135791', name: '钱思乙' },
  expired: { credential: '99010003', pin: '112358', name: '孙未丙' },
  auxiliary: { credential: '99010004', pin: '141421', name: '李助丁' },
};

/** How long anything may take before it counts as hanging; a crowded machine is slow, and no fault of ours. */
export const patience_ms = 60_000;

/** A free port that nobody else is given before it is released. */
export async function keepPort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const release = async () => {
    server.close();
    await once(server, 'close');
  };
  return { port, release };
}

/** Asks until the answer is not false; gives up after `within_ms` and says what it waited for. */
export async function until(what, ask, within_ms = patience_ms) {
  const deadline = Date.now() + within_ms;
  let last;
  do {
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      last = error;
    }
    await new Promise((done) => setTimeout(done, 60));
  } while (Date.now() < deadline);
  throw new Error(`waited ${within_ms / 1000} s for ${what}${last ? `: ${last.message}` : ''}`);
}

const isListening = (port) =>
  new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => done(true) || socket.destroy());
    socket.once('error', () => done(false));
  });

/** Ends a process we started: asks first, insists after five seconds. */
export async function end(process) {
  if (!process || process.exitCode !== null || process.signalCode !== null) return;
  const gone = once(process, 'exit');
  process.kill('SIGTERM');
  const insist = setTimeout(() => process.kill('SIGKILL'), 5_000);
  await gone;
  clearTimeout(insist);
}

export async function openHouse() {
  const dir = mkdtempSync(join(tmpdir(), 'sanxiang-test-'));
  const headquartersData = join(dir, 'headquarters');
  const terminalData = join(dir, 'terminal');
  const kept = await keepPort();
  const { port } = kept;
  const url = `http://127.0.0.1:${port}`;
  const founded = execFileSync(
    headquartersProgram,
    ['init', '--data', headquartersData, '--example', '--public-url', url],
    { cwd: root, encoding: 'utf8' },
  );
  const users = Object.fromEntries(
    [...founded.matchAll(/^console user (\S+) password (.+)$/gm)].map(([, user, password]) => [user, password]),
  );
  const ticket = execFileSync(headquartersProgram, ['ticket', '--data', headquartersData], { encoding: 'utf8' }).trim();

  let headquarters;
  const house = {
    dir,
    url,
    users,
    terminalData,
    async startHeadquarters() {
      const log = openSync(join(dir, 'headquarters.log'), 'a');
      headquarters = spawn(
        headquartersProgram,
        ['serve', '--data', headquartersData, '--listen', `127.0.0.1:${port}`, '--ui', join(root, 'ui/dist')],
        { cwd: root, stdio: ['ignore', log, log] },
      );
      await until('headquarters to listen', () => isListening(port));
    },
    /** Puts an agency's file in force while headquarters serves. */
    publishAgency(file) {
      execFileSync(headquartersProgram, ['roster', '--data', headquartersData, '--agency', file], { cwd: root });
    },
    async stopHeadquarters() {
      await end(headquarters);
    },
    async close({ keep = false } = {}) {
      await end(headquarters);
      if (!keep) rmSync(dir, { recursive: true, force: true });
    },
  };
  try {
    await kept.release();
    await house.startHeadquarters();
    const pins = Object.values(officers).flatMap(({ credential, pin }) => ['--pin', `${credential}=${pin}`]);
    execFileSync(
      terminalProgram,
      ['enrol', '--data', terminalData, '--headquarters', url, '--ticket', ticket, '--name', '测试终端', ...pins],
      { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] },
    );
  } catch (error) {
    await house.close({ keep: true });
    error.message += `\n(see ${dir})`;
    throw error;
  }
  return house;
}
