/** How a party is called: the firm before the person behind it. */
export function partyName(party: Record<string, unknown>): string {
  const name = party.kind === 'person' ? party.name : (party.org_name ?? party.name);
  return typeof name === 'string' ? name : '';
}
