import type { TerminalCommands } from '@/generated/terminal.client';
import { browserHost } from './browser';
import type { Host } from './host';
import { insideShell, showPartyWindow, tauriHost } from './tauri';

export * from './host';
export { browserHost } from './browser';

/** The terminal's host: the shell's window, or the same commands on loopback. */
export async function terminalHost(): Promise<Host<TerminalCommands>> {
  if (import.meta.env.MODE === 'fake') return (await import('@/testing/fake-terminal')).fakeTerminal();
  return insideShell() ? tauriHost<TerminalCommands>() : browserHost<TerminalCommands>();
}

/** Brings up the window that faces the party. */
export async function openPartyWindow(): Promise<void> {
  if (insideShell()) return showPartyWindow();
  window.open('/party.html', 'sanxiang-party');
}
