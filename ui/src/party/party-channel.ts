/** What the officer's window asks the party's window to show. Nothing is kept anywhere. */
export type PartyShows =
  | { show: 'badge' }
  | { show: 'reading'; title: string; preview: string; revision: number; mark: string }
  | {
      show: 'signing';
      title: string;
      preview: string;
      revision: number;
      mark: string;
      instrument_id: string;
      slot: string;
      label: string;
      name: string;
    };

/** The party's window answers when it came up or when somebody signed. */
export type PartySays = { says: 'ready' } | { says: 'signed'; instrument_id: string };

const name = 'sanxiang-party';

export function tellPartyWindow(message: PartyShows): void {
  const channel = new BroadcastChannel(name);
  channel.postMessage(message);
  channel.close();
}

export function openPartyChannel<M>(heard: (message: M) => void): {
  say(message: PartyShows | PartySays): void;
  close(): void;
} {
  const channel = new BroadcastChannel(name);
  channel.onmessage = (event: MessageEvent<M>) => heard(event.data);
  return { say: (message) => channel.postMessage(message), close: () => channel.close() };
}
