import { valueAt, type FormValue } from '@/fields/paths';

/** Where a form may hold the name of the one who signs, in order. */
const places: Record<string, string[]> = {
  party: ['inspected_person.name', 'person_on_site.name', 'party.name', 'party.legal_representative', 'party.org_name'],
  officer_1: ['officers.0.name'],
  officer_2: ['officers.1.name'],
  witness: ['witness.name'],
};

/** The name a signature begins with; the signer may correct it. */
export function signerName(slot: string, value: FormValue): string {
  for (const path of places[slot] ?? [`${slot}.name`, slot]) {
    const name = valueAt(value, path);
    if (typeof name === 'string' && name) return name;
  }
  return '';
}
