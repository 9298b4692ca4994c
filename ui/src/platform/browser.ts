import { HostError, plainError, toScreenError, type CommandTable, type Host } from './host';

/** The host behind HTTP: the loopback host, headquarters' console and the public pages. */
export function browserHost<C extends CommandTable<C>>(base = '/rpc/'): Host<C> {
  return {
    async call(name, payload) {
      const body = JSON.stringify(payload);
      const answer = await ask(base + name, { body, headers: { 'content-type': 'application/json' } });
      return answer as never;
    },
    stream: (path) => '/' + path.replace(/^\/+/, ''),
    player: async (path) => '/' + path.replace(/^\/+/, ''),
    upload: (path, body) => ask('/' + path.replace(/^\/+/, ''), { body }),
  };
}

async function ask(address: string, init: { body: BodyInit; headers?: Record<string, string> }): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(address, { method: 'POST', credentials: 'same-origin', cache: 'no-store', ...init });
  } catch {
    throw new HostError(plainError('host_unreachable'));
  }
  const text = await response.text().catch(() => '');
  if (!response.ok) {
    const error = toScreenError(text);
    throw new HostError(
      error.code === 'failure' ? { ...error, args: { ...error.args, status: response.status } } : error,
    );
  }
  try {
    return JSON.parse(text);
  } catch {
    // A captive portal answers 200 with a page of its own.
    throw new HostError(plainError('not_headquarters'));
  }
}
