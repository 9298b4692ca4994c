import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { TerminalCommands } from '@/generated/terminal.client';
import { browserHost } from './browser';
import { toScreenError } from './host';

const answer = (status: number, body: string) => vi.stubGlobal('fetch', async () => new Response(body, { status }));

afterEach(() => vi.unstubAllGlobals());

async function codeOf(status: number, body: string): Promise<string> {
  answer(status, body);
  const failed = await browserHost<TerminalCommands>().call('start_state', {}).catch(toScreenError);
  return (failed as { code: string }).code;
}

describe('the host behind HTTP', () => {
  test('answers with what the core said', async () => {
    answer(200, '{"phase":"locked"}');
    expect(await browserHost<TerminalCommands>().call('start_state', {})).toEqual({ phase: 'locked' });
  });

  test('keeps the error of the core with its articles', async () => {
    answer(409, JSON.stringify({ code: 'not_presented', args: {}, basis: [{ law: '行政处罚法', article: '55' }] }));
    const error = toScreenError(
      await browserHost<TerminalCommands>()
        .call('forms', { case_id: 'x' })
        .catch((e) => e),
    );
    expect(error.code).toBe('not_presented');
    expect(error.basis).toEqual([{ law: '行政处罚法', article: '55' }]);
    expect(error.findings).toEqual([]);
  });

  test('a captive portal is not headquarters', async () => {
    expect(await codeOf(200, '<html>Login</html>')).toBe('not_headquarters');
  });

  test('nonsense with an error status is a failure', async () => {
    expect(await codeOf(502, '<html>Bad gateway</html>')).toBe('failure');
    expect(await codeOf(500, 'null')).toBe('failure');
  });

  test('silence is told as silence', async () => {
    vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('refused')));
    const failed = await browserHost<TerminalCommands>().call('start_state', {}).catch(toScreenError);
    expect(failed).toMatchObject({ code: 'host_unreachable' });
  });
});

describe('walls', () => {
  const root = join(import.meta.dirname, '..');
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|vue)$/.test(path) && !path.startsWith('generated'))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

  test('only the platform names the shell', () => {
    const named = sources.filter(({ path, text }) => !path.startsWith('platform') && /@tauri-apps/.test(text));
    expect(named.map(({ path }) => path)).toEqual([]);
  });

  test('nothing durable lives in the web view', () => {
    const stored = sources.filter(
      ({ path, text }) => !/\.test\.ts$/.test(path) && /localStorage|indexedDB/i.test(text),
    );
    expect(stored.map(({ path }) => path)).toEqual([]);
  });

  test('Chinese stands only in the messages', () => {
    const allowed =
      /^(messages|testing)\/|\.test\.ts$|^(fields\/(plate-keys|moments)|terminal\/forms\/initials)\.ts$|^generated\//;
    const spoken = sources.filter(
      ({ path, text }) => !allowed.test(path) && /[\u4e00-\u9fff]/.test(withoutNotes(text)),
    );
    expect(spoken.map(({ path }) => path)).toEqual([]);
  });
});

/** Comments may name the Chinese term. */
function withoutNotes(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|<!--[\s\S]*?-->/g, '');
}
