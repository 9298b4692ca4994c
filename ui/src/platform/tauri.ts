import { convertFileSrc, invoke, isTauri } from '@tauri-apps/api/core';
import { withLength } from './fragmented';
import { HostError, plainError, toScreenError, type CommandTable, type Host } from './host';

export const insideShell = (): boolean => isTauri();

/** The host inside the terminal's own window. */
export function tauriHost<C extends CommandTable<C>>(): Host<C> {
  const streams = convertFileSrc('', 'sanxiang');
  return {
    call: (name, payload) => ask('rpc', { name, payload }) as never,
    stream: (path) => streams + path.replace(/^\/+/, ''),
    // The web view's media player reads http and blobs, not the shell's own scheme.
    async player(path, durationMs) {
      const answer = await fetch(streams + path.replace(/^\/+/, ''));
      if (!answer.ok) throw new HostError(plainError('not_found'));
      return URL.createObjectURL(withLength(await answer.arrayBuffer(), durationMs));
    },
    async upload(path, body) {
      const bytes = new Uint8Array(await body.arrayBuffer());
      return ask('upload', bytes, { headers: { 'sanxiang-path': path } });
    },
  };
}

/** Shows the party-facing window; the shell owns it. */
export async function showPartyWindow(): Promise<void> {
  await ask('show_party_window', {});
}

async function ask(command: string, payload: never | object, options?: { headers: Record<string, string> }) {
  let answer: unknown;
  try {
    answer = await invoke(command, payload as Record<string, unknown>, options);
  } catch (thrown) {
    throw new HostError(toScreenError(thrown));
  }
  return typeof answer === 'string' ? JSON.parse(answer) : answer;
}
