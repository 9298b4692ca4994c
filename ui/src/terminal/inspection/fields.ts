import type { Choice, Condition, Field, FieldKind, Section } from '@/generated/forms';
import type { TerminalMessages } from '@/messages/terminal.zh-CN';

const plain: FieldKind = { kind: 'text' };
const choice = (table: Record<string, string>): FieldKind => ({
  kind: 'choice',
  options: Object.entries(table).map(([value, label]): Choice => ({ value, label })),
});

function field(path: string, label: string, kind: FieldKind = plain, more: Partial<Field> = {}): Field {
  return { path, label, kind, required: false, when: null, hint: null, max_chars: null, basis: [], ...more };
}

const person: Condition = { path: 'party.kind', is: ['person', 'sole_trader'] };
const firm: Condition = { path: 'party.kind', is: ['organisation', 'sole_trader'] };

/** The blocks that an inspection begins with; forms are filled from them. */
export function partySection(m: TerminalMessages): Section {
  const { open } = m;
  return {
    key: 'party',
    title: open.party,
    fields: [
      field('party.kind', open.kind, choice(open.kinds), { required: true }),
      field('party.org_name', open.orgName, plain, { when: firm, required: true }),
      field('party.uscc', open.uscc, { kind: 'credit_code' }, { when: firm, required: true }),
      field('party.legal_representative', open.legalRepresentative, plain, { when: firm }),
      field('party.org_address', open.orgAddress, plain, { when: firm }),
      field('party.org_phone', open.orgPhone, { kind: 'phone' }, { when: firm }),
      field('party.permit_no', open.permitNo, plain, { when: firm }),
      field('party.name', open.name, plain, { when: person, required: true }),
      field('party.id_type', open.idType, choice(open.idTypes), { when: person }),
      field('party.id_no', open.idNo, { kind: 'resident_id' }, { when: person, required: true }),
      field('party.sex', open.sex, choice(open.sexes), { when: person }),
      field('party.age', open.age, { kind: 'integer', unit: open.years, min: 0, max: 130 }, { when: person }),
      field('party.phone', open.phone, { kind: 'phone' }, { when: person }),
      field('party.address', open.address, plain, { when: person }),
      field('party.employer', open.employer, plain, { when: person }),
      field('party.qualification_no', open.qualificationNo, plain, { when: person }),
    ],
  };
}

export function vehicleSection(m: TerminalMessages): Section {
  const { open } = m;
  return {
    key: 'vehicle',
    title: open.vehicle,
    fields: [
      field('vehicle.plate', open.plate, { kind: 'plate' }, { required: true }),
      field('vehicle.plate_colour', open.plateColour, choice(open.plateColours)),
      field('vehicle.type', open.vehicleType),
      field('vehicle.brand', open.brand),
      field('vehicle.transport_permit_no', open.transportPermitNo),
      field('vehicle.vin', open.vin),
      field('vehicle.trailer_plate', open.trailerPlate, { kind: 'plate' }),
    ],
  };
}

export function placeSection(m: TerminalMessages): Section {
  const { open } = m;
  return {
    key: 'place',
    title: open.place,
    fields: [
      field('place.text', open.placeText, plain, { required: true }),
      field('place.road_no', open.roadNo),
      field('place.stake_km', open.stakeKm, { kind: 'integer', unit: 'km', min: 0, max: 99999 }),
      field('place.stake_m', open.stakeM, { kind: 'integer', unit: 'm', min: 0, max: 999 }),
      field('place.direction', open.direction),
      field('place.division', open.division),
    ],
  };
}

export function reasonSection(m: TerminalMessages): Section {
  const { open } = m;
  return {
    key: 'reason',
    title: open.reason,
    fields: [
      field('reason', open.reason, choice(open.reasons), { required: true }),
      field('reason_note', open.reasonNote, plain, {
        when: { path: 'reason', is: ['special', 'complaint', 'transferred', 'double_random'] },
      }),
    ],
  };
}
